package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	admissionregistration "k8s.io/api/admissionregistration/v1"
)

// policyCase has everything that a policy asks for, so that its verdict must be the API server's.
type policyCase struct {
	name string
	// spec is the policy's, without matchConstraints where those of all cases serve.
	spec string
	// binding is added to the binding's spec.
	binding        string
	object, before string
	// namespaces beside `shop`.
	namespaces []string
	params     []string
	// isQuiet: neither denied nor warned of. It guards against cases in which nothing happens on both sides.
	isQuiet bool
}

const everything = "\nmatchConstraints: {resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: [CREATE, UPDATE], resources: ['*']}]}"

func (c policyCase) texts() (policy, binding string) {
	spec := strings.TrimSpace(c.spec)
	if !strings.Contains(spec, "matchConstraints") {
		spec += everything
	}
	policy = "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: p}\nspec:\n  " +
		strings.ReplaceAll(spec, "\n", "\n  ")
	binding = "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {name: b}\nspec:\n  policyName: p\n"
	if c.binding != "" {
		binding += "  " + strings.ReplaceAll(strings.TrimSpace(c.binding), "\n", "\n  ")
	}
	return policy, binding
}

func widget(spec string) string {
	return "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: shop, labels: {app: w, tier: front}}\nspec: " + spec
}

// repeated gives a list of numbers that comprehensions can go through.
func repeated(count int) string {
	items := make([]string, count)
	for i := range items {
		items[i] = fmt.Sprint(i)
	}
	return "[" + strings.Join(items, ", ") + "]"
}

const (
	shop      = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: a, env: prod}}"
	limits    = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: limits, namespace: shop, labels: {role: limits}}\ndata: {max: '3', names: 'a,b'}"
	others    = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: others, namespace: shop, labels: {role: limits}}\ndata: {max: '1', names: 'c'}"
	paramKind = "paramKind: {apiVersion: v1, kind: ConfigMap}\n"
	// Each goes through its list three times over itself.
	dear = "object.spec.items.all(a, object.spec.items.all(b, object.spec.items.all(c, a + b + c >= 0)))"
)

func severalValidations(count int, expression string) string {
	return "validations:\n" + strings.Repeat("- {expression: '"+expression+"', messageExpression: \"'m'\"}\n", count)
}

