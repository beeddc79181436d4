package main

import (
	"maps"
	"slices"
	"strconv"

	admissionregistration "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// Policies that change objects are not applied: what they make of an object may depend on all that Git does not know, on
// their order, and on the other webhooks between them. What they may change is read off their expressions instead. A
// refusal is certain if it stands with those fields unknown; else it is not decided. What passes without them is taken to
// pass.

// mutator is a MutatingAdmissionPolicy with its bindings, or a MutatingPolicy of Kyverno's.
type mutator struct {
	*policy
	trail string
	// paths lead to the fields it may change. A step through a list is not written.
	paths [][]string
	// isOpen: it may change anything.
	isOpen bool
}

type mutationSource struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		PolicyName       string                                   `json:"policyName"`
		ParamKind        *admissionregistration.ParamKind         `json:"paramKind"`
		MatchResources   *admissionregistration.MatchResources    `json:"matchResources"`
		MatchConstraints *admissionregistration.MatchResources    `json:"matchConstraints"`
		MatchConditions  []admissionregistration.MatchCondition   `json:"matchConditions"`
		Variables        []admissionregistration.Variable         `json:"variables"`
		FailurePolicy    *admissionregistration.FailurePolicyType `json:"failurePolicy"`
		Mutations        []admissionregistration.Mutation         `json:"mutations"`
	} `json:"spec"`
}

const mutationBindingKind = "MutatingAdmissionPolicyBinding"

// loadMutators leaves out what cannot be read: the schema check tells of it, and the cluster would not take it.
func loadMutators(subjects []subject) (mutators []*mutator) {
	var sources []*mutationSource
	bindings := map[string][]*binding{}
	for _, subject := range subjects {
		source := &mutationSource{}
		if err := utiljson.Unmarshal([]byte(subject.JSON), source); err != nil {
			continue
		}
		if source.Kind == mutationBindingKind {
			name := source.Spec.PolicyName
			bindings[name] = append(bindings[name], source.toBinding())
		} else {
			sources = append(sources, source)
		}
	}
	for _, source := range sources {
		isKyverno := source.Kind != "MutatingAdmissionPolicy"
		own := bindings[source.Name]
		if isKyverno {
			own = []*binding{{}}
		}
		if mutator := source.toMutator(own, isKyverno); mutator != nil {
			mutators = append(mutators, mutator)
		}
	}
	return mutators
}

func (s *mutationSource) toBinding() *binding {
	result := &binding{}
	if s.Spec.MatchResources != nil {
		result.constraints, _ = parseConstraints(*s.Spec.MatchResources)
	}
	return result
}

// toMutator is nil for one that changes nothing.
func (s *mutationSource) toMutator(bindings []*binding, isKyverno bool) *mutator {
	if len(bindings) == 0 || len(s.Spec.Mutations) == 0 {
		return nil
	}
	source := &admissionregistration.ValidatingAdmissionPolicy{ObjectMeta: s.ObjectMeta}
	source.Spec.ParamKind, source.Spec.FailurePolicy = s.Spec.ParamKind, s.Spec.FailurePolicy
	source.Spec.MatchConstraints, source.Spec.MatchConditions = s.Spec.MatchConstraints, s.Spec.MatchConditions
	source.Spec.Variables = s.Spec.Variables
	result := &mutator{policy: &policy{ValidatingAdmissionPolicy: source, bindings: bindings}}
	if isKyverno {
		result.kyverno = &kyvernoPolicy{}
		if s.Kind == "NamespacedMutatingPolicy" {
			result.kyverno.namespace = s.Namespace
		}
	}
	result.trail = "what the " + s.Kind + " " + s.Name + " changes"
	if problems := result.compile(); len(problems) > 0 {
		if result.compiler == nil {
			return nil
		}
		// What keeps it from some objects cannot be read here: it may change any of those it is about.
		source.Spec.MatchConditions = nil
	}
	for _, mutation := range s.Spec.Mutations {
		result.readPaths(mutation)
	}
	return result
}

// mayChange says whether the mutator is, or may be, about the object.
func (m *mutator) mayChange(request *request) bool {
	if isExempt(request) {
		return false
	}
	found := m.constraints.matches(request)
	if m.kyverno != nil {
		found.certainty = found.and(m.kyverno.concerns(request))
	}
	isBound := slices.ContainsFunc(m.bindings, func(b *binding) bool {
		return b.constraints == nil || !b.constraints.matches(request).isNo()
	})
	if found.isNo() || !isBound {
		return false
	}
	values := request.values()
	values.params = newUnknown("params")
	matched, failure := m.matchConditions(&evaluation{request: request, found: found, values: values, compiler: m.compiler})
	return failure != nil || !matched.isNo()
}

// mutated is a request in which everything that mutators may change is unknown.
type mutated struct {
	request *request
	names   []string
	paths   [][]string
	isOpen  bool
}

