// Command admission judges resources as an API server would on the way in: by ValidatingAdmissionPolicies and by the
// x-kubernetes-validations of CustomResourceDefinitions, with the API server's own libraries for compiling, evaluating
// and costing CEL. What it needs of the server around them (matching, parameters, the decision made of results) is
// written again here, because in the server it hangs on informers and because it must know a third answer besides yes
// and no: what Git does not say is a CEL unknown, and a policy whose result depends on one is not decided.
//
// Unknown are: `authorizer`, `request.userInfo` and `request.options`; of `namespaceObject` everything but what the
// repository has of the namespace, or its name; parameters that the repository does not have; secret values; of
// metadata what the server writes (uid, creationTimestamp, generation, managedFields, selfLink, on updates
// resourceVersion), and a name or namespace that is not given; the status, where others write it; what the server would
// fill in and that is no constant (defaults.go). An object of another version than a policy names would have to be
// converted: that is unknown as well.
//
// Kyverno's ValidatingPolicies are judged by in the same way (kyverno.go). MutatingAdmissionPolicies are not applied: a
// refusal that hangs on a field that one of them may change is not decided (mutation.go).
//
// Not considered are what other appliers, controllers and mutating webhooks add to an object in the cluster, defaults of
// custom resources whose definition the repository does not have, and further parameters in the cluster beside those
// that a selector finds in the repository.
//
// Operations (see package abi for the frame):
//
//	load     {id, policies, bindings, kyverno, exceptions, mutations, params, namespaces: [subject], crds: [string]}
//	         → {problems, kinds}
//	unload   {id} → {}
//	evaluate {set, inputs: [{object, before, plural, isNamespaced}], answers} → {outcomes: [{answers}]}
//
// where a subject is {json, sealed}. A set is remembered until the instance ends or another one is loaded under its id.
package main

import (
	"encoding/json"
	"fmt"

	"drydock.dev/engines/abi"
)

// subject is a resource with its secret values taken out: each is null, and sealed has the JSON pointers to them.
type subject struct {
	JSON   string   `json:"json"`
	Sealed []string `json:"sealed"`
}

type loadRequest struct {
	ID         string    `json:"id"`
	Policies   []subject `json:"policies"`
	Bindings   []subject `json:"bindings"`
	Kyverno    []subject `json:"kyverno"`
	Exceptions []subject `json:"exceptions"`
	Mutations  []subject `json:"mutations"`
	Params     []subject `json:"params"`
	Namespaces []subject `json:"namespaces"`
	CRDs       []string  `json:"crds"`
}

// problem is what is wrong with a policy, binding or CRD itself.
type problem struct {
	Subject string `json:"subject"`
	Path    string `json:"path"`
	Message string `json:"message"`
}

type loadResult struct {
	Problems []problem `json:"problems"`
	// Kinds is null where anything may be matched.
	Kinds []string `json:"kinds"`
}

type input struct {
	Object       subject  `json:"object"`
	Before       *subject `json:"before"`
	Plural       string   `json:"plural"`
	IsNamespaced bool     `json:"isNamespaced"`
}

type evaluateRequest struct {
	Set     string  `json:"set"`
	Inputs  []input `json:"inputs"`
	Answers int     `json:"answers"`
}

// effect is what an answer asks for. An audit is told apart here; what the host makes of it is its own business.
type effect string

const (
	deny        effect = "deny"
	warn        effect = "warn"
	audit       effect = "audit"
	undecided   effect = "unknown"
	crdRule            = "crd-rule"
	policyRule         = "vap/"
	kyvernoRule        = "kyverno/"
)

type answer struct {
	Rule    string `json:"rule"`
	Effect  effect `json:"effect"`
	Message string `json:"message"`
	Path    []any  `json:"path"`
	// from says which expression of the policy it comes of.
	from string
}

type outcome struct {
	Answers []answer `json:"answers"`
}

type evaluateResult struct {
	Outcomes []outcome `json:"outcomes"`
}

