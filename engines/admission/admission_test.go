package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"drydock.dev/engines/abi/abitest"
)

// toJSON gives the JSON of YAML in a test's body.
func toJSON(t *testing.T, text string) string {
	t.Helper()
	result, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return string(result)
}

func subjectsOf(t *testing.T, texts ...string) []subject {
	t.Helper()
	subjects := []subject{}
	for _, text := range texts {
		subjects = append(subjects, subject{JSON: toJSON(t, text)})
	}
	return subjects
}

// policyOf makes a policy about deployments and a binding that denies.
func policyOf(spec string) (policy, binding string) {
	policy = `{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: p}}`
	policy = "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: p}\nspec:\n  " +
		strings.ReplaceAll(strings.TrimSpace(spec), "\n", "\n  ")
	if !strings.Contains(spec, "matchConstraints") {
		policy += "\n  matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}]}"
	}
	binding = "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {name: b}\nspec: {policyName: p, validationActions: [Deny]}"
	return policy, binding
}

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "web:1"}]
`

func judgeOne(t *testing.T, request loadRequest, input input) []answer {
	t.Helper()
	set, result := loadSet(request)
	if len(result.Problems) > 0 {
		t.Fatalf("problems: %+v", result.Problems)
	}
	return set.judge(input)
}

func deploymentInput(t *testing.T, object string) input {
	return input{Object: subject{JSON: toJSON(t, object)}, Plural: "deployments", IsNamespaced: true}
}

func effectsOf(answers []answer) []string {
	effects := []string{}
	for _, answer := range answers {
		effects = append(effects, string(answer.Effect)+": "+answer.Message)
	}
	return effects
}

func TestWhatGitDoesNotKnowIsNotDecided(t *testing.T) {
	cases := []struct{ name, expression, want string }{
		{"the namespace", "namespaceObject.metadata.labels['team'] == 'a'", `unknown: This depends on the cluster: namespaceObject.metadata.labels["team"].`},
		{"the namespace's name is in the manifest", "namespaceObject.metadata.name == 'shop'", ""},
		{"the label with the namespace's name", "namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == 'x'", "deny: failed expression: namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == 'x'"},
		{"the user", "request.userInfo.username == 'admin'", "unknown: This depends on the cluster: request.userInfo."},
		{"the authorizer", "authorizer.group('').resource('pods').check('get').allowed()", "unknown: This depends on the cluster: authorizer."},
		{"the request's resource and the authorizer", "authorizer.requestResource.check('get').allowed()", "unknown: This depends on the cluster: authorizer."},
		{"decided by what is known", "object.spec.replicas > 5 && request.userInfo.username == 'admin'", "deny: failed expression: object.spec.replicas > 5 && request.userInfo.username == 'admin'"},
		{"decided the other way round", "request.userInfo.username == 'admin' || object.spec.replicas == 3", ""},
		{"the status", "object.status.readyReplicas > 0", "unknown: This depends on the cluster: object.status."},
		{"uid", "object.metadata.uid != ''", "unknown: This depends on the cluster: object.metadata.uid."},
		{"whether the server fills it in", "has(object.metadata.managedFields)", "unknown: This depends on the cluster: object.metadata.managedFields."},
		{"a default inside a comprehension", "object.spec.template.spec.containers.all(c, c.imagePullPolicy == 'Always')", "unknown: This depends on the cluster: object.spec.template.spec.containers[0].imagePullPolicy."},
		{"known beside unknown in a list", "object.spec.template.spec.containers.exists(c, c.name == 'other' && c.imagePullPolicy == 'Always')", "deny: failed expression: object.spec.template.spec.containers.exists(c, c.name == 'other' && c.imagePullPolicy == 'Always')"},
		{"a constant default", "object.spec.template.spec.restartPolicy == 'Always' && object.spec.progressDeadlineSeconds == 600", ""},
		{"an empty default", "has(object.spec.template.spec.securityContext) && !has(object.spec.template.spec.securityContext.runAsNonRoot)", ""},
		{"options", "request.options.fieldManager == 'x'", "unknown: This depends on the cluster: request.options."},
		{"the operation is known", "request.operation == 'CREATE' && oldObject == null && request.name == 'web' && request.namespace == 'shop'", ""},
		{"equality with something partly unknown", "object.metadata == {'name': 'other'}", "deny: failed expression: object.metadata == {'name': 'other'}"},
		{"two things", "request.userInfo.username == 'a' || object.metadata.generation == 2", "unknown: This depends on the cluster: object.metadata.generation, request.userInfo."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			expression, _ := json.Marshal(c.expression)
			policy, binding := policyOf(`validations: [{expression: ` + string(expression) + `}]`)
			answers := judgeOne(t, loadRequest{Policies: subjectsOf(t, policy), Bindings: subjectsOf(t, binding)}, deploymentInput(t, deployment))
			want := []string{}
			if c.want != "" {
				want = []string{c.want}
			}
			if got := effectsOf(answers); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestOperationsOverTheABI(t *testing.T) {
	policy, binding := policyOf(`validations: [{expression: "object.spec.replicas < 3", message: too many}]`)
	loaded := abitest.Call(nil, map[string]any{"op": "load", "id": "one", "policies": subjectsOf(t, policy), "bindings": subjectsOf(t, binding)})
	if string(loaded.Ok) != `{"problems":[],"kinds":["apps/Deployment"]}` {
		t.Fatalf("load: %s %+v", loaded.Ok, loaded.Error)
	}
	judged := abitest.Call(nil, map[string]any{"op": "evaluate", "set": "one", "inputs": []input{deploymentInput(t, deployment)}})
	const want = `{"outcomes":[{"answers":[{"rule":"vap/p","effect":"deny","message":"too many","path":[]}]}]}`
	if string(judged.Ok) != want {
		t.Errorf("evaluate: %s %+v", judged.Ok, judged.Error)
	}
}