// whenMutated is nil where no mutator is about the object.
func (r *request) whenMutated() *mutated {
	if !r.isChangeKnown {
		r.changed, r.isChangeKnown = r.mutate(), true
	}
	return r.changed
}

func (r *request) mutate() *mutated {
	result := &mutated{}
	fields, _ := copyValue(r.object.fields).(map[string]any)
	for _, mutator := range r.set.mutators {
		if !mutator.mayChange(r) {
			continue
		}
		result.names = append(result.names, mutator.trail)
		result.paths = append(result.paths, mutator.paths...)
		result.isOpen = result.isOpen || mutator.isOpen
		hidden := unknown{trail: mutator.trail}
		if mutator.isOpen {
			hideAll(fields, hidden)
		}
		for _, path := range mutator.paths {
			hideAt(fields, path, hidden)
		}
	}
	if len(result.names) == 0 {
		return nil
	}
	changed := *r
	object := *r.object
	object.fields = fields
	changed.object, changed.objectValue = &object, toPartialValue(fields)
	result.request = &changed
	return result
}

func copyValue(value any) any {
	switch value := value.(type) {
	case map[string]any:
		copied := make(map[string]any, len(value))
		for key, item := range value {
			copied[key] = copyValue(item)
		}
		return copied
	case []any:
		copied := make([]any, len(value))
		for i, item := range value {
			copied[i] = copyValue(item)
		}
		return copied
	}
	return value
}

// hideAll: nobody changes what an object is and what it is called.
func hideAll(fields map[string]any, hidden unknown) {
	for key := range maps.Clone(fields) {
		if key != "apiVersion" && key != "kind" && key != "metadata" {
			fields[key] = hidden
		}
	}
	for _, key := range []string{"labels", "annotations", "finalizers", "ownerReferences"} {
		hideAt(fields, []string{"metadata", key}, hidden)
	}
}

// hideAt puts an unknown at a path, or at the first of its steps that is not there.
func hideAt(fields map[string]any, path []string, hidden unknown) {
	step := path[0]
	child := fields[step]
	if len(path) == 1 {
		fields[step] = hidden
		return
	}
	switch at := child.(type) {
	case map[string]any:
		if path[1] != newItem {
			hideAt(at, path[1:], hidden)
		}
	case []any:
		fields[step] = hideInItems(at, path[1:], hidden)
	default:
		fields[step] = hidden
	}
}

// hideInItems: what is applied to a list changes its items, all but what they are called, or adds one. A patch that
// names an item by its place may move the others.
func hideInItems(items []any, path []string, hidden unknown) any {
	if path[0] == newItem {
		if !slices.Contains(items, any(hidden)) {
			items = append(items, hidden)
		}
		return items
	}
	if isPlace(path[0]) {
		return hidden
	}
	for _, item := range items {
		if fields, isMap := item.(map[string]any); isMap && !slices.Equal(path, []string{"name"}) {
			hideAt(fields, path, hidden)
		}
	}
	return items
}

func isPlace(step string) bool {
	_, err := strconv.Atoi(step)
	return err == nil || step == newItem
}

func refuses(answers []answer) bool {
	return slices.ContainsFunc(answers, func(a answer) bool { return a.Effect != undecided })
}

// keepCertain keeps what is refused whatever the mutators do.
func (m *mutated) keepCertain(said, whenChanged []answer) (kept []answer) {
	isOpen := false
	for _, answer := range said {
		if answer.Effect == undecided || containsAnswer(whenChanged, answer) {
			kept = append(kept, answer)
		} else {
			isOpen = true
		}
	}
	return m.addOpen(kept, said, isOpen)
}

func containsAnswer(answers []answer, wanted answer) bool {
	return slices.ContainsFunc(answers, func(a answer) bool {
		return a.Effect == wanted.Effect && (a.Message == wanted.Message || a.from != "" && a.from == wanted.from)
	})
}

// keepUntouched keeps what rules of a CustomResourceDefinition refuse at fields that no mutator comes near.
func (m *mutated) keepUntouched(said []answer) (kept []answer) {
	isOpen := false
	for _, answer := range said {
		isNear := m.isOpen || slices.ContainsFunc(m.paths, func(path []string) bool { return isAbove(answer.Path, path) })
		if answer.Effect != undecided && isNear {
			isOpen = true
		} else {
			kept = append(kept, answer)
		}
	}
	return m.addOpen(kept, said, isOpen)
}

// isAbove: one of the two leads through the other, places in lists left out.
func isAbove(field []any, path []string) bool {
	var steps []string
	for _, step := range field {
		if name, isName := step.(string); isName {
			steps = append(steps, name)
		}
	}
	path = slices.DeleteFunc(slices.Clone(path), isPlace)
	length := min(len(steps), len(path))
	return slices.Equal(steps[:length], path[:length])
}

func (m *mutated) addOpen(kept, said []answer, isOpen bool) []answer {
	if isOpen {
		kept = append(kept, answer{Rule: said[0].Rule, Effect: undecided, Message: dependsOnCluster(m.names), Path: []any{}})
	}
	return kept
}
