package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	celgo "github.com/google/cel-go/cel"
	admissionregistration "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	admissioncel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// expression is one CEL expression of a policy with what it may give.
type expression struct {
	source string
	types  []*celgo.Type
}

func (e *expression) GetExpression() string      { return e.source }
func (e *expression) ReturnTypes() []*celgo.Type { return e.types }

// variable is a named expression, which others use as `variables.<name>`.
type variable struct {
	expression
	name string
}

func (v *variable) GetName() string { return v.name }

// policy is a compiled ValidatingAdmissionPolicy with the bindings that name it. Other kinds of policies are judged by as
// one, with what is different about them beside it.
type policy struct {
	*admissionregistration.ValidatingAdmissionPolicy
	// rule is what its answers are called by, subject what its problems are told of.
	rule, subject string
	// kyverno is nil for what the API server judges itself.
	kyverno     *kyvernoPolicy
	constraints *constraints
	bindings    []*binding
	compiler    *admissioncel.CompositedCompiler
	// conditions, validations, messages and annotations stand in the order of the policy's own lists.
	conditions, validations, messages, annotations admissioncel.ConditionEvaluator
}

type binding struct {
	*admissionregistration.ValidatingAdmissionPolicyBinding
	// constraints is nil for a binding that adds none.
	constraints *constraints
}

// constraints are matchResources with their selectors parsed.
type constraints struct {
	admissionregistration.MatchResources
	namespaces, objects labels.Selector
}

var (
	boolean      = []*celgo.Type{celgo.BoolType}
	text         = []*celgo.Type{celgo.StringType}
	textOrNull   = []*celgo.Type{celgo.StringType, celgo.NullType}
	anything     = []*celgo.Type{celgo.AnyType, celgo.DynType}
	selfTypeName = regexp.MustCompile(`selfType\d+`)
)

func loadPolicies(subjects []subject, bindings []*binding) (policies []*policy, problems []problem) {
	for _, subject := range subjects {
		source := &admissionregistration.ValidatingAdmissionPolicy{}
		if err := utiljson.Unmarshal([]byte(subject.JSON), source); err != nil {
			problems = append(problems, unreadable("ValidatingAdmissionPolicy", subject))
			continue
		}
		policy, bad := compilePolicy(source)
		problems = append(problems, bad...)
		for _, binding := range bindings {
			if binding.Spec.PolicyName == source.Name {
				policy.bindings = append(policy.bindings, binding)
			}
		}
		if len(bad) == 0 && len(policy.bindings) > 0 {
			policies = append(policies, policy)
		}
	}
	slices.SortFunc(policies, func(a, b *policy) int { return cmp.Compare(a.Name, b.Name) })
	return policies, problems
}

func readBindings(subjects []subject) (bindings []*binding, problems []problem) {
	for _, subject := range subjects {
		source := &admissionregistration.ValidatingAdmissionPolicyBinding{}
		if err := utiljson.Unmarshal([]byte(subject.JSON), source); err != nil {
			problems = append(problems, unreadable("ValidatingAdmissionPolicyBinding", subject))
			continue
		}
		name := "ValidatingAdmissionPolicyBinding/" + source.Name
		binding := &binding{ValidatingAdmissionPolicyBinding: source}
		if source.Spec.MatchResources != nil {
			var err error
			if binding.constraints, err = parseConstraints(*source.Spec.MatchResources); err != nil {
				problems = append(problems, problem{name, "spec.matchResources", err.Error()})
				continue
			}
		}
		if source.Spec.ParamRef != nil && source.Spec.ParamRef.Selector != nil {
			if _, err := metav1.LabelSelectorAsSelector(source.Spec.ParamRef.Selector); err != nil {
				problems = append(problems, problem{name, "spec.paramRef.selector", err.Error()})
				continue
			}
		}
		bindings = append(bindings, binding)
	}
	slices.SortFunc(bindings, func(a, b *binding) int { return cmp.Compare(a.Name, b.Name) })
	return bindings, problems
}

func unreadable(kind string, subject subject) problem {
	var named struct {
		Metadata struct{ Name any }
	}
	_ = json.Unmarshal([]byte(subject.JSON), &named)
	return problem{fmt.Sprintf("%s/%v", kind, named.Metadata.Name), "", "This is no " + kind + " of admissionregistration.k8s.io/v1: a field has the wrong type."}
}

// parseConstraints gives what is absent its default, as the API server does when a policy is stored.
func parseConstraints(resources admissionregistration.MatchResources) (*constraints, error) {
	result := &constraints{MatchResources: resources}
	if result.MatchPolicy == nil {
		equivalent := admissionregistration.Equivalent
		result.MatchPolicy = &equivalent
	}
	if result.NamespaceSelector == nil {
		result.NamespaceSelector = &metav1.LabelSelector{}
	}
	if result.ObjectSelector == nil {
		result.ObjectSelector = &metav1.LabelSelector{}
	}
	var err error
	if result.namespaces, err = metav1.LabelSelectorAsSelector(result.NamespaceSelector); err != nil {
		return nil, err
	}
	result.objects, err = metav1.LabelSelectorAsSelector(result.ObjectSelector)
	return result, err
}

// compilePolicy compiles every expression and names each that does not, as the API server does when a policy is written.
func compilePolicy(source *admissionregistration.ValidatingAdmissionPolicy) (*policy, []problem) {
	name := "ValidatingAdmissionPolicy/" + source.Name
	compiled := &policy{ValidatingAdmissionPolicy: source, rule: policyRule + source.Name, subject: name}
	problems := compiled.compile()
	if len(source.Spec.Validations) == 0 && len(source.Spec.AuditAnnotations) == 0 {
		problems = append(problems, problem{name, "spec.validations", "A policy has to have validations or auditAnnotations."})
	}
	return compiled, problems
}

