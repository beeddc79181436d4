package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/cel-go/common/types"
	admissionregistration "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	admissioncel "k8s.io/apiserver/pkg/admission/plugin/cel"
)

// Kyverno's ValidatingPolicies (policies.kyverno.io, its 1.19) are ValidatingAdmissionPolicies with their bindings
// inside, and are judged by as such. What differs:
//
//   - a policy about pods is also one about everything that makes pods (autogen);
//   - `oldObject` is an empty object where there was none, and match conditions see `namespaceObject`;
//   - an error in an expression follows the policy's actions whatever its failurePolicy is, against its own documents:
//     under Ignore it is not decided;
//   - PolicyExceptions take effect where Kyverno is told to look for them, and objects of some namespaces never come to
//     Kyverno unless it is told otherwise: a refusal is not decided there;
//   - libraries of its own (kyverno_library.go) are unknown;
//   - only single expressions have a cost limit.

// kyvernoSource is a ValidatingPolicy or a NamespacedValidatingPolicy, in any version.
type kyvernoSource struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              kyvernoSpec `json:"spec"`
}

type kyvernoSpec struct {
	MatchConstraints  *admissionregistration.MatchResources    `json:"matchConstraints"`
	MatchConditions   []admissionregistration.MatchCondition   `json:"matchConditions"`
	Variables         []admissionregistration.Variable         `json:"variables"`
	Validations       []admissionregistration.Validation       `json:"validations"`
	AuditAnnotations  []admissionregistration.AuditAnnotation  `json:"auditAnnotations"`
	FailurePolicy     *admissionregistration.FailurePolicyType `json:"failurePolicy"`
	ValidationActions []admissionregistration.ValidationAction `json:"validationActions"`
	Evaluation        struct {
		Mode      string `json:"mode"`
		Admission struct {
			Enabled *bool `json:"enabled"`
		} `json:"admission"`
	} `json:"evaluation"`
	Autogen struct {
		PodControllers *struct {
			Controllers []string `json:"controllers"`
		} `json:"podControllers"`
	} `json:"autogen"`
}

// isJudged: Kyverno asks the policy on the way in, about resources of Kubernetes.
func (s *kyvernoSource) isJudged() bool {
	evaluation := s.Spec.Evaluation
	isOn := evaluation.Admission.Enabled == nil || *evaluation.Admission.Enabled
	isAboutResources := evaluation.Mode == "" || evaluation.Mode == "Kubernetes"
	return isOn && isAboutResources && s.Spec.MatchConstraints != nil && len(s.Spec.MatchConstraints.ResourceRules) > 0
}

// kyvernoPolicy is what a policy of Kyverno's has beside what the API server knows.
type kyvernoPolicy struct {
	// namespace is the one that a NamespacedValidatingPolicy is about, "" for all.
	namespace  string
	exceptions []*exception
	// isExtracted: pod templates are looked for in a kind that is not known here.
	isExtracted bool
}

// exception is a PolicyException that names the policy.
type exception struct {
	trail      string
	conditions admissioncel.ConditionEvaluator
}

type exceptionSource struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		PolicyRefs []struct {
			Name string `json:"name"`
			Kind string `json:"kind"`
		} `json:"policyRefs"`
		MatchConditions []admissionregistration.MatchCondition `json:"matchConditions"`
	} `json:"spec"`
}

func loadKyverno(subjects, exceptions []subject) (policies []*policy, problems []problem) {
	sources, problems := readKyverno(subjects)
	for _, source := range sources {
		if !source.isJudged() {
			continue
		}
		compiled, bad := source.compile(exceptions)
		policies, problems = append(policies, compiled...), append(problems, bad...)
	}
	slices.SortStableFunc(policies, func(a, b *policy) int { return cmp.Compare(a.rule, b.rule) })
	return policies, problems
}

func readKyverno(subjects []subject) (sources []*kyvernoSource, problems []problem) {
	for _, subject := range subjects {
		source := &kyvernoSource{}
		if err := utiljson.Unmarshal([]byte(subject.JSON), source); err != nil {
			bad := unreadable("ValidatingPolicy", subject)
			bad.Message = "This is no ValidatingPolicy of policies.kyverno.io: a field has the wrong type."
			problems = append(problems, bad)
			continue
		}
		sources = append(sources, source)
	}
	return sources, problems
}

// compile gives the policy itself and those that it stands for. Where it does not compile, neither do they.
func (s *kyvernoSource) compile(exceptions []subject) (policies []*policy, problems []problem) {
	name := s.Name
	if s.Kind == "NamespacedValidatingPolicy" {
		name = s.Namespace + "/" + s.Name
	}
	for _, variant := range append([]kyvernoVariant{{spec: s.Spec}}, s.Spec.autogen()...) {
		compiled := variant.toPolicy(s.Name)
		compiled.rule, compiled.subject = kyvernoRule+name, s.Kind+"/"+name
		compiled.kyverno.isExtracted = variant.isExtracted
		if s.Kind == "NamespacedValidatingPolicy" {
			compiled.kyverno.namespace = s.Namespace
		}
		if problems = compiled.compile(); len(problems) > 0 {
			return nil, problems
		}
		compiled.kyverno.exceptions = compiled.findExceptions(s, exceptions)
		policies = append(policies, compiled)
	}
	return policies, nil
}

