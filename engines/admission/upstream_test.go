package main

import (
	"context"
	"strings"
	"testing"

	admissionregistration "k8s.io/api/admissionregistration/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apiserver/pkg/admission"
	admissioncel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/apiserver/pkg/admission/plugin/policy/matching"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/warning"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
)

// verdict is what an applicant is told.
type verdict struct {
	// denied is the first reason; the API server tells no other.
	denied   string
	warnings []string
}

// asUpstream asks the API server's own dispatcher, matcher and validator, with listers instead of informers.
func asUpstream(t *testing.T, c policyCase, action admissionregistration.ValidationAction) verdict {
	t.Helper()
	policy, binding := &admissionregistration.ValidatingAdmissionPolicy{}, &admissionregistration.ValidatingAdmissionPolicyBinding{}
	policyText, bindingText := c.texts()
	decodeInto(t, policyText, policy)
	decodeInto(t, bindingText, binding)
	binding.Spec.ValidationActions = []admissionregistration.ValidationAction{action}
	defaultUpstream(policy, binding)

	namespaces := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{})
	for _, text := range append([]string{shop}, c.namespaces...) {
		namespace := &core.Namespace{}
		decodeInto(t, text, namespace)
		namespace.Labels = mergeLabels(namespace.Labels, map[string]string{nameLabel: namespace.Name})
		if err := namespaces.Add(namespace); err != nil {
			t.Fatal(err)
		}
	}
	matcher := generic.NewPolicyMatcher(matching.NewMatcher(listers.NewNamespaceLister(namespaces), fake.NewClientset()))
	dispatcher := validating.NewDispatcher(nil, matcher)
	hook := validating.PolicyHook{
		Policy: policy, Bindings: []*admissionregistration.ValidatingAdmissionPolicyBinding{binding},
		Evaluator: compileUpstream(t, policy), ParamInformer: paramsUpstream(t, c), ParamScope: meta.RESTScopeNamespace,
	}
	recorder := &warningList{}
	ctx := warning.WithWarningRecorder(context.Background(), recorder)
	object, old := objectUpstream(t, c.object), runtime.Object(nil)
	operation := admission.Create
	if c.before != "" {
		old, operation = objectUpstream(t, c.before), admission.Update
	}
	accessor, err := meta.Accessor(object)
	if err != nil {
		t.Fatal(err)
	}
	kind := object.GetObjectKind().GroupVersionKind()
	resource, _ := meta.UnsafeGuessKindToResource(kind)
	inNamespace := accessor.GetNamespace()
	if kind.Kind == "Namespace" {
		// As the API server's handlers have it.
		inNamespace = accessor.GetName()
	}
	attributes := admission.NewAttributesRecord(object, old, kind, inNamespace, accessor.GetName(), resource, "", operation, nil, false, nil)
	result := verdict{}
	err = dispatcher.Dispatch(ctx, attributes, admission.NewObjectInterfacesFromScheme(builtIn), []validating.PolicyHook{hook})
	if err != nil {
		_, result.denied, _ = strings.Cut(err.Error(), "denied request: ")
		if result.denied == "" {
			t.Fatalf("no denial: %v", err)
		}
	}
	for _, text := range *recorder {
		_, message, _ := strings.Cut(text, "with binding 'b': ")
		if !contains(result.warnings, message) {
			result.warnings = append(result.warnings, message)
		}
	}
	return result
}

func contains(list []string, text string) bool {
	for _, item := range list {
		if item == text {
			return true
		}
	}
	return false
}

func mergeLabels(a, b map[string]string) map[string]string {
	merged := map[string]string{}
	for _, labels := range []map[string]string{a, b} {
		for key, value := range labels {
			merged[key] = value
		}
	}
	return merged
}

func decodeInto(t *testing.T, text string, into any) {
	t.Helper()
	if err := utiljson.Unmarshal([]byte(toJSON(t, text)), into); err != nil {
		t.Fatal(err)
	}
}

func objectUpstream(t *testing.T, text string) runtime.Object {
	t.Helper()
	untyped := &unstructured.Unstructured{}
	if err := untyped.UnmarshalJSON([]byte(toJSON(t, text))); err != nil {
		t.Fatal(err)
	}
	kind := untyped.GroupVersionKind()
	if !builtIn.Recognizes(kind) {
		return untyped
	}
	typed, err := builtIn.New(kind)
	if err != nil {
		t.Fatal(err)
	}
	decodeInto(t, text, typed)
	return typed
}