var policyCases = []policyCase{
	{name: "allowed", spec: "validations: [{expression: 'object.spec.replicas == 3'}]", object: widget("{replicas: 3}"), isQuiet: true},
	{name: "denied by its expression", spec: "validations: [{expression: ' object.spec.replicas > 3 '}]", object: widget("{replicas: 3}")},
	{name: "a message", spec: "validations: [{expression: 'false', message: '  No.  '}]", object: widget("{}")},
	{name: "a computed message", spec: "validations: [{expression: 'false', messageExpression: \"'has ' + string(object.spec.replicas)\"}]", object: widget("{replicas: 3}")},
	{name: "a computed message that fails", spec: "validations: [{expression: 'false', message: m, messageExpression: 'string(object.spec.absent)'}]", object: widget("{}")},
	{name: "a computed message of two lines", spec: `validations: [{expression: 'false', message: m, messageExpression: "'a\\nb'"}]`, object: widget("{}")},
	{name: "a computed message that is too long", spec: "validations: [{expression: 'false', message: m, messageExpression: \"object.spec.items.map(i, '0123456789').join('')\"}]", object: widget("{items: " + repeated(600) + "}")},
	{name: "an empty computed message", spec: "validations: [{expression: 'false', messageExpression: \"'  '\"}]", object: widget("{}")},
	{name: "two validations", spec: "validations: [{expression: 'false', message: a}, {expression: 'true', message: b}, {expression: 'false', message: c}]", object: widget("{}")},
	{name: "an error denies", spec: "validations: [{expression: 'object.spec.absent == 1'}]", object: widget("{}")},
	{name: "an error is ignored", spec: "failurePolicy: Ignore\nvalidations: [{expression: 'object.spec.absent == 1'}]", object: widget("{}"), isQuiet: true},
	{name: "an error that does not matter", spec: "validations: [{expression: 'object.spec.absent == 1 || true'}]", object: widget("{}"), isQuiet: true},
	{name: "an index out of bounds", spec: "validations: [{expression: 'object.spec.items[5] == 1'}]", object: widget("{items: [1]}")},
	{name: "a division by zero", spec: "validations: [{expression: '1 / object.spec.replicas == 1'}]", object: widget("{replicas: 0}")},
	{name: "no such overload", spec: "validations: [{expression: 'object.spec.replicas + object.spec.name == 1'}]", object: widget("{replicas: 0, name: x}")},
	{name: "variables", spec: "variables: [{name: num, expression: 'object.spec.replicas * 2'}, {name: big, expression: 'variables.num > 5'}]\nvalidations: [{expression: '!variables.big', messageExpression: \"'is ' + string(variables.num)\"}]", object: widget("{replicas: 3}")},
	{name: "a variable that fails", spec: "variables: [{name: num, expression: 'object.spec.absent'}]\nvalidations: [{expression: 'variables.num == 1'}]", object: widget("{}")},
	{name: "a variable nobody uses", spec: "variables: [{name: num, expression: 'object.spec.absent'}]\nvalidations: [{expression: 'true'}]", object: widget("{}"), isQuiet: true},
	{name: "a match condition keeps it out", spec: "matchConditions: [{name: a, expression: 'object.spec.replicas > 5'}]\nvalidations: [{expression: 'false'}]", object: widget("{replicas: 3}"), isQuiet: true},
	{name: "match conditions let it in", spec: "matchConditions: [{name: a, expression: 'object.spec.replicas > 1'}, {name: b, expression: 'true'}]\nvalidations: [{expression: 'false'}]", object: widget("{replicas: 3}")},
	{name: "a match condition that fails", spec: "matchConditions: [{name: a, expression: 'object.spec.absent == 1'}]\nvalidations: [{expression: 'true'}]", object: widget("{}")},
	{name: "two match conditions that fail", spec: "matchConditions: [{name: a, expression: 'object.spec.absent == 1'}, {name: b, expression: 'object.spec.missing == 1'}]\nvalidations: [{expression: 'true'}]", object: widget("{}")},
	{name: "a match condition that fails beside a false one", spec: "matchConditions: [{name: a, expression: 'object.spec.absent == 1'}, {name: b, expression: 'false'}]\nvalidations: [{expression: 'false'}]", object: widget("{}"), isQuiet: true},
	{name: "a match condition that fails and is ignored", spec: "failurePolicy: Ignore\nmatchConditions: [{name: a, expression: 'object.spec.absent == 1'}]\nvalidations: [{expression: 'false'}]", object: widget("{}"), isQuiet: true},
	{name: "namespaceObject is null in match conditions", spec: "matchConditions: [{name: a, expression: 'namespaceObject != null'}]\nvalidations: [{expression: 'false'}]", object: widget("{}"), isQuiet: true},
	{name: "namespaceObject", spec: "validations: [{expression: \"namespaceObject.metadata.labels.team != 'a'\"}]", object: widget("{}")},
	{name: "an update", spec: "validations: [{expression: 'object.spec.replicas >= oldObject.spec.replicas', message: fewer}]", object: widget("{replicas: 2}"), before: widget("{replicas: 3}")},
	{name: "a creation", spec: "validations: [{expression: 'oldObject != null', message: new}]", object: widget("{replicas: 2}")},
	{name: "the operation", spec: "validations: [{expression: \"request.operation == 'CREATE'\"}]", object: widget("{}"), before: widget("{}")},
	{name: "the request's names", spec: "validations: [{expression: \"request.name == 'w' && request.namespace == 'shop' && request.kind.kind == 'Widget' && request.resource.resource == 'widgets' && request.dryRun == false && request.requestKind.group == 'example.com'\"}, {expression: 'false'}]", object: widget("{}")},
	{name: "creations alone", spec: "validations: [{expression: 'false'}]\nmatchConstraints: {resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: [CREATE], resources: ['*']}]}", object: widget("{}"), before: widget("{}"), isQuiet: true},
	{name: "another resource", spec: "validations: [{expression: 'false'}]\nmatchConstraints: {resourceRules: [{apiGroups: ['example.com'], apiVersions: ['*'], operations: ['*'], resources: ['gadgets']}]}", object: widget("{}"), isQuiet: true},
	{name: "a subresource", spec: "validations: [{expression: 'false'}]\nmatchConstraints: {resourceRules: [{apiGroups: ['example.com'], apiVersions: ['*'], operations: ['*'], resources: ['widgets/scale']}]}", object: widget("{}"), isQuiet: true},
	{name: "excluded", spec: "validations: [{expression: 'false'}]\nmatchConstraints: {excludeResourceRules: [{apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['*'], resources: ['widgets']}], resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']}]}", object: widget("{}"), isQuiet: true},
	{name: "cluster scope", spec: "validations: [{expression: 'false'}]\nmatchConstraints: {resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'], scope: Cluster}]}", object: widget("{}"), isQuiet: true},
	{name: "a resource's name", spec: "validations: [{expression: 'false'}]\nmatchConstraints: {resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'], resourceNames: [w]}]}", object: widget("{}")},
	{name: "an object selector", spec: "validations: [{expression: 'false'}]\nmatchConstraints: {objectSelector: {matchLabels: {tier: back}}, resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']}]}", object: widget("{}"), isQuiet: true},
	{name: "an object selector that held before", spec: "validations: [{expression: 'false'}]\nmatchConstraints: {objectSelector: {matchLabels: {tier: back}}, resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']}]}", object: widget("{}"), before: strings.Replace(widget("{}"), "front", "back", 1)},
	{name: "a namespace selector", spec: "validations: [{expression: 'false'}]", binding: "matchResources: {namespaceSelector: {matchExpressions: [{key: env, operator: In, values: [prod]}]}}", object: widget("{}")},
	{name: "a namespace selector that does not hold", spec: "validations: [{expression: 'false'}]", binding: "matchResources: {namespaceSelector: {matchLabels: {env: dev}}}", object: widget("{}"), isQuiet: true},
	{name: "the namespace's own label", spec: "validations: [{expression: 'false'}]", binding: "matchResources: {namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [shop]}]}}", object: widget("{}"), isQuiet: true},
	{name: "a parameter", spec: paramKind + "validations: [{expression: 'object.spec.replicas < int(params.data.max)', messageExpression: \"'at most ' + params.data.max\"}]", binding: "paramRef: {name: limits, parameterNotFoundAction: Deny}", object: widget("{replicas: 4}"), params: []string{limits}},
	{name: "a parameter's kind", spec: paramKind + "validations: [{expression: \"params.kind == 'ConfigMap' && params.apiVersion == 'v1' && params.metadata.name == 'limits'\"}, {expression: 'false'}]", binding: "paramRef: {name: limits, parameterNotFoundAction: Deny}", object: widget("{}"), params: []string{limits}},
	{name: "selected parameters", spec: paramKind + "validations: [{expression: 'object.spec.replicas < int(params.data.max)', messageExpression: \"'at most ' + params.data.max\"}]", binding: "paramRef: {selector: {matchLabels: {role: limits}}, parameterNotFoundAction: Deny}", object: widget("{replicas: 2}"), params: []string{limits, others}},
	{name: "no paramRef", spec: paramKind + "validations: [{expression: 'params == null', message: some}, {expression: 'params != null', message: none}]", object: widget("{}")},
	{name: "a paramRef in another namespace", spec: paramKind + "validations: [{expression: \"params.data.max == '4'\"}]", binding: "paramRef: {name: limits, namespace: shop, parameterNotFoundAction: Deny}", object: strings.Replace(widget("{}"), "namespace: shop", "namespace: other", 1), namespaces: []string{"{apiVersion: v1, kind: Namespace, metadata: {name: other}}"}, params: []string{limits}},
	{name: "a call that costs too much", spec: "validations: [{expression: '" + dear + "'}]", object: widget("{items: " + repeated(80) + "}")},
	{name: "a call that costs too much is ignored", spec: "failurePolicy: Ignore\nvalidations: [{expression: '" + dear + "'}, {expression: 'false', message: other}]", object: widget("{items: " + repeated(80) + "}")},
	{name: "together they cost too much", spec: severalValidations(16, dear), object: widget("{items: " + repeated(54) + "}")},
	{name: "match conditions cost too much", spec: "matchConditions: [{name: a, expression: '" + dear + "'}, {name: b, expression: '" + dear + "'}, {name: c, expression: '" + dear + "'}, {name: d, expression: '" + dear + "'}]\nvalidations: [{expression: 'true'}]", object: widget("{items: " + repeated(54) + "}")},
	{name: "a variable costs too much", spec: "variables: [{name: num, expression: '" + dear + "'}]\nvalidations: [{expression: 'variables.num'}]", object: widget("{items: " + repeated(80) + "}")},
	{name: "an audit annotation that fails denies", spec: "auditAnnotations: [{key: k, valueExpression: 'string(object.spec.absent)'}]\nvalidations: [{expression: 'true'}]", object: widget("{}")},
	{name: "an audit annotation", spec: "auditAnnotations: [{key: k, valueExpression: \"'x'\"}]", object: widget("{}"), isQuiet: true},
	{name: "libraries", spec: "validations: [{expression: \"quantity(object.spec.memory).isLessThan(quantity('1Gi')) && url(object.spec.url).getHost() == 'a.b' && object.spec.name.find('[0-9]+') == '12' && [3, 1].min() == 1 && sets.contains(['a', 'b'], ['a']) && ip('10.0.0.1').family() == 4 && semver('1.2.3').major() == 1 && !format.dns1123Label().validate(object.spec.name).hasValue()\"}, {expression: 'false'}]", object: widget("{memory: 512Mi, url: 'https://a.b/c', name: x12}")},
	{name: "optionals and macros", spec: "validations: [{expression: \"object.?spec.?absent.orValue(7) == 7 && object.spec.items.exists_one(i, i == 1) && object.spec.items.map(i, i * 2).filter(i, i > 2).size() == 1 && object.spec.items.sortBy(i, -i)[0] == 2\"}, {expression: 'has(object.spec.absent)', message: last}]", object: widget("{items: [1, 2]}")},
	{name: "comparing maps and lists", spec: "validations: [{expression: \"object.spec.m == {'a': [1], 'b': [1, 2]} && object.spec.items == [1, 2] && 2 in object.spec.items && 'a' in object.spec.m && object.spec != oldObject.spec\"}, {expression: 'object.spec.m == oldObject.spec.m', message: differs}]", object: widget("{m: {a: [1], b: [1, 2]}, items: [1, 2]}"), before: widget("{m: {a: [1], b: [1]}}")},
	{name: "numbers", spec: "validations: [{expression: 'object.spec.big == 9223372036854775807 && object.spec.half == 0.5 && object.spec.half < object.spec.one && type(object.spec.one) == int'}, {expression: 'false'}]", object: widget("{big: 9223372036854775807, half: 0.5, one: 1}")},
	{name: "a built-in kind", spec: "validations: [{expression: \"object.spec.template.spec.containers.all(c, c.image.contains(':'))\", message: tag}]", object: strings.Replace(deployment, "web:1", "web", 1)},
	{name: "quantities of a built-in kind", spec: "validations: [{expression: \"object.spec.template.spec.containers[0].resources.limits.cpu == '1'\", message: one}, {expression: \"object.spec.template.spec.containers[0].resources.limits.memory == '1Gi'\", message: memory}]", object: strings.Replace(deployment, `image: "web:1"`, `image: "web:1", resources: {limits: {cpu: 1000m, memory: 1024Mi}}`, 1), isQuiet: true},
	{name: "a field that is spelt otherwise", spec: "validations: [{expression: 'has(object.spec.paused)', message: none}]", object: strings.Replace(deployment, "replicas: 3", "Paused: true", 1)},
	{name: "what a built-in kind always has", spec: "validations: [{expression: 'has(object.spec.template.spec.containers[0].resources) && !has(object.spec.template.spec.containers[0].resources.limits) && object.spec.unknownField == 1'}]", object: deployment},
	{name: "a Namespace", spec: "validations: [{expression: \"object.metadata.labels['kubernetes.io/metadata.name'] == 'shop' && request.namespace == 'shop' && namespaceObject == null\", message: first}, {expression: 'false'}]", object: strings.Replace(shop, "labels: {", "labels: {kubernetes.io/metadata.name: shop, ", 1)},
}

