package main

import (
	"fmt"
	"testing"
)

// BenchmarkTwentyPolicies judges one Deployment by twenty policies of two validations each.
func BenchmarkTwentyPolicies(b *testing.B) {
	expressions := []string{
		"object.spec.replicas < 900", "object.spec.template.spec.containers.all(c, c.image.contains(':'))",
		"has(object.metadata.labels.app)", "object.spec.template.spec.containers.all(c, !has(c.securityContext))",
	}
	var request loadRequest
	for i := range 20 {
		name := fmt.Sprintf("p%d", i)
		request.Policies = append(request.Policies, subject{JSON: fmt.Sprintf(`{"metadata":{"name":%q},"spec":{
			"matchConstraints":{"resourceRules":[{"apiGroups":["apps"],"apiVersions":["v1"],"operations":["*"],"resources":["deployments"]}]},
			"variables":[{"name":"c","expression":"object.spec.template.spec.containers"}],
			"validations":[{"expression":%q,"messageExpression":"'no: ' + object.metadata.name"},{"expression":"variables.c.size() < 5"}]}}`, name, expressions[i%4])})
		request.Bindings = append(request.Bindings, subject{JSON: fmt.Sprintf(`{"metadata":{"name":%q},"spec":{"policyName":%q,"validationActions":["Deny"]}}`, name, name)})
	}
	set, result := loadSet(request)
	if len(result.Problems) > 0 {
		b.Fatal(result.Problems)
	}
	const object = `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop","labels":{"app":"web"}},
		"spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
		"spec":{"containers":[{"name":"a","image":"a:1","ports":[{"containerPort":80}]},{"name":"b","image":"b:2"}]}}}}`
	for b.Loop() {
		if answers := set.judge(input{Object: subject{JSON: object}, Plural: "deployments", IsNamespaced: true}); len(answers) != 0 {
			b.Fatal(answers)
		}
	}
}
