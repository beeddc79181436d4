package main

import (
	"slices"
	"strings"
	"testing"
)

const mutationBinding = "{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingAdmissionPolicyBinding, metadata: {name: b}, spec: {policyName: m}}"

func mutationOf(expression string) string {
	field := "applyConfiguration"
	if strings.Contains(expression, "JSONPatch") {
		field = "jsonPatch"
	}
	return "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingAdmissionPolicy\nmetadata: {name: m}\nspec:\n" +
		"  matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}]}\n" +
		"  mutations:\n  - {patchType: x, " + field + ": {expression: '" + strings.ReplaceAll(expression, "'", "''") + "'}}"
}

const openByMutation = "unknown: This depends on the cluster: what the MutatingAdmissionPolicy m changes."

func TestWhatMutationsMayChangeIsNotRefused(t *testing.T) {
	const team = `object.metadata.labels["team"] == "a"`
	const pinned = `object.spec.template.spec.containers.all(c, c.image.contains("@"))`
	const helped = `object.spec.template.spec.containers.exists(c, c.name == "helper")`
	cases := []struct {
		name, mutation, validation string
		isOpen                     bool
	}{
		{"a label that is applied", `Object{metadata: Object.metadata{labels: {"team": "a"}}}`, team, true},
		{"another label", `Object{metadata: Object.metadata{labels: {"stage": "a"}}}`, team, false},
		{"a label with a computed name", `Object{metadata: Object.metadata{labels: {object.metadata.name: "a"}}}`, team, true},
		{"a label that is patched", `[JSONPatch{op: "add", path: "/metadata/labels/team", value: "a"}]`, team, true},
		{"a label with a slash", `[JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("x/team"), value: "a"}]`, team, true},
		{"another field", `[JSONPatch{op: "replace", path: "/spec/replicas", value: 1}]`, team, false},
		{"a path that is computed", `[JSONPatch{op: "add", path: object.metadata.name, value: 1}]`, team, true},
		{"a field of all containers", `Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: object.spec.template.spec.containers.map(c, Object.spec.template.spec.containers{name: c.name, image: "a@b"})}}}}`, pinned, true},
		{"another field of all containers", `Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: object.spec.template.spec.containers.map(c, Object.spec.template.spec.containers{name: c.name, imagePullPolicy: "Never"})}}}}`, pinned, false},
		{"one more container", `Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: "helper", image: "x"}]}}}}`, helped, true},
		{"one more container, patched", `[JSONPatch{op: "add", path: "/spec/template/spec/containers/-", value: {"name": "helper"}}]`, helped, true},
		{"one more container, and one that is wrong", `[JSONPatch{op: "add", path: "/spec/template/spec/containers/-", value: {"name": "helper"}}]`, pinned, false},
		{"a container replaced", `[JSONPatch{op: "replace", path: "/spec/template/spec/containers/0", value: {"name": "helper"}}]`, pinned, true},
		{"what cannot be read", `(((`, team, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			policy, binding := policyOf("validations: [{expression: '" + c.validation + "', message: refused}]")
			request := loadRequest{Policies: subjectsOf(t, policy), Bindings: subjectsOf(t, binding)}
			if got := effectsOf(judgeOne(t, request, deploymentInput(t, deployment))); len(got) == 0 {
				t.Fatalf("without a mutation: %q", got)
			}
			request.Mutations = subjectsOf(t, mutationOf(c.mutation), mutationBinding)
			want := []string{"deny: refused"}
			if c.isOpen {
				want = []string{openByMutation}
			}
			got := effectsOf(judgeOne(t, request, deploymentInput(t, deployment)))
			if !c.isOpen && len(got) == 1 && strings.HasPrefix(got[0], "deny: ") {
				got = want
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestMutationsThatAreNotAboutTheObject(t *testing.T) {
	policy, binding := policyOf("validations: [{expression: object.spec.replicas > 5, message: few}]")
	about := mutationOf(`Object{spec: Object.spec{replicas: 6}}`)
	judge := func(mutations ...string) []string {
		request := loadRequest{Policies: subjectsOf(t, policy), Bindings: subjectsOf(t, binding), Mutations: subjectsOf(t, mutations...)}
		return effectsOf(judgeOne(t, request, deploymentInput(t, deployment)))
	}
	if got := judge(about, mutationBinding); !slices.Equal(got, []string{openByMutation}) {
		t.Errorf("about it: %q", got)
	}
	for name, mutations := range map[string][]string{
		"no binding":        {about},
		"other resources":   {strings.Replace(about, "deployments", "statefulsets", 1), mutationBinding},
		"a condition":       {about + "\n  matchConditions: [{name: a, expression: \"object.metadata.name == 'other'\"}]", mutationBinding},
		"a binding's match": {about, strings.Replace(mutationBinding, "policyName: m", "policyName: m, matchResources: {objectSelector: {matchLabels: {a: b}}}", 1)},
	} {
		if got := judge(mutations...); !slices.Equal(got, []string{"deny: few"}) {
			t.Errorf("%s: %q", name, got)
		}
	}
	kyverno := strings.NewReplacer("admissionregistration.k8s.io", "policies.kyverno.io", "MutatingAdmissionPolicy", "MutatingPolicy").Replace(about)
	if got := judge(kyverno); !slices.Equal(got, []string{"unknown: This depends on the cluster: what the MutatingPolicy m changes."}) {
		t.Errorf("Kyverno's: %q", got)
	}
}

func TestMutationsOfCustomResources(t *testing.T) {
	const crd = `{metadata: {name: shops.example.com}, spec: {group: example.com, scope: Namespaced, names: {kind: Shop, plural: shops}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}, max: {type: integer}}, x-kubernetes-validations: [{rule: self.size <= self.max, message: big}]}}}}}]}}`
	shop := input{Object: subject{JSON: toJSON(t, "{apiVersion: example.com/v1, kind: Shop, metadata: {name: a, namespace: b}, spec: {size: 4, max: 1}}")}, Plural: "shops", IsNamespaced: true}
	about := func(expression string) string {
		return strings.NewReplacer("apps", "example.com", "deployments", "shops").Replace(mutationOf(expression))
	}
	judge := func(mutation string) []string {
		return effectsOf(judgeOne(t, loadRequest{CRDs: []string{toJSON(t, crd)}, Mutations: subjectsOf(t, mutation, mutationBinding)}, shop))
	}
	if got := judge(about(`Object{spec: Object.spec{max: 5}}`)); !slices.Equal(got, []string{openByMutation}) {
		t.Errorf("inside of what the rule is about: %q", got)
	}
	if got := judge(about(`Object{metadata: Object.metadata{labels: {"a": "b"}}}`)); !slices.Equal(got, []string{"deny: big"}) {
		t.Errorf("elsewhere: %q", got)
	}
}