func TestPoliciesAsTheAPIServer(t *testing.T) {
	if len(policyCases) < 30 {
		t.Fatalf("only %d cases", len(policyCases))
	}
	for _, c := range policyCases {
		t.Run(c.name, func(t *testing.T) {
			// A denial tells the first reason alone, warnings tell all. What is dear is tried once.
			actions := []admissionregistration.ValidationAction{admissionregistration.Deny, admissionregistration.Warn}
			if strings.Contains(c.spec, dear) {
				actions = actions[:1]
			}
			for _, action := range actions {
				want := asUpstream(t, c, action)
				got := asEngine(t, c, action)
				if got.denied != want.denied || !slices.Equal(got.warnings, want.warnings) {
					t.Errorf("%s:\n got %+v\nwant %+v", action, got, want)
				}
				if isQuiet := want.denied == "" && len(want.warnings) == 0; isQuiet != c.isQuiet {
					t.Errorf("%s: the API server says %+v", action, want)
				}
			}
		})
	}
}

// asEngine asks this engine. A policy that does not compile is a problem here and no verdict: the case of a policy
// that is stored nevertheless is compared by its evaluation.
func asEngine(t *testing.T, c policyCase, action admissionregistration.ValidationAction) verdict {
	t.Helper()
	policyText, bindingText := c.texts()
	bindingText += "\n  validationActions: [" + string(action) + "]"
	set, result := loadSet(loadRequest{
		Policies: subjectsOf(t, policyText), Bindings: subjectsOf(t, bindingText),
		Params: subjectsOf(t, c.params...), Namespaces: subjectsOf(t, append([]string{shop}, c.namespaces...)...),
	})
	if len(result.Problems) > 0 {
		t.Fatalf("problems: %+v", result.Problems)
	}
	object := input{Object: subject{JSON: toJSON(t, c.object)}, Plural: "widgets", IsNamespaced: true}
	if strings.Contains(c.object, "kind: Deployment") {
		object.Plural = "deployments"
	}
	if strings.Contains(c.object, "kind: Namespace") {
		object.Plural, object.IsNamespaced = "namespaces", false
	}
	if c.before != "" {
		object.Before = &subject{JSON: toJSON(t, c.before)}
	}
	given := verdict{}
	for _, answer := range set.judge(object) {
		switch {
		case answer.Effect == deny && given.denied == "":
			given.denied = answer.Message
		case answer.Effect == warn:
			given.warnings = append(given.warnings, answer.Message)
		case answer.Effect == undecided:
			t.Errorf("not decided: %s", answer.Message)
		}
	}
	return given
}
