package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/google/cel-go/common/types"
	admissionregistration "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apiserver/pkg/admission"
	admissioncel "k8s.io/apiserver/pkg/admission/plugin/cel"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
)

// decision is what one expression of a policy comes to. A decision that depends on names is none.
type decision struct {
	isDenied bool
	// isAlways: it denies whatever the binding's actions are.
	isAlways  bool
	message   string
	dependsOn []string
	// from says which expression it comes of.
	from string
}

func (d decision) isOpen() bool { return len(d.dependsOn) > 0 }

// judge asks a policy through each of its bindings, as the API server's dispatcher does.
func (p *policy) judge(request *request) []answer {
	if isExempt(request) {
		return nil
	}
	found := p.constraints.matches(request)
	if p.kyverno != nil {
		found.certainty = found.and(p.kyverno.concerns(request))
	}
	if found.isNo() {
		return nil
	}
	judgement := &judgement{policy: p}
	for _, binding := range p.bindings {
		bound := found.certainty
		if binding.constraints != nil {
			bound = bound.and(binding.constraints.matches(request).certainty)
		}
		if !bound.isNo() {
			judgement.bind(request, binding, found, bound)
		}
	}
	return judgement.answers()
}

// isExempt: policies about policies would lock everybody out, so the API server never asks them.
func isExempt(request *request) bool {
	if request.kind.Group != admissionregistration.GroupName {
		return false
	}
	return strings.HasPrefix(request.kind.Kind, "ValidatingAdmissionPolicy") || strings.HasPrefix(request.kind.Kind, "MutatingAdmissionPolicy")
}

// judgement collects what the bindings of one policy say of one request.
type judgement struct {
	policy    *policy
	said      []answer
	dependsOn []string
}

func (j *judgement) bind(request *request, binding *binding, found match, bound certainty) {
	if found.kind != request.kind {
		// The API server would convert the object, which only it can do.
		bound = bound.and(maybe(fmt.Sprintf("the conversion to %s", found.kind.GroupVersion())))
	}
	params, err := request.set.params.collect(j.policy, binding, request)
	if err != nil {
		failure := j.policy.onError(fmt.Sprintf("failed to configure binding: %v", err))
		failure.isAlways = true
		j.add(binding, failure, bound)
		return
	}
	for _, param := range params {
		decisions := j.policy.decide(request, found, param)
		if param.ifAbsent != nil {
			decisions = unlessAbsent(decisions, param)
		}
		for _, decision := range decisions {
			j.add(binding, decision, bound)
		}
	}
}

// unlessAbsent combines what comes of a parameter that may be in the cluster with what comes of it if it is not.
func unlessAbsent(decisions []decision, param param) []decision {
	const message = "no params found for policy binding with `Deny` parameterNotFoundAction"
	isPassed := !slices.ContainsFunc(decisions, func(d decision) bool { return d.isDenied || d.isOpen() })
	denied := slices.DeleteFunc(slices.Clone(decisions), func(d decision) bool { return !d.isDenied || d.isOpen() })
	switch {
	case isPassed && !param.ifAbsent.isDenied:
		return nil
	case len(denied) > 0 && param.ifAbsent.isDenied:
		return denied
	}
	open := []decision{{message: message, dependsOn: []string{param.trail}}}
	for _, decision := range decisions {
		if decision.isOpen() {
			open[0].dependsOn = append(open[0].dependsOn, decision.dependsOn...)
		}
	}
	return open
}

// add gives a decision the effect that the binding asks for. One violation is told once, at its most severe.
func (j *judgement) add(binding *binding, decision decision, bound certainty) {
	actions := binding.Spec.ValidationActions
	switch {
	case !decision.isDenied && !decision.isOpen(), len(actions) == 0 && !decision.isAlways:
	case decision.isOpen() || !bound.isYes():
		j.dependsOn = append(j.dependsOn, decision.dependsOn...)
		j.dependsOn = append(j.dependsOn, bound.dependsOn...)
	case decision.isAlways, slices.Contains(actions, admissionregistration.Deny):
		j.say(deny, decision.message, decision.from)
	case slices.Contains(actions, admissionregistration.Warn):
		j.say(warn, decision.message, decision.from)
	default:
		j.say(audit, decision.message, decision.from)
	}
}

func (j *judgement) say(effect effect, message, from string) {
	said := answer{Rule: j.policy.rule, Effect: effect, Message: message, Path: []any{}, from: from}
	if !slices.ContainsFunc(j.said, func(other answer) bool { return other.Effect == effect && other.Message == message }) {
		j.said = append(j.said, said)
	}
}

func (j *judgement) answers() []answer {
	if len(j.dependsOn) > 0 {
		j.say(undecided, dependsOnCluster(j.dependsOn), "")
	}
	return j.said
}

func dependsOnCluster(names []string) string {
	return "This depends on the cluster: " + strings.Join(sortedUnique(names), ", ") + "."
}

// onError is what an error comes to by the policy's failurePolicy.
func (p *policy) onError(message string) decision {
	if p.Spec.FailurePolicy != nil && *p.Spec.FailurePolicy == admissionregistration.Ignore {
		return decision{}
	}
	return decision{isDenied: true, message: message}
}

// decide is the API server's validator.Validate: match conditions, validations with their messages, audit annotations,
// each with its own budget.
func (p *policy) decide(request *request, found match, param param) []decision {
	values := request.values()
	values.params = param.value
	evaluation := &evaluation{request: request, found: found, values: values, compiler: p.compiler}
	if p.kyverno != nil {
		evaluation.becomeKyverno()
	}
	decisions := p.decideMatched(evaluation)
	if p.kyverno != nil {
		return p.kyverno.except(decisions, evaluation)
	}
	return decisions
}