func (p *policy) compile() []problem {
	if p.Spec.MatchConstraints == nil || len(p.Spec.MatchConstraints.ResourceRules) == 0 {
		return []problem{{p.subject, "spec.matchConstraints.resourceRules", "A policy has to name the resources it is about."}}
	}
	var err error
	if p.constraints, err = parseConstraints(*p.Spec.MatchConstraints); err != nil {
		return []problem{{p.subject, "spec.matchConstraints", err.Error()}}
	}
	if p.compiler, err = compilerFor(p); err != nil {
		return []problem{{p.subject, "spec", err.Error()}}
	}
	writer := &policyWriter{policy: p, name: p.subject, hasParams: p.Spec.ParamKind != nil}
	if p.kyverno == nil {
		writer.variables(p.Spec.Variables)
		writer.conditions(p.Spec.MatchConditions)
	} else {
		// Kyverno compiles conditions before there are variables: they cannot use any.
		writer.conditions(p.Spec.MatchConditions)
		writer.variables(p.Spec.Variables)
	}
	writer.compileAll(p.Spec)
	return writer.problems
}

// withoutVariables compiles all policies that have none: making a compiler takes 25 ms in WASM, and variables are all
// that it remembers of a policy. By whether they are Kyverno's.
var withoutVariables = map[bool]*admissioncel.CompositedCompiler{}

func compilerFor(policy *policy) (*admissioncel.CompositedCompiler, error) {
	isKyverno, hasVariables := policy.kyverno != nil, len(policy.Spec.Variables) > 0
	if known := withoutVariables[isKyverno]; !hasVariables && known != nil {
		return known, nil
	}
	set := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion())
	if isKyverno {
		var err error
		if set, err = kyvernoEnvironment(set); err != nil {
			return nil, err
		}
	}
	compiler, err := admissioncel.NewCompositedCompiler(set)
	if err != nil {
		return nil, err
	}
	compiler.Compiler = gitCompiler{compiler.Compiler}
	if !hasVariables {
		withoutVariables[isKyverno] = compiler
	}
	return compiler, nil
}

// policyWriter compiles the expressions of one policy and notes what is wrong with them.
type policyWriter struct {
	policy    *policy
	name      string
	hasParams bool
	problems  []problem
}

func (w *policyWriter) add(path, message string) {
	w.problems = append(w.problems, problem{w.name, path, selfTypeName.ReplaceAllString(message, "self")})
}

// variables are compiled in their order: each may use those before it.
func (w *policyWriter) variables(variables []admissionregistration.Variable) {
	options := w.options(true)
	for i, source := range variables {
		result := w.policy.compiler.CompileAndStoreVariable(
			&variable{expression{source.Expression, anything}, source.Name}, options, environment.StoredExpressions)
		if result.Error != nil {
			w.add(fmt.Sprintf("spec.variables[%d].expression", i), result.Error.Detail)
		}
	}
}

// options declare what expressions may name. Kyverno has no authorizer.
func (w *policyWriter) options(hasAuthorizer bool) admissioncel.OptionalVariableDeclarations {
	return admissioncel.OptionalVariableDeclarations{HasParams: w.hasParams, HasAuthorizer: hasAuthorizer && w.policy.kyverno == nil}
}

func (w *policyWriter) conditions(source []admissionregistration.MatchCondition) {
	conditions := make([]*expression, len(source))
	for i, condition := range source {
		conditions[i] = &expression{condition.Expression, boolean}
	}
	w.policy.conditions = w.compile(conditions, true, "spec.matchConditions[%d].expression")
}

func (w *policyWriter) compileAll(spec admissionregistration.ValidatingAdmissionPolicySpec) {
	validations := make([]*expression, len(spec.Validations))
	messages := make([]*expression, len(spec.Validations))
	for i, validation := range spec.Validations {
		validations[i] = &expression{validation.Expression, boolean}
		if validation.MessageExpression != "" {
			messages[i] = &expression{validation.MessageExpression, text}
		}
	}
	annotations := make([]*expression, len(spec.AuditAnnotations))
	for i, annotation := range spec.AuditAnnotations {
		annotations[i] = &expression{annotation.ValueExpression, textOrNull}
	}
	w.policy.validations = w.compile(validations, true, "spec.validations[%d].expression")
	w.policy.annotations = w.compile(annotations, true, "spec.auditAnnotations[%d].valueExpression")
	// A message must not depend on what the requester may do: the authorizer is not declared there.
	w.policy.messages = w.compile(messages, false, "spec.validations[%d].messageExpression")
}

func (w *policyWriter) compile(expressions []*expression, hasAuthorizer bool, path string) admissioncel.ConditionEvaluator {
	options := w.options(hasAuthorizer)
	results := make([]admissioncel.CompilationResult, len(expressions))
	for i, expression := range expressions {
		if expression == nil {
			continue
		}
		if strings.TrimSpace(expression.source) == "" {
			w.add(fmt.Sprintf(path, i), "There is no expression.")
		}
		results[i] = w.policy.compiler.CompileCELExpression(expression, options, environment.StoredExpressions)
		if results[i].Error != nil {
			w.add(fmt.Sprintf(path, i), results[i].Error.Detail)
		}
	}
	return admissioncel.NewCondition(results)
}