func (v kyvernoVariant) toPolicy(name string) *policy {
	spec := v.spec
	actions := spec.ValidationActions
	if len(actions) == 0 {
		actions = []admissionregistration.ValidationAction{admissionregistration.Deny}
	}
	everywhere := &admissionregistration.ValidatingAdmissionPolicyBinding{}
	everywhere.Spec.ValidationActions = actions
	source := &admissionregistration.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: name}}
	source.Spec = admissionregistration.ValidatingAdmissionPolicySpec{
		MatchConstraints: spec.MatchConstraints,
		MatchConditions:  spec.MatchConditions,
		Variables:        spec.Variables,
		Validations:      spec.Validations,
		AuditAnnotations: spec.AuditAnnotations,
		FailurePolicy:    spec.FailurePolicy,
	}
	return &policy{
		ValidatingAdmissionPolicy: source,
		kyverno:                   &kyvernoPolicy{},
		bindings:                  []*binding{{ValidatingAdmissionPolicyBinding: everywhere}},
	}
}

// findExceptions compiles those that name the policy. One whose conditions do not compile may be about anything.
func (p *policy) findExceptions(source *kyvernoSource, subjects []subject) (exceptions []*exception) {
	for _, subject := range subjects {
		var read exceptionSource
		if err := utiljson.Unmarshal([]byte(subject.JSON), &read); err != nil {
			continue
		}
		for _, reference := range read.Spec.PolicyRefs {
			if reference.Name != source.Name || reference.Kind != source.Kind {
				continue
			}
			writer := &policyWriter{policy: &policy{kyverno: p.kyverno, compiler: p.compiler}}
			writer.conditions(read.Spec.MatchConditions)
			found := &exception{trail: "the PolicyException " + read.Namespace + "/" + read.Name}
			if len(writer.problems) == 0 {
				found.conditions = writer.policy.conditions
			}
			exceptions = append(exceptions, found)
		}
	}
	return exceptions
}

// withoutKyverno are the namespaces that Kyverno leaves alone unless its settings say otherwise.
var withoutKyverno = []string{"kube-system", "kube-public", "kube-node-lease", "kyverno"}

// concerns says whether the object comes to the policy at all.
func (k *kyvernoPolicy) concerns(request *request) certainty {
	result := yes
	if k.namespace != "" {
		switch {
		case !request.isNamespaced:
			return no
		case request.object.namespace == "":
			result = maybe("request.namespace")
		case request.object.namespace != k.namespace:
			return no
		}
	}
	if request.isNamespaced && slices.Contains(withoutKyverno, request.object.namespace) {
		result = result.and(maybe("the resourceFilters of Kyverno"))
	}
	if k.isExtracted {
		result = result.and(maybe("the pod templates that Kyverno finds in a " + request.kind.Kind))
	}
	return result
}

func (e *evaluation) becomeKyverno() {
	e.isUnbounded = true
	if e.values.oldObject == types.NullValue {
		e.values.oldObject = toPartialValue(map[string]any{})
	}
}

// onError is for errors of expressions that are not match conditions.
func (k *kyvernoPolicy) onError(byFailurePolicy decision) decision {
	if byFailurePolicy.isDenied {
		return byFailurePolicy
	}
	return decision{dependsOn: []string{"what Kyverno makes of an error under the failurePolicy Ignore"}}
}

// except leaves open what exceptions of the repository may let pass.
func (k *kyvernoPolicy) except(decisions []decision, evaluation *evaluation) []decision {
	var names []string
	for _, exception := range k.exceptions {
		if exception.mayMatch(evaluation) {
			names = append(names, exception.trail)
		}
	}
	if len(names) == 0 {
		return decisions
	}
	for i, decision := range decisions {
		if decision.isDenied || decision.isOpen() {
			decisions[i].dependsOn = append(decision.dependsOn, names...)
		}
	}
	return decisions
}

func (e *exception) mayMatch(evaluation *evaluation) bool {
	if e.conditions == nil {
		return true
	}
	results, _, err := evaluation.run(e.conditions, 0)
	return err != nil || !slices.ContainsFunc(results, func(result admissioncel.EvaluationResult) bool {
		return result.Error == nil && result.EvalResult == types.False
	})
}

// kyvernoVariant is a policy as written, or one that it stands for.
type kyvernoVariant struct {
	spec        kyvernoSpec
	isExtracted bool
}

// podMakers are the kinds that a policy about pods is extended to.
var podMakers = map[string]struct{ group, template string }{
	"daemonsets":   {"apps", "spec.template"},
	"deployments":  {"apps", "spec.template"},
	"replicasets":  {"apps", "spec.template"},
	"statefulsets": {"apps", "spec.template"},
	"jobs":         {"batch", "spec.template"},
	"cronjobs":     {"batch", "spec.jobTemplate.spec.template"},
}