func (p *policy) decideMatched(evaluation *evaluation) []decision {
	matched, failure := p.matchConditions(evaluation)
	switch {
	case failure != nil:
		return []decision{*failure}
	case matched.isNo():
		return nil
	}
	decisions := p.validate(evaluation)
	for i, decision := range decisions {
		if decision.isDenied && !matched.isYes() {
			decisions[i].dependsOn = append(decision.dependsOn, matched.dependsOn...)
		}
	}
	return decisions
}

// evaluation evaluates lists of expressions for one request and one parameter.
type evaluation struct {
	request  *request
	found    match
	values   *values
	compiler *admissioncel.CompositedCompiler
	// isUnbounded: only what a single expression costs is bounded.
	isUnbounded bool
}

func (e *evaluation) run(expressions admissioncel.ConditionEvaluator, budget int64) ([]admissioncel.EvaluationResult, int64, error) {
	attributes := &admission.VersionedAttributes{Attributes: e.request.attributes, VersionedKind: e.found.kind}
	asked := admissioncel.CreateAdmissionRequest(attributes, metav1.GroupVersionResource(e.found.resource), metav1.GroupVersionKind(e.found.kind))
	ctx := e.compiler.CreateContext(withValues(context.Background(), e.values))
	if e.isUnbounded {
		budget = math.MaxInt64
	}
	return expressions.ForInput(ctx, attributes, asked, admissioncel.OptionalVariableBindings{}, nil, budget)
}

// matchConditions: any condition that is false keeps the policy out, whatever became of the others. They see no
// namespaceObject.
func (p *policy) matchConditions(evaluation *evaluation) (certainty, *decision) {
	if len(p.Spec.MatchConditions) == 0 {
		return yes, nil
	}
	namespace := evaluation.values.namespace
	if p.kyverno == nil {
		evaluation.values.namespace = types.NullValue
	}
	results, _, err := evaluation.run(p.conditions, celconfig.RuntimeCELCostBudgetMatchConditions)
	evaluation.values.namespace = namespace
	if err != nil {
		failure := p.onError(err.Error())
		return no, &failure
	}
	var failures []error
	matched := yes
	for _, result := range results {
		switch {
		case result.Error != nil:
			failures = append(failures, result.Error)
		case result.EvalResult == types.False:
			return no, nil
		case types.IsUnknown(result.EvalResult):
			matched = matched.and(maybe(dependencies(result.EvalResult)...))
		}
	}
	if len(failures) == 0 {
		return matched, nil
	}
	failure := p.onError(utilerrors.NewAggregate(failures).Error())
	failure.dependsOn = matched.dependsOn
	if !failure.isDenied {
		return no, nil
	}
	return no, &failure
}

func (p *policy) validate(evaluation *evaluation) []decision {
	results, budget, err := evaluation.run(p.validations, celconfig.RuntimeCELCostBudget)
	if err != nil {
		return []decision{p.onError(err.Error())}
	}
	messages, _, messageErr := evaluation.run(p.messages, budget)
	decisions := make([]decision, 0, len(results))
	for i, result := range results {
		var message *admissioncel.EvaluationResult
		if len(messages) > i {
			message = &messages[i]
		}
		decided := p.decideOne(p.Spec.Validations[i], result, message, messageErr)
		decided.from = fmt.Sprintf("validations[%d]", i)
		decisions = append(decisions, decided)
	}
	annotated, err := p.annotate(evaluation)
	if err != nil {
		return []decision{p.onError(err.Error())}
	}
	return append(decisions, annotated...)
}

func (p *policy) decideOne(
	validation admissionregistration.Validation, result admissioncel.EvaluationResult, message *admissioncel.EvaluationResult, messageErr error,
) decision {
	switch {
	case result.Error != nil && p.kyverno != nil:
		return p.kyverno.onError(p.onError(result.Error.Error()))
	case result.Error != nil:
		return p.onError(result.Error.Error())
	case errors.Is(messageErr, apiservercel.ErrInternal) || errors.Is(messageErr, apiservercel.ErrOutOfBudget):
		return p.onError(fmt.Sprintf("failed messageExpression: %s", messageErr))
	case types.IsUnknown(result.EvalResult):
		return decision{dependsOn: dependencies(result.EvalResult)}
	case result.EvalResult == types.True:
		return decision{}
	}
	return decision{isDenied: true, message: messageOf(validation, message)}
}

// messageOf prefers a message that was computed, if it is one line of bearable length.
func messageOf(validation admissionregistration.Validation, computed *admissioncel.EvaluationResult) string {
	if computed != nil && computed.Error == nil && computed.EvalResult != nil {
		if text, isString := computed.EvalResult.Value().(string); isString {
			text = strings.TrimSpace(text)
			if text != "" && len(text) <= celconfig.MaxEvaluatedMessageExpressionSizeBytes && !strings.Contains(text, "\n") {
				return text
			}
		}
	}
	if text := strings.TrimSpace(validation.Message); text != "" {
		return text
	}
	return fmt.Sprintf("failed expression: %v", strings.TrimSpace(validation.Expression))
}

// annotate evaluates the audit annotations, of which only errors matter here.
func (p *policy) annotate(evaluation *evaluation) ([]decision, error) {
	results, _, err := evaluation.run(p.annotations, celconfig.RuntimeCELCostBudget)
	if err != nil {
		return nil, err
	}
	var decisions []decision
	for _, result := range results {
		if result.Error != nil {
			failure := p.onError(result.Error.Error())
			failure.isAlways = p.kyverno == nil
			decisions = append(decisions, failure)
		}
	}
	return decisions, nil
}
