package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func kyvernoPolicyOf(resource, spec string) string {
	group := map[string]string{"pods": "''", "deployments": "apps", "configmaps": "''"}[resource]
	return "apiVersion: policies.kyverno.io/v1\nkind: ValidatingPolicy\nmetadata: {name: p}\nspec:\n  " +
		"matchConstraints: {resourceRules: [{apiGroups: [" + group + "], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [" + resource + "]}]}\n  " +
		strings.ReplaceAll(strings.TrimSpace(spec), "\n", "\n  ")
}

func judgeByKyverno(t *testing.T, policy string, input input) []string {
	t.Helper()
	return effectsOf(judgeOne(t, loadRequest{Kyverno: subjectsOf(t, policy)}, input))
}

func podInput(t *testing.T, namespace, spec string) input {
	pod := "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: " + namespace + ", labels: {app: a}}, spec: " + spec + "}"
	return input{Object: subject{JSON: toJSON(t, pod)}, Plural: "pods", IsNamespaced: true}
}

func TestKyvernoExpressions(t *testing.T) {
	cases := []struct{ name, expression, want string }{
		{"refused", "object.spec.replicas > 5", "deny: no"},
		{"passed", "object.spec.replicas == 3", ""},
		{"an extension of CEL that Kyverno has", "cel.bind(r, object.spec.replicas, r == math.greatest(1, 5))", "deny: no"},
		{"a base64 text", "base64.encode(b'a') == 'x'", "deny: no"},
		{"orValue of what is no optional", "object.spec.replicas.orValue(1) == 4", "deny: no"},
		{"orValue of an optional", "object.spec.?paused.orValue(true) == false", "deny: no"},
		{"no object before", "has(oldObject.spec)", "deny: no"},
		{"the cluster's objects", "resource.Get('v1', 'configmaps', 'a', 'b').data.x == 'y'", "unknown: This depends on the cluster: Kyverno's library resource."},
		{"the network", "http.Get('https://example.com').ok == true", "unknown: This depends on the cluster: Kyverno's library http."},
		{"an image's parts", "object.spec.template.spec.containers.all(c, image(c.image).registry() == 'r')", "unknown: This depends on the cluster: Kyverno's library image."},
		{"a list filtered by a variable that is called image", "object.spec.template.spec.containers.map(c, c.image).exists(image, image == 'x')", "deny: no"},
		{"decided beside a library", "object.spec.replicas > 5 && globalContext.Get('a', 'b') == 1", "deny: no"},
		{"a hash", "sha256('a') == 'b'", "unknown: This depends on the cluster: Kyverno's library hash."},
		{"the clock", "time.now() > timestamp('2020-01-01T00:00:00Z')", "unknown: This depends on the cluster: Kyverno's library time."},
		{"rounding", "math.round(1.234, 2) == 1.23", "unknown: This depends on the cluster: Kyverno's library math."},
		{"values that exceptions allow", "'x' in exceptions.allowedValues", "deny: no"},
		{"who asks", "request.userInfo.username == 'a'", "unknown: This depends on the cluster: request.userInfo."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			expression, _ := json.Marshal(c.expression)
			policy := kyvernoPolicyOf("deployments", "validations: [{expression: "+string(expression)+", message: 'no'}]")
			want := []string{}
			if c.want != "" {
				want = []string{c.want}
			}
			if got := judgeByKyverno(t, policy, deploymentInput(t, deployment)); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestKyvernoVariablesOfLibraries(t *testing.T) {
	policy := kyvernoPolicyOf("deployments", "variables:\n- {name: allowed, expression: \"resource.Get('v1', 'configmaps', 'a', 'b').data\"}\n"+
		"- {name: own, expression: object.spec.replicas}\nvalidations:\n- {expression: \"variables.allowed.x == 'y'\"}\n- {expression: variables.own > 3, message: few}")
	want := []string{"deny: few", "unknown: This depends on the cluster: Kyverno's library resource."}
	if got := judgeByKyverno(t, policy, deploymentInput(t, deployment)); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestKyvernoActions(t *testing.T) {
	for actions, want := range map[string]string{"[]": "deny: no", "[Deny]": "deny: no", "[Warn]": "warn: no", "[Audit]": "audit: no", "[Warn, Deny]": "deny: no"} {
		policy := kyvernoPolicyOf("deployments", "validationActions: "+actions+"\nvalidations: [{expression: 'false', message: 'no'}]")
		if got := judgeByKyverno(t, policy, deploymentInput(t, deployment)); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got %q", actions, got)
		}
	}
	// An error is Kyverno's to act on; under Ignore its documents and its code say different things.
	fails := "validations: [{expression: 'object.spec.nothing == 1'}]\nfailurePolicy: "
	if got := judgeByKyverno(t, kyvernoPolicyOf("deployments", fails+"Fail"), deploymentInput(t, deployment)); len(got) != 1 || !strings.HasPrefix(got[0], "deny: ") {
		t.Errorf("Fail: got %q", got)
	}
	if got := judgeByKyverno(t, kyvernoPolicyOf("deployments", fails+"Ignore"), deploymentInput(t, deployment)); len(got) != 1 || !strings.HasPrefix(got[0], "unknown: ") {
		t.Errorf("Ignore: got %q", got)
	}
}

func TestKyvernoPoliciesThatAreNotAsked(t *testing.T) {
	for _, spec := range []string{
		"evaluation: {admission: {enabled: false}}", "evaluation: {mode: JSON}",
		"matchConditions: [{name: a, expression: \"object.metadata.name == 'other'\"}]",
	} {
		policy := kyvernoPolicyOf("deployments", spec+"\nvalidations: [{expression: 'false', message: 'no'}]")
		if got := judgeByKyverno(t, policy, deploymentInput(t, deployment)); len(got) != 0 {
			t.Errorf("%s: got %q", spec, got)
		}
	}
	own := strings.Replace(kyvernoPolicyOf("deployments", "validations: [{expression: 'false', message: 'no'}]"), "ValidatingPolicy\nmetadata: {name: p}", "NamespacedValidatingPolicy\nmetadata: {name: p, namespace: other}", 1)
	if got := judgeByKyverno(t, own, deploymentInput(t, deployment)); len(got) != 0 {
		t.Errorf("another namespace: got %q", got)
	}
	answers := judgeOne(t, loadRequest{Kyverno: subjectsOf(t, strings.Replace(own, "other", "shop", 1))}, deploymentInput(t, deployment))
	if len(answers) != 1 || answers[0].Rule != "kyverno/shop/p" || answers[0].Effect != deny {
		t.Errorf("its own namespace: got %+v", answers)
	}
}

func TestKyvernoLeavesSomeNamespacesAlone(t *testing.T) {
	policy := kyvernoPolicyOf("pods", "validations: [{expression: 'false', message: 'no'}]")
	want := []string{"unknown: This depends on the cluster: the resourceFilters of Kyverno."}
	if got := judgeByKyverno(t, policy, podInput(t, "kube-system", "{containers: []}")); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestKyvernoAutogen(t *testing.T) {
	const spec = "matchConditions: [{name: here, expression: \"object.metadata.namespace == 'shop'\"}]\n" +
		"variables: [{name: containers, expression: object.spec.containers}]\n" +
		"validations: [{expression: \"variables.containers.all(c, c.image != 'web:1') && object.metadata.labels.app != ''\", message: look at object.spec}]"
	policy := kyvernoPolicyOf("pods", spec)
	if got := judgeByKyverno(t, policy, podInput(t, "shop", "{containers: [{name: web, image: 'web:1'}]}")); !slices.Equal(got, []string{"deny: look at object.spec"}) {
		t.Errorf("pod: got %q", got)
	}
	if got := judgeByKyverno(t, policy, deploymentInput(t, deployment)); !slices.Equal(got, []string{"deny: look at object.spec.template.spec"}) {
		t.Errorf("deployment: got %q", got)
	}
	const cron = "{apiVersion: batch/v1, kind: CronJob, metadata: {name: a, namespace: shop}, spec: {schedule: '', jobTemplate: {spec: {template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: 'web:1'}]}}}}}}"
	cronJob := input{Object: subject{JSON: toJSON(t, cron)}, Plural: "cronjobs", IsNamespaced: true}
	if got := judgeByKyverno(t, policy, cronJob); !slices.Equal(got, []string{"deny: look at object.spec.jobTemplate.spec.template.spec"}) {
		t.Errorf("cronjob: got %q", got)
	}
	for _, limited := range []string{spec + "\nautogen: {podControllers: {controllers: [cronjobs]}}", spec + "\nautogen: {podControllers: {controllers: []}}"} {
		if got := judgeByKyverno(t, kyvernoPolicyOf("pods", limited), deploymentInput(t, deployment)); len(got) != 0 {
			t.Errorf("%s: got %q", limited, got)
		}
	}
	if kinds := kindsOf(t, policy); !slices.Equal(kinds, []string{"/Pod", "apps/DaemonSet", "apps/Deployment", "apps/ReplicaSet", "apps/StatefulSet", "batch/CronJob", "batch/Job"}) {
		t.Errorf("kinds: %v", kinds)
	}
	selecting := strings.Replace(policy, "matchConstraints: {", "matchConstraints: {objectSelector: {matchLabels: {a: b}}, ", 1)
	if kinds := kindsOf(t, selecting); !slices.Equal(kinds, []string{"/Pod"}) {
		t.Errorf("with a selector: %v", kinds)
	}
	const jobSet = "{apiVersion: jobset.x-k8s.io/v1alpha2, kind: JobSet, metadata: {name: a, namespace: shop}, spec: {}}"
	custom := kyvernoPolicyOf("pods", spec+"\nautogen: {podControllers: {controllers: [jobsets.v1alpha2.jobset.x-k8s.io]}}")
	want := []string{"unknown: This depends on the cluster: the pod templates that Kyverno finds in a JobSet."}
	if got := judgeByKyverno(t, custom, input{Object: subject{JSON: toJSON(t, jobSet)}, Plural: "jobsets", IsNamespaced: true}); !slices.Equal(got, want) {
		t.Errorf("another kind: got %q", got)
	}
}

func kindsOf(t *testing.T, policy string) []string {
	t.Helper()
	_, result := loadSet(loadRequest{Kyverno: subjectsOf(t, policy)})
	return result.Kinds
}

func TestKyvernoExceptions(t *testing.T) {
	policy := kyvernoPolicyOf("deployments", "validations: [{expression: 'false', message: 'no'}]")
	exception := func(spec string) string {
		return "{apiVersion: policies.kyverno.io/v1, kind: PolicyException, metadata: {name: e, namespace: shop}, spec: {" + spec + "}}"
	}
	open := []string{"unknown: This depends on the cluster: the PolicyException shop/e."}
	cases := []struct {
		spec string
		want []string
	}{
		{"policyRefs: [{kind: ValidatingPolicy, name: p}]", open},
		{"policyRefs: [{kind: ValidatingPolicy, name: p}], matchConditions: [{name: a, expression: \"object.metadata.name == 'web'\"}]", open},
		{"policyRefs: [{kind: ValidatingPolicy, name: p}], matchConditions: [{name: a, expression: \"object.metadata.name == 'other'\"}]", []string{"deny: no"}},
		{"policyRefs: [{kind: ValidatingPolicy, name: q}]", []string{"deny: no"}},
		{"policyRefs: [{kind: NamespacedValidatingPolicy, name: p}]", []string{"deny: no"}},
	}
	for _, c := range cases {
		request := loadRequest{Kyverno: subjectsOf(t, policy), Exceptions: subjectsOf(t, exception(c.spec))}
		if got := effectsOf(judgeOne(t, request, deploymentInput(t, deployment))); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q", c.spec, got)
		}
	}
}

func TestKyvernoExceptionsComeBeforeMatchConditions(t *testing.T) {
	policy := kyvernoPolicyOf("deployments", "matchConditions: [{name: a, expression: object.spec.nothing == 1}]\nvalidations: [{expression: 'true'}]")
	if got := judgeByKyverno(t, policy, deploymentInput(t, deployment)); len(got) != 1 || !strings.HasPrefix(got[0], "deny: ") {
		t.Errorf("an error is refused: %q", got)
	}
	exception := "{metadata: {name: e, namespace: shop}, spec: {policyRefs: [{kind: ValidatingPolicy, name: p}]}}"
	request := loadRequest{Kyverno: subjectsOf(t, policy), Exceptions: subjectsOf(t, exception)}
	want := []string{"unknown: This depends on the cluster: the PolicyException shop/e."}
	if got := effectsOf(judgeOne(t, request, deploymentInput(t, deployment))); !slices.Equal(got, want) {
		t.Errorf("with an exception: %q", got)
	}
}

func TestKyvernoPoliciesThatDoNotCompile(t *testing.T) {
	for spec, want := range map[string]string{
		"validations: [{expression: objct.spec == 1}]":                                                                                           "spec.validations[0].expression",
		"validations: [{expression: \"authorizer.group('a').check('b').allowed()\"}]":                                                            "spec.validations[0].expression",
		"matchConditions: [{name: a, expression: variables.a}]\nvariables: [{name: a, expression: 'true'}]\nvalidations: [{expression: 'true'}]": "spec.matchConditions[0].expression",
	} {
		_, result := loadSet(loadRequest{Kyverno: subjectsOf(t, kyvernoPolicyOf("pods", spec))})
		if len(result.Problems) != 1 || result.Problems[0].Subject != "ValidatingPolicy/p" || result.Problems[0].Path != want {
			t.Errorf("%s: got %+v", spec, result.Problems)
		}
	}
}