// defaultUpstream is what the API server does when it stores policies.
func defaultUpstream(policy *admissionregistration.ValidatingAdmissionPolicy, binding *admissionregistration.ValidatingAdmissionPolicyBinding) {
	fill := func(resources *admissionregistration.MatchResources) {
		if resources == nil {
			return
		}
		equivalent := admissionregistration.Equivalent
		if resources.MatchPolicy == nil {
			resources.MatchPolicy = &equivalent
		}
		if resources.NamespaceSelector == nil {
			resources.NamespaceSelector = &metav1.LabelSelector{}
		}
		if resources.ObjectSelector == nil {
			resources.ObjectSelector = &metav1.LabelSelector{}
		}
	}
	fill(policy.Spec.MatchConstraints)
	fill(binding.Spec.MatchResources)
}

// compileUpstream is compilePolicy of the plugin, which is not exported.
func compileUpstream(t *testing.T, policy *admissionregistration.ValidatingAdmissionPolicy) validating.Validator {
	t.Helper()
	compiler, err := admissioncel.NewCompositedCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
	if err != nil {
		t.Fatal(err)
	}
	hasParams := policy.Spec.ParamKind != nil
	options := admissioncel.OptionalVariableDeclarations{HasParams: hasParams, HasAuthorizer: true}
	ofMessages := admissioncel.OptionalVariableDeclarations{HasParams: hasParams}
	var variables []admissioncel.NamedExpressionAccessor
	for _, variable := range policy.Spec.Variables {
		variables = append(variables, &validating.Variable{Name: variable.Name, Expression: variable.Expression})
	}
	compiler.CompileAndStoreVariables(variables, options, environment.StoredExpressions)
	var conditions, validations, annotations []admissioncel.ExpressionAccessor
	for i := range policy.Spec.MatchConditions {
		conditions = append(conditions, (*matchconditions.MatchCondition)(&policy.Spec.MatchConditions[i]))
	}
	messages := make([]admissioncel.ExpressionAccessor, len(policy.Spec.Validations))
	for i, validation := range policy.Spec.Validations {
		validations = append(validations, &validating.ValidationCondition{Expression: validation.Expression, Message: validation.Message, Reason: validation.Reason})
		if validation.MessageExpression != "" {
			messages[i] = &validating.MessageExpressionCondition{MessageExpression: validation.MessageExpression}
		}
	}
	for _, annotation := range policy.Spec.AuditAnnotations {
		annotations = append(annotations, &validating.AuditAnnotationCondition{Key: annotation.Key, ValueExpression: annotation.ValueExpression})
	}
	var matcher matchconditions.Matcher
	if len(conditions) > 0 {
		filter := compiler.CompileCondition(conditions, options, environment.StoredExpressions)
		matcher = matchconditions.NewMatcher(filter, policy.Spec.FailurePolicy, "policy", "validate", policy.Name)
	}
	return validating.NewValidator(
		compiler.CompileCondition(validations, options, environment.StoredExpressions), matcher,
		compiler.CompileCondition(annotations, options, environment.StoredExpressions),
		compiler.CompileCondition(messages, ofMessages, environment.StoredExpressions), policy.Spec.FailurePolicy, nil)
}

// syncedInformer is an informer that has all there is.
type syncedInformer struct {
	cache.SharedIndexInformer
	store cache.Indexer
}

func (i *syncedInformer) HasSynced() bool                     { return true }
func (i *syncedInformer) Informer() cache.SharedIndexInformer { return i }
func (i *syncedInformer) Lister() cache.GenericLister {
	return cache.NewGenericLister(i.store, schema.GroupResource{Resource: "configmaps"})
}

func paramsUpstream(t *testing.T, c policyCase) informers.GenericInformer {
	t.Helper()
	store := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	for _, text := range c.params {
		config := &core.ConfigMap{}
		decodeInto(t, text, config)
		if err := store.Add(config); err != nil {
			t.Fatal(err)
		}
	}
	return &syncedInformer{store: store}
}