// policySet is everything that one tree says about admission.
type policySet struct {
	policies   []*policy
	mutators   []*mutator
	params     params
	namespaces map[string]*namespaceFacts
	resources  *resources
}

var sets = map[string]*policySet{}

func init() {
	abi.Handle("load", load)
	abi.Handle("unload", unload)
	abi.Handle("evaluate", evaluate)
}

func main() {}

func load(request []byte, _ *abi.Tree) (any, error) {
	var asked loadRequest
	if err := json.Unmarshal(request, &asked); err != nil {
		return nil, err
	}
	set, result := loadSet(asked)
	sets[asked.ID] = set
	return result, nil
}

func unload(request []byte, _ *abi.Tree) (any, error) {
	var asked struct{ ID string }
	if err := json.Unmarshal(request, &asked); err != nil {
		return nil, err
	}
	delete(sets, asked.ID)
	return struct{}{}, nil
}

func loadSet(asked loadRequest) (*policySet, loadResult) {
	resources, problems := loadResources(asked.CRDs)
	set := &policySet{resources: resources}
	bindings, bad := readBindings(asked.Bindings)
	problems = append(problems, bad...)
	set.policies, bad = loadPolicies(asked.Policies, bindings)
	problems = append(problems, bad...)
	ofKyverno, bad := loadKyverno(asked.Kyverno, asked.Exceptions)
	set.policies, problems = append(set.policies, ofKyverno...), append(problems, bad...)
	set.mutators = loadMutators(asked.Mutations)
	set.params = readParams(asked.Params, resources)
	set.namespaces = readNamespaces(asked.Namespaces)
	if problems == nil {
		problems = []problem{}
	}
	return set, loadResult{Problems: problems, Kinds: set.kinds()}
}

func evaluate(request []byte, _ *abi.Tree) (any, error) {
	var asked evaluateRequest
	if err := json.Unmarshal(request, &asked); err != nil {
		return nil, err
	}
	set, isLoaded := sets[asked.Set]
	if !isLoaded {
		return nil, fmt.Errorf("the set %q was not loaded", asked.Set)
	}
	outcomes := make([]outcome, len(asked.Inputs))
	for i, input := range asked.Inputs {
		outcomes[i] = outcome{Answers: limitAnswers(set.judge(input), asked.Answers)}
	}
	return evaluateResult{Outcomes: outcomes}, nil
}

// judge gives all answers about one resource, in the order of policies, then of the CRD's rules.
func (s *policySet) judge(input input) []answer {
	request, err := s.newRequest(input)
	if err != nil {
		// The schema check says what is wrong. Nothing may pass here because of it.
		return []answer{notJudged(err)}
	}
	answers := []answer{}
	for _, policy := range s.policies {
		said := policy.judge(request)
		if refuses(said) {
			if changed := request.whenMutated(); changed != nil {
				said = changed.keepCertain(said, policy.judge(changed.request))
			}
		}
		answers = append(answers, said...)
	}
	said := s.resources.judge(request)
	if refuses(said) {
		if changed := request.whenMutated(); changed != nil {
			said = changed.keepUntouched(said)
		}
	}
	return append(answers, said...)
}

func notJudged(err error) answer {
	return answer{Rule: crdRule, Effect: undecided, Path: []any{}, Message: "No policy was asked: " + err.Error() + "."}
}

// limitAnswers cuts what is too much and says how much it was. A limit of zero is none.
func limitAnswers(answers []answer, limit int) []answer {
	if limit <= 0 || len(answers) <= limit {
		return answers
	}
	rest := answers[limit:]
	last := answer{Rule: rest[0].Rule, Effect: rest[0].Effect, Path: []any{}}
	for _, next := range rest {
		if next.Effect == deny {
			last.Rule, last.Effect = next.Rule, deny
			break
		}
	}
	last.Message = fmt.Sprintf("%d more answers of policies about this resource are not listed.", len(rest))
	return append(answers[:limit:limit], last)
}