// autogen gives the policies that one about nothing but pods stands for, one for each kind of their makers. Their
// expressions and messages are the policy's with other paths, as Kyverno writes them: in the text.
func (s *kyvernoSpec) autogen() (variants []kyvernoVariant) {
	if !s.isAboutPods() {
		return nil
	}
	controllers := sortedKeys(podMakers)
	if asked := s.Autogen.PodControllers; asked != nil && asked.Controllers != nil {
		controllers = sortedUnique(slices.Clone(asked.Controllers))
	}
	for _, template := range []string{"spec.template", "spec.jobTemplate.spec.template"} {
		resources := map[string][]string{}
		for _, controller := range controllers {
			if maker, isKnown := podMakers[controller]; isKnown && maker.template == template {
				resources[maker.group] = append(resources[maker.group], controller)
			}
		}
		if len(resources) > 0 {
			variants = append(variants, kyvernoVariant{spec: s.about(resources, "v1", rewritePaths(template))})
		}
	}
	for _, controller := range controllers {
		// Any other kind is written <resource>.<version>.<group>; a bare name is looked up in the cluster.
		if resource, rest, isWhole := strings.Cut(controller, "."); isWhole {
			if version, group, isWhole := strings.Cut(rest, "."); isWhole {
				spec := s.about(map[string][]string{group: {resource}}, version, func(text string) string { return text })
				spec.Validations = []admissionregistration.Validation{{Expression: "false"}}
				spec.MatchConditions, spec.Variables, spec.AuditAnnotations = nil, nil, nil
				variants = append(variants, kyvernoVariant{spec: spec, isExtracted: true})
			}
		}
	}
	return variants
}

func (s *kyvernoSpec) isAboutPods() bool {
	match := s.MatchConstraints
	if len(match.ResourceRules) != 1 || len(match.ExcludeResourceRules) > 0 {
		return false
	}
	if selector := match.ObjectSelector; selector != nil && len(selector.MatchLabels)+len(selector.MatchExpressions) > 0 {
		return false
	}
	rule := match.ResourceRules[0]
	return len(rule.ResourceNames) == 0 && slices.Equal(rule.APIGroups, []string{""}) &&
		slices.Equal(rule.APIVersions, []string{"v1"}) && slices.Equal(rule.Resources, []string{"pods"})
}

// about is the policy for other resources, by group.
func (s *kyvernoSpec) about(resources map[string][]string, version string, rewrite func(string) string) kyvernoSpec {
	spec := *s
	spec.MatchConstraints = &admissionregistration.MatchResources{NamespaceSelector: s.MatchConstraints.NamespaceSelector}
	for _, group := range sortedKeys(resources) {
		rule := s.MatchConstraints.ResourceRules[0]
		rule.APIGroups, rule.APIVersions, rule.Resources, rule.Scope = []string{group}, []string{version}, resources[group], nil
		spec.MatchConstraints.ResourceRules = append(spec.MatchConstraints.ResourceRules, rule)
	}
	spec.MatchConditions = slices.Clone(s.MatchConditions)
	for i := range spec.MatchConditions {
		spec.MatchConditions[i].Expression = rewrite(spec.MatchConditions[i].Expression)
	}
	spec.Variables = slices.Clone(s.Variables)
	for i := range spec.Variables {
		spec.Variables[i].Expression = rewrite(spec.Variables[i].Expression)
	}
	spec.Validations = slices.Clone(s.Validations)
	for i, validation := range spec.Validations {
		spec.Validations[i].Expression = rewrite(validation.Expression)
		spec.Validations[i].Message = rewrite(validation.Message)
		spec.Validations[i].MessageExpression = rewrite(validation.MessageExpression)
	}
	spec.AuditAnnotations = slices.Clone(s.AuditAnnotations)
	for i := range spec.AuditAnnotations {
		spec.AuditAnnotations[i].ValueExpression = rewrite(spec.AuditAnnotations[i].ValueExpression)
	}
	return spec
}

// rewritePaths puts the template's path in front of `spec` and `metadata`. A namespace stays that of the object.
func rewritePaths(template string) func(string) string {
	return func(text string) string {
		for _, field := range []string{"spec", "metadata"} {
			for _, root := range []string{"object", "oldObject"} {
				text = rewritePath(text, root+"."+field, root+"."+template+"."+field)
			}
		}
		return text
	}
}

func rewritePath(text, from, to string) string {
	parts := strings.Split(text, from)
	for i, rest := range parts[1:] {
		if after, isNamespace := strings.CutPrefix(rest, ".namespace"); isNamespace && !startsName(after) {
			parts[i+1] = from + rest
		} else {
			parts[i+1] = to + rest
		}
	}
	return strings.Join(parts, "")
}

func startsName(text string) bool {
	return text != "" && (text[0] == '_' || text[0] >= '0' && text[0] <= '9' || text[0] >= 'A' && text[0] <= 'Z' || text[0] >= 'a' && text[0] <= 'z')
}
