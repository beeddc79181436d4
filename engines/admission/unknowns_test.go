package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/cel-go/common/types"
)

func TestComparingWhatIsKnownInPart(t *testing.T) {
	part := func(fields map[string]any) *partialMap { return &partialMap{fields: fields} }
	hidden := unknown{trail: "x", isPresent: true}
	absent := unknown{trail: "y"}
	cases := []struct {
		name string
		a    *partialMap
		b    map[string]any
		want string
	}{
		{"alike", part(map[string]any{"a": "1"}), map[string]any{"a": "1"}, "true"},
		{"different beside unknown", part(map[string]any{"a": "1", "b": hidden}), map[string]any{"a": "2", "b": "1"}, "false"},
		{"open", part(map[string]any{"a": "1", "b": hidden}), map[string]any{"a": "1", "b": "1"}, "x"},
		{"present and unknown against absent", part(map[string]any{"b": hidden}), map[string]any{}, "false"},
		{"perhaps absent against absent", part(map[string]any{"b": absent}), map[string]any{}, "y"},
		{"one key more", part(map[string]any{"b": hidden}), map[string]any{"b": "1", "c": "1"}, "false"},
		{"open keys", &partialMap{fields: map[string]any{"a": "1"}, rest: "z"}, map[string]any{"a": "1"}, "z"},
		{"open keys and a difference", &partialMap{fields: map[string]any{"a": "1"}, rest: "z"}, map[string]any{"a": "2"}, "false"},
		{"in a list", part(map[string]any{"l": []any{"1", hidden}}), map[string]any{"l": []any{"1", "2"}}, "x"},
		{"a list that differs", part(map[string]any{"l": []any{"1", hidden}}), map[string]any{"l": []any{"0", "2"}}, "false"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, other := range []any{c.b, nil} {
				right := types.DefaultTypeAdapter.NativeToValue(other)
				want := c.want
				if other == nil {
					want = "false"
				}
				got := c.a.Equal(right)
				text := strings.Join(dependencies(got), ",")
				if !types.IsUnknown(got) {
					text = map[bool]string{true: "true", false: "false"}[got == types.True]
				}
				if text != want {
					t.Errorf("against %v: got %s, want %s", other, text, want)
				}
			}
		})
	}
}

func TestCertaintyAnd(t *testing.T) {
	for _, c := range []struct {
		got  certainty
		want string
	}{
		{yes.and(yes), "yes"}, {yes.and(no), "no"}, {no.and(maybe("a")), "no"}, {maybe("a").and(no), "no"},
		{maybe("a").and(yes), "a"}, {yes.and(maybe("b")), "b"}, {maybe("a").and(maybe("b")), "a,b"},
	} {
		text := strings.Join(c.got.dependsOn, ",")
		if c.got.isYes() {
			text = "yes"
		}
		if c.got.isNo() {
			text = "no"
		}
		if text != c.want {
			t.Errorf("got %s, want %s", text, c.want)
		}
	}
}

func TestAnotherVersionIsNotDecided(t *testing.T) {
	const scaler = `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a, namespace: b}, spec: {maxReplicas: 3}}`
	policy, binding := policyOf("validations: [{expression: 'object.spec.maxReplicas < 3', message: few}]\nmatchConstraints: {resourceRules: [{apiGroups: [autoscaling], apiVersions: [v1], operations: ['*'], resources: [horizontalpodautoscalers]}]}")
	request := loadRequest{Policies: subjectsOf(t, policy), Bindings: subjectsOf(t, binding)}
	object := input{Object: subject{JSON: toJSON(t, scaler)}, Plural: "horizontalpodautoscalers", IsNamespaced: true}
	want := []string{"unknown: This depends on the cluster: the conversion to autoscaling/v1."}
	if got := effectsOf(judgeOne(t, request, object)); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	request.Policies = subjectsOf(t, strings.Replace(policy, "matchConstraints: {", "matchConstraints: {matchPolicy: Exact, ", 1))
	if got := judgeOne(t, request, object); len(got) != 0 {
		t.Errorf("exact: got %+v", got)
	}
}

func TestDefaultsThatAreFilledIn(t *testing.T) {
	const service = `{apiVersion: v1, kind: Service, metadata: {name: a, namespace: b}, spec: {ports: [{port: 80}, {port: 81, targetPort: 8080, protocol: UDP}]}}`
	cases := map[string]string{
		"object.spec.type == 'ClusterIP' && object.spec.sessionAffinity == 'None'":                         "",
		"object.spec.ports[0].protocol == 'TCP' && object.spec.ports[1].protocol == 'UDP'":                 "",
		"object.spec.ports[1].targetPort == 8080":                                                          "",
		"object.spec.ports[0].targetPort == 80":                                                            "object.spec.ports[0].targetPort",
		"has(object.spec.clusterIP)":                                                                       "object.spec.clusterIP",
		"object.spec.ports.all(p, p.nodePort > 1)":                                                         "object.spec.ports[0].nodePort, object.spec.ports[1].nodePort",
		"!has(object.spec.externalName) && !has(object.spec.selector) && !has(object.spec.loadBalancerIP)": "",
	}
	for expression, want := range cases {
		policy, binding := policyOf("validations: [{expression: \"" + expression + "\"}]\nmatchConstraints: {resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [services]}]}")
		object := input{Object: subject{JSON: toJSON(t, service)}, Plural: "services", IsNamespaced: true}
		got := effectsOf(judgeOne(t, loadRequest{Policies: subjectsOf(t, policy), Bindings: subjectsOf(t, binding)}, object))
		wanted := []string{}
		if want != "" {
			wanted = []string{"unknown: This depends on the cluster: " + want + "."}
		}
		if !slices.Equal(got, wanted) {
			t.Errorf("%s: got %q, want %q", expression, got, wanted)
		}
	}
}

func TestKindsOfASet(t *testing.T) {
	about := func(resources string) []string {
		policy, binding := policyOf("validations: [{expression: 'true'}]\nmatchConstraints: {resourceRules: [" + resources + "]}")
		_, result := loadSet(loadRequest{Policies: subjectsOf(t, policy), Bindings: subjectsOf(t, binding)})
		return result.Kinds
	}
	if got := about("{apiGroups: ['', apps], apiVersions: [v1], operations: ['*'], resources: [services]}"); got != nil {
		t.Errorf("a resource that is in no group: %v", got)
	}
	if got := about("{apiGroups: [apps], apiVersions: [v1], operations: ['*'], resources: [statefulsets, deployments]}"); !slices.Equal(got, []string{"apps/Deployment", "apps/StatefulSet"}) {
		t.Errorf("got %v", got)
	}
	if got := about("{apiGroups: ['*'], apiVersions: [v1], operations: ['*'], resources: [pods]}"); got != nil {
		t.Errorf("all groups: %v", got)
	}
	policy, _ := policyOf("validations: [{expression: 'true'}]")
	if _, result := loadSet(loadRequest{Policies: subjectsOf(t, policy)}); len(result.Kinds) != 0 || result.Kinds == nil {
		t.Errorf("without a binding: %v", result.Kinds)
	}
}
