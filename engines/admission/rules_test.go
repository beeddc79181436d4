package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/warning"
)

// crdOf makes a CRD of widgets whose spec has the given schema, in YAML's flow style.
func crdOf(spec, root string) string {
	return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        ` + root + `
        properties:
          spec: ` + spec + `
          status: {type: object, properties: {phase: {type: string}}}
`
}

type ruleCase struct {
	name, spec, root string
	object, before   string
	isQuiet          bool
}

const (
	ofRules   = "x-kubernetes-validations"
	mapListOf = `{type: object, properties: {items: {type: array, maxItems: 9, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name], items: {type: object, required: [name], properties: {name: {type: string, maxLength: 9}, size: {type: integer, x-kubernetes-validations: [{rule: 'self == oldSelf', message: fixed}]}}}}}}`
	numbers   = `{type: object, properties: {num: {type: array, maxItems: %d, items: {type: integer, maximum: 1000}}}, x-kubernetes-validations: [{rule: '%s'}]}`
	dearRule  = "self.num.all(a, self.num.all(b, a + b >= 0))"
)

var ruleCases = []ruleCase{
	{name: "allowed", spec: "{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: 'self.a > 1'}]}", object: "{a: 2}", isQuiet: true},
	{name: "denied by its rule", spec: "{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: ' self.a > 2 '}]}", object: "{a: 2}"},
	{name: "a message", spec: "{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: 'self.a > 2', message: ' more '}]}", object: "{a: 2}"},
	{name: "a computed message", spec: "{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: 'self.a > 2', messageExpression: \"'has ' + (self.a > 1 ? 'two' : 'one')\"}]}", object: "{a: 2}"},
	{name: "a computed message that fails", spec: "{type: object, properties: {a: {type: integer}, b: {type: string}}, x-kubernetes-validations: [{rule: 'self.a > 2', message: m, messageExpression: 'self.b'}]}", object: "{a: 2}"},
	{name: "a computed message of two lines", spec: `{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: 'self.a > 2', message: m, messageExpression: "'a\\nb'"}]}`, object: "{a: 2}"},
	{name: "an empty computed message", spec: `{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: 'self.a > 2', message: m, messageExpression: "' '"}]}`, object: "{a: 2}"},
	{name: "forbidden", spec: "{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: 'self.a > 2', reason: FieldValueForbidden}]}", object: "{a: 2}"},
	{name: "required", spec: "{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: 'self.a > 2', reason: FieldValueRequired, message: r}]}", object: "{a: 2}"},
	{name: "a field path", spec: "{type: object, properties: {a: {type: integer}, b: {type: object, properties: {c: {type: integer}}}}, x-kubernetes-validations: [{rule: 'self.a > 2', fieldPath: .b.c}]}", object: "{a: 2}"},
	{name: "a field path with brackets", spec: "{type: object, properties: {a: {type: integer}, b.d: {type: integer}}, x-kubernetes-validations: [{rule: 'self.a > 2', fieldPath: \"['b.d']\"}]}", object: "{a: 2, b.d: 1}"},
	{name: "on a scalar", spec: "{type: object, properties: {a: {type: integer, x-kubernetes-validations: [{rule: 'self > 2'}]}}}", object: "{a: 2}"},
	{name: "on an absent field", spec: "{type: object, properties: {a: {type: integer, x-kubernetes-validations: [{rule: 'self > 2'}]}}}", object: "{}", isQuiet: true},
	{name: "on list items", spec: "{type: object, properties: {l: {type: array, maxItems: 5, items: {type: integer, x-kubernetes-validations: [{rule: 'self > 2'}]}}}}", object: "{l: [3, 1, 2]}"},
	{name: "on values of a map", spec: "{type: object, properties: {m: {type: object, maxProperties: 5, additionalProperties: {type: integer, x-kubernetes-validations: [{rule: 'self > 2'}]}}}}", object: "{m: {a.b: 1, c: 3}}"},
	{name: "two rules", spec: "{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: 'self.a > 2', message: b}, {rule: 'self.a > 3', message: a}]}", object: "{a: 2}"},
	{name: "at the root", spec: "{type: object, properties: {a: {type: integer}}}", root: "x-kubernetes-validations: [{rule: \"self.metadata.name == 'other'\", message: name}]", object: "{a: 2}"},
	{name: "at the root by kind", spec: "{type: object}", root: "x-kubernetes-validations: [{rule: \"self.kind == 'Widget' && self.apiVersion == 'example.com/v1'\"}]", object: "{}", isQuiet: true},
	{name: "a missing key", spec: "{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: 'self.a > 2'}]}", object: "{}"},
	{name: "a presence test", spec: "{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: '!has(self.a) || self.a > 2'}]}", object: "{}", isQuiet: true},
	{name: "a default", spec: "{type: object, properties: {a: {type: integer, default: 1}}, x-kubernetes-validations: [{rule: 'self.a > 2'}]}", object: "{}"},
	{name: "a default in a default", spec: "{type: object, default: {}, properties: {a: {type: integer, default: 1}}, x-kubernetes-validations: [{rule: 'self.a > 2'}]}", object: ""},
	{name: "pruned", spec: "{type: object, properties: {a: {type: object, x-kubernetes-preserve-unknown-fields: true}, b: {type: object, maxProperties: 3, additionalProperties: {type: string, maxLength: 3}}}, x-kubernetes-validations: [{rule: 'self.b.size() > 3'}]}", object: "{a: {x: 1}, b: {c: d}, e: 1}"},
	{name: "a null with a default", spec: "{type: object, properties: {a: {type: integer, default: 1}}, x-kubernetes-validations: [{rule: 'self.a > 2'}]}", object: "{a: null}"},
	{name: "a nullable null", spec: "{type: object, properties: {a: {type: integer, nullable: true, x-kubernetes-validations: [{rule: 'self > 2'}]}}, x-kubernetes-validations: [{rule: '!has(self.a)', message: there}]}", object: "{a: null}", isQuiet: true},
	{name: "int or string", spec: "{type: object, properties: {a: {x-kubernetes-int-or-string: true}}, x-kubernetes-validations: [{rule: 'type(self.a) == int ? self.a > 2 : self.a == \"x\"'}]}", object: "{a: y}"},
	{name: "an overload at run time", spec: "{type: object, properties: {a: {x-kubernetes-int-or-string: true}}, x-kubernetes-validations: [{rule: 'self.a > 2'}]}", object: "{a: y}"},
	{name: "dates and durations", spec: "{type: object, properties: {t: {type: string, format: date-time}, d: {type: string, format: duration}}, x-kubernetes-validations: [{rule: \"self.t > timestamp('2026-01-01T00:00:00Z') && self.d < duration('1m')\", message: late}]}", object: "{t: '2025-01-01T00:00:00Z', d: 5s}"},
	{name: "a transition on creation", spec: "{type: object, properties: {a: {type: integer, x-kubernetes-validations: [{rule: 'self == oldSelf', message: fixed}]}}}", object: "{a: 2}", isQuiet: true},
	{name: "a transition", spec: "{type: object, properties: {a: {type: integer, x-kubernetes-validations: [{rule: 'self == oldSelf', message: fixed}]}}}", object: "{a: 2}", before: "{a: 3}"},
	{name: "a transition that is allowed", spec: "{type: object, properties: {a: {type: integer, x-kubernetes-validations: [{rule: 'self >= oldSelf', message: fixed}]}}}", object: "{a: 4}", before: "{a: 3}", isQuiet: true},
	{name: "a transition of a field that was not there", spec: "{type: object, properties: {a: {type: integer, x-kubernetes-validations: [{rule: 'self == oldSelf', message: fixed}]}}}", object: "{a: 4}", before: "{}", isQuiet: true},
	{name: "a transition whose old value is a default", spec: "{type: object, properties: {a: {type: integer, default: 1, x-kubernetes-validations: [{rule: 'self == oldSelf', message: fixed}]}}}", object: "{a: 4}", before: "{}"},
	{name: "a transition in a list of maps", spec: mapListOf, object: "{items: [{name: b, size: 2}, {name: a, size: 9}]}", before: "{items: [{name: a, size: 1}, {name: b, size: 2}]}"},
	{name: "an optional old value on creation", spec: "{type: object, properties: {a: {type: integer, x-kubernetes-validations: [{rule: 'oldSelf.hasValue() || self == 1', optionalOldSelf: true, message: one}]}}}", object: "{a: 2}"},
	{name: "an optional old value", spec: "{type: object, properties: {a: {type: integer, x-kubernetes-validations: [{rule: 'self > oldSelf.orValue(0)', optionalOldSelf: true, message: more}]}}}", object: "{a: 2}", before: "{a: 2}"},
	{name: "ratcheted", spec: "{type: object, properties: {a: {type: integer, x-kubernetes-validations: [{rule: 'self > 5', message: five}]}, b: {type: integer}}}", object: "{a: 2, b: 2}", before: "{a: 2, b: 1}"},
	{name: "not ratcheted", spec: "{type: object, properties: {a: {type: integer, x-kubernetes-validations: [{rule: 'self > 5', message: five}]}, b: {type: integer}}}", object: "{a: 1, b: 2}", before: "{a: 2, b: 1}"},
	{name: "ratcheted for the whole of what changed", spec: "{type: object, properties: {a: {type: integer}, b: {type: integer}}, x-kubernetes-validations: [{rule: 'self.a > 5', message: five}]}", object: "{a: 2, b: 2}", before: "{a: 2, b: 1}"},
	{name: "nothing changed", spec: "{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: 'self.a > 5', message: five}]}", object: "{a: 2}", before: "{a: 2}"},
	{name: "nothing changed at the root", spec: "{type: object, properties: {a: {type: integer}}}", root: "x-kubernetes-validations: [{rule: 'self.spec.a > 5', message: five}]", object: "{a: 2}", before: "{a: 2}"},
	{name: "an object that does not fit", spec: "{type: object, required: [b], properties: {a: {type: integer}, b: {type: integer}}, x-kubernetes-validations: [{rule: 'self.a > 2'}]}", object: "{a: 2}"},
	{name: "a call that costs too much", spec: fmt.Sprintf(numbers, 700, dearRule), object: "{num: " + repeated(700) + "}"},
	{name: "all together cost too much", spec: strings.Replace(fmt.Sprintf(numbers, 400, dearRule), "{rule:", strings.Repeat("{rule: '"+dearRule+"'}, ", 13)+"{rule:", 1), object: "{num: " + repeated(400) + "}"},
}

func (c ruleCase) manifest(spec string) string {
	text := "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: shop}\n"
	if spec != "" {
		text += "spec: " + spec
	}
	return text
}

// rulesUpstream asks the API server's own strategy for custom resources, of which errors of the schema are left out.
func rulesUpstream(t *testing.T, c ruleCase) []string {
	t.Helper()
	crd := &apiextensionsv1.CustomResourceDefinition{}
	decodeInto(t, crdOf(c.spec, c.root), crd)
	internal := &apiextensions.JSONSchemaProps{}
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(crd.Spec.Versions[0].Schema.OpenAPIV3Schema, internal, nil); err != nil {
		t.Fatal(err)
	}
	structural, err := structuralschema.NewStructural(internal)
	if err != nil {
		t.Fatal(err)
	}
	if err := defaulting.PruneDefaults(structural); err != nil {
		t.Fatal(err)
	}
	schemaValidator, _, err := validation.NewSchemaValidator(internal)
	if err != nil {
		t.Fatal(err)
	}
	read := func(spec string) *unstructured.Unstructured {
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON([]byte(toJSON(t, c.manifest(spec)))); err != nil {
			t.Fatal(err)
		}
		defaulting.Default(object.Object, structural)
		defaulting.PruneNonNullableNullsWithoutDefaults(object.Object, structural)
		pruning.Prune(object.Object, structural, true)
		return object
	}
	object := read(c.object)
	strategy := customresource.NewStrategy(nil, true, object.GroupVersionKind(), schemaValidator, nil, structural, &apiextensions.CustomResourceSubresourceStatus{}, nil, nil)
	recorder := &warningList{}
	ctx := warning.WithWarningRecorder(context.Background(), recorder)
	var failures field.ErrorList
	if c.before == "" {
		strategy.PrepareForCreate(ctx, object)
		failures = strategy.Validate(ctx, object)
	} else {
		old := read(c.before)
		old.SetResourceVersion("1")
		object.SetResourceVersion("1")
		strategy.PrepareForUpdate(ctx, object, old)
		failures = strategy.ValidateUpdate(ctx, object, old)
	}
	lines := []string{}
	for _, failure := range failures {
		if strings.HasPrefix(failure.Detail, "some validation rules were not checked") {
			return []string{"not checked"}
		}
		lines = append(lines, "deny "+flat(failure.Field)+": "+failure.Detail)
	}
	for _, text := range *recorder {
		path, detail, _ := strings.Cut(text, ": ")
		lines = append(lines, "warn "+flat(path)+": "+detail)
	}
	slices.Sort(lines)
	return lines
}

// flat writes a path without saying which steps were in brackets.
func flat(path string) string {
	if path == "<nil>" {
		return ""
	}
	return strings.TrimPrefix(strings.NewReplacer("[", ".", "]", "").Replace(path), ".")
}

func rulesEngine(t *testing.T, c ruleCase) []string {
	t.Helper()
	request := input{Object: subject{JSON: toJSON(t, c.manifest(c.object))}, Plural: "widgets", IsNamespaced: true}
	if c.before != "" {
		request.Before = &subject{JSON: toJSON(t, c.manifest(c.before))}
	}
	lines := []string{}
	for _, answer := range judgeOne(t, loadRequest{CRDs: []string{toJSON(t, crdOf(c.spec, c.root))}}, request) {
		if answer.Effect == undecided {
			return []string{"not checked"}
		}
		steps := make([]string, len(answer.Path))
		for i, step := range answer.Path {
			steps[i] = fmt.Sprint(step)
		}
		lines = append(lines, string(answer.Effect)+" "+strings.Join(steps, ".")+": "+answer.Message)
	}
	slices.Sort(lines)
	return lines
}

func TestRulesAsTheAPIServer(t *testing.T) {
	if len(ruleCases) < 30 {
		t.Fatalf("only %d cases", len(ruleCases))
	}
	for _, c := range ruleCases {
		t.Run(c.name, func(t *testing.T) {
			want, got := rulesUpstream(t, c), rulesEngine(t, c)
			if !slices.Equal(got, want) {
				t.Errorf("\n got %q\nwant %q", got, want)
			}
			if (len(want) == 0) != c.isQuiet {
				t.Errorf("the API server says %q", want)
			}
		})
	}
}

func TestRulesThatTheAPIServerRefuses(t *testing.T) {
	const at = "spec.versions[0].schema.openAPIV3Schema.properties[spec]."
	cases := []struct{ name, spec, path, message string }{
		{"no such field", "{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: 'self.b > 1'}]}",
			at + ofRules + "[0].rule", "undefined field 'b'"},
		{"no boolean", "{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: 'true'}, {rule: 'self.a'}]}",
			at + ofRules + "[1].rule", "must evaluate to a bool"},
		{"no text", "{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: 'true', messageExpression: 'self.a'}]}",
			at + ofRules + "[0].messageExpression", "must evaluate to a string"},
		{"a syntax error", "{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: 'self.a >'}]}",
			at + ofRules + "[0].rule", "Syntax error"},
		{"the estimate of one rule", "{type: object, properties: {num: {type: array, items: {type: integer}}}, x-kubernetes-validations: [{rule: '" + dearRule + "'}]}",
			at + ofRules + "[0].rule", "estimated rule cost exceeds budget"},
		{"an old value that cannot be matched", "{type: object, properties: {l: {type: array, maxItems: 3, items: {type: integer, x-kubernetes-validations: [{rule: 'self == oldSelf'}]}}}}",
			at + "properties[l].items." + ofRules + "[0].rule", "oldSelf cannot be used on the uncorrelatable portion of the schema"},
		{"optionalOldSelf for nothing", "{type: object, x-kubernetes-validations: [{rule: 'true', optionalOldSelf: true}]}",
			at + ofRules + "[0].optionalOldSelf", "may not be set if oldSelf is not used in rule"},
		{"a field path that is none", "{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: 'self.a > 1', fieldPath: .b}]}",
			at + ofRules + "[0].fieldPath", "must be a valid path"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, result := loadSet(loadRequest{CRDs: []string{toJSON(t, crdOf(c.spec, ""))}})
			found := slices.ContainsFunc(result.Problems, func(p problem) bool {
				return p.Subject == "CustomResourceDefinition/widgets.example.com" && p.Path == c.path && strings.Contains(p.Message, c.message)
			})
			if !found {
				t.Errorf("got %+v", result.Problems)
			}
		})
	}
}

func TestRulesAboutAStatusThatGitDoesNotHave(t *testing.T) {
	crd := crdOf("{type: object}", "x-kubernetes-validations: [{rule: \"has(self.status) && self.status.phase == 'x'\", message: m}]")
	object := subject{JSON: toJSON(t, ruleCase{}.manifest("{}"))}
	request := loadRequest{CRDs: []string{toJSON(t, crd)}}
	created := judgeOne(t, request, input{Object: object, Plural: "widgets", IsNamespaced: true})
	if want := []string{"deny: m"}; !slices.Equal(effectsOf(created), want) {
		t.Errorf("created: %q", effectsOf(created))
	}
	updated := judgeOne(t, request, input{Object: object, Before: &object, Plural: "widgets", IsNamespaced: true})
	if len(updated) != 1 || updated[0].Effect != undecided {
		t.Errorf("updated: %q", effectsOf(updated))
	}
}
