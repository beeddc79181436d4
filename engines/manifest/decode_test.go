package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"drydock.dev/engines/abi"
	"sigs.k8s.io/yaml"
)

var testKey = hex.EncodeToString([]byte("a key for tests"))

func decodeText(t *testing.T, text string) *Response {
	t.Helper()
	response, err := Decode(Request{Resources: []Source{{YAML: text, File: "app.yaml"}}, MacKey: testKey, IsSource: true})
	if err != nil {
		t.Fatalf("%v for\n%s", err, text)
	}
	return response
}

func decodeFailure(t *testing.T, text string, limits Limits) *abi.Failure {
	t.Helper()
	_, err := Decode(Request{Resources: []Source{{YAML: text, File: "app.yaml"}}, MacKey: testKey, IsSource: true, Limits: limits})
	failure := abi.AsFailure(err)
	if failure == nil {
		t.Fatalf("expected a failure, got %v for\n%.200s", err, text)
	}
	return failure
}

const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"

func TestValuesAreWhatTheClusterReads(t *testing.T) {
	cases := []struct{ name, yaml, want string }{
		{"octal", "x: 0644", `{"x":420}`},
		{"underscores", "x: 1_000", `{"x":1000}`},
		{"yes is true", "x: yes", `{"x":true}`},
		{"on is true, as a key too", "on: off", `{"true":false}`},
		{"a float without fraction", "x: 1.0", `{"x":1}`},
		{"a float", "x: 1.10", `{"x":1.1}`},
		{"the largest int64", "x: 9223372036854775807", `{"x":9223372036854775807}`},
		{"the largest uint64", "x: 18446744073709551615", `{"x":18446744073709551615}`},
		{"beyond 2^53", "x: 9007199254740993", `{"x":9007199254740993}`},
		{"y is true, as a key too", "y: n", `{"true":false}`},
		{"a date stays text", "x: 2001-01-01", `{"x":"2001-01-01"}`},
		{"keys become strings", "1: a\n2.5: b", `{"1":"a","2.5":"b"}`},
		{"null", "x: ~\nz:", `{"x":null,"z":null}`},
		{"byte order mark", "\ufeffx: 1", `{"x":1}`},
		{"carriage returns", "x: 1\r\nz: |\r\n  a\r\n  b\r\n", `{"x":1,"z":"a\nb\n"}`},
		{"merge", "b: &b {p: 1, q: 2}\nc:\n  <<: *b\n  q: 3", `{"b":{"p":1,"q":2},"c":{"p":1,"q":3}}`},
		{"a merge after the key wins in yaml.v2", "b: &b {q: 2}\nc:\n  q: 3\n  <<: *b", `{"b":{"q":2},"c":{"q":2}}`},
		{"__proto__ is a key", "__proto__: {x: 1}", `{"__proto__":{"x":1}}`},
		{"sorted keys, angle brackets as they are", "b: '<&>'\na: 1", `{"a":1,"b":"<&>"}`},
		{"JSON with tabs", "{\n\t\"x\": 1e2,\n\t\"y\": \"\\ud83d\\ude00\"}", `{"x":100,"y":"😀"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			parsed, failure := parsePart(splitDocuments([]byte(c.yaml))[0], Limits{}.orDefaults())
			if failure != nil {
				t.Fatal(failure)
			}
			if got := string(writeCanonical(nil, parsed.value)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// The reference is sigs.k8s.io/yaml itself.
func TestValuesEqualTheReference(t *testing.T) {
	pieces := []string{"0644", "0x1F", "1e3", "-.5", "1_0.5", "~", "yes", "No", "'01'", "\"a\\tb\"", "[1, 2.0, on]", "{a: 1, 2: b}",
		"2020-02-30", "12:30:45", "+1", ".5", "0b11", "0o17", "!!str 1", "!!int '3'", "é", "=", "1.", "0.0000001", "1e21", "123456789012345678901234567890"}
	random := rand.New(rand.NewSource(1))
	for range 400 {
		var text strings.Builder
		for i := range 6 {
			fmt.Fprintf(&text, "k%d: %s\n", i, pieces[random.Intn(len(pieces))])
		}
		reference, err := yaml.YAMLToJSON([]byte(text.String()))
		if err != nil {
			t.Fatal(err)
		}
		parsed, failure := parsePart(part{text: []byte(text.String()), line: 1}, Limits{}.orDefaults())
		if failure != nil {
			t.Fatalf("%v for\n%s", failure, text.String())
		}
		var want, got any
		json.Unmarshal(reference, &want)
		json.Unmarshal(writeCanonical(nil, parsed.value), &got)
		if fmt.Sprint(want) != fmt.Sprint(got) {
			t.Fatalf("got %v, want %v for\n%s", got, want, text.String())
		}
	}
}

func TestDocuments(t *testing.T) {
	object := func(name string) string { return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\n" }
	cases := []struct{ name, yaml, want string }{
		{"one", object("a"), "a@0"},
		{"two", object("a") + "---\n" + object("b"), "a@0 b@1"},
		{"a comment before the first", "# hello\n---\n" + object("a"), "a@0"},
		{"empty ones are counted and left out", object("a") + "---\n---\n# nothing\n---\n" + object("b"), "a@0 b@3"},
		{"a separator at the end", object("a") + "---\n", "a@0"},
		{"a comment on the separator", "--- # first\n" + object("a") + "--- # second\n" + object("b"), "a@0 b@1"},
		{"a directive", "%YAML 1.1\n---\n" + object("a"), "a@0"},
		{"carriage returns", strings.ReplaceAll(object("a")+"---\n"+object("b"), "\n", "\r\n"), "a@0 b@1"},
		{"dashes in a block of text", object("a") + "data:\n  x: |\n    ---\n    y\n---\n" + object("b"), "a@0 b@1"},
		{"a List", "apiVersion: v1\nkind: List\nitems:\n- " + indent(object("a")) + "- " + indent(object("b")), "a@0 b@0"},
		{"a typed list", "apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: a}\n", "a@0"},
		{"an empty List", "apiVersion: v1\nkind: List\nitems: []\n", ""},
		{"nothing", "", ""},
		{"only comments", "# a\n\n# b\n", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			response := decodeText(t, c.yaml)
			for _, document := range response.Documents {
				if document.Resource.Kind != "ConfigMap" || document.Resource.Version != "v1" {
					t.Errorf("identity is %+v", document.Resource)
				}
				got = append(got, fmt.Sprintf("%s@%d", document.Resource.Name, *document.Origin.Document))
			}
			if strings.Join(got, " ") != c.want || len(response.Findings) > 0 {
				t.Errorf("got %v with %+v, want %s", got, response.Findings, c.want)
			}
		})
	}
}

func indent(text string) string {
	return strings.TrimPrefix(strings.ReplaceAll("\n"+strings.TrimSuffix(text, "\n"), "\n", "\n  "), "\n  ") + "\n"
}

func TestFailures(t *testing.T) {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 7; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	cases := []struct {
		name, yaml string
		limits     Limits
		kind       abi.FailureKind
		line       int
		message    string
	}{
		{"a tab for indentation", "a:\n  b: 1\n\tc: 2\n", Limits{}, abi.Render, 3, "tab"},
		{"an unclosed list on the first line", "a: [1, 2", Limits{}, abi.Render, 1, "did not find expected"},
		{"a wrong indentation", "a:\n  b: 1\n c: 2\n", Limits{}, abi.Render, 3, "did not find expected key"},
		{"two mappings in one", "a: 1\nb: 2\nc: d: e\n", Limits{}, abi.Render, 3, "mapping values are not allowed"},
		{"in the second document", configMap + "---\na: b: c\n", Limits{}, abi.Render, 5, "mapping values"},
		{"an unknown anchor", "a: 1\nb: *gone\n", Limits{}, abi.Render, 2, "an anchor that is not set before"},
		{"a value that its tag refuses", "a: 1\nb: !!int hunter22\n", Limits{}, abi.Render, 2, "a value cannot be read as !!int"},
		{"a template", "a: 1\nb:\n  {{ .Values.x }}: c\n", Limits{}, abi.Render, 3, "template that was not rendered"},
		{"a control character", "a: 1\nb: \x01\n", Limits{}, abi.Render, 2, "control characters"},
		{"broken UTF-8", "a: 1\nb: \xff\n", Limits{}, abi.Render, 2, "UTF-8"},
		{"infinity", "a: .inf", Limits{}, abi.Render, 1, "infinity"},
		{"a null key", "~: 1", Limits{}, abi.Render, 1, "key"},
		{"an alias bomb", bomb, Limits{}, abi.Limit, 0, "aliases"},
		{"an anchor in itself", "a: &a [*a]", Limits{}, abi.Render, 1, "contains itself"},
		{"too deep", strings.Repeat("[", 600) + strings.Repeat("]", 600), Limits{}, abi.Limit, 0, "nested"},
		{"much too deep", strings.Repeat("[", 200_000), Limits{}, abi.Limit, 0, "nested"},
		{"much too deep behind anchors", strings.Repeat("&a [", 3_000), Limits{}, abi.Limit, 0, "nested"},
		{"much too deep in lines", strings.Repeat("- ", 3_000), Limits{}, abi.Limit, 0, "nested"},
		{"too large", "a: " + strings.Repeat("x", 100), Limits{Bytes: 50}, abi.Limit, 0, "larger than 50 bytes"},
		{"too many", strings.Repeat(configMap+"---\n", 4), Limits{Documents: 3}, abi.Limit, 0, "more than 3 documents"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			failure := decodeFailure(t, c.yaml, c.limits)
			if failure.Kind != c.kind || failure.Line != c.line || failure.File != "app.yaml" || !strings.Contains(failure.Message, c.message) {
				t.Errorf("got %+v", failure)
			}
		})
	}
}

func TestFindings(t *testing.T) {
	cases := []struct{ name, yaml, want string }{
		{"a duplicate key", configMap + "data:\n  a: x\n  b: z\n  a: y\n", "duplicate-key error [data a] 7:3"},
		{"three times", configMap + "data: {a: 1, a: 2, a: 3}\n", "duplicate-key error [data a] 4:20"},
		{"after characters beyond the basic plane", configMap + "data: {😀: 1, a: 2, a: 3}\n", "duplicate-key error [data a] 4:21"},
		{"in an item of a List", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: a\n    name: b\n",
			"duplicate-key error [metadata name] 8:5"},
		{"in a list of mappings", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: x\n    image: y\n    image: z\n",
			"duplicate-key error [spec containers 0 image] 8:5"},
		{"a merged key set again", configMap + "b: &b {p: 1}\nc:\n  <<: *b\n  p: 2\n", ""},
		{"no name", "apiVersion: v1\nkind: ConfigMap\n", "missing-identity error [metadata name] 1:0"},
		{"no kind", "apiVersion: v1\nmetadata: {name: a}\n", "missing-identity error [] 1:0"},
		{"nothing of it", configMap + "---\nreplicas: 3\n", "missing-identity error [] 4:0"},
		{"generated names", "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: a-}\n", ""},
		{"a kustomization", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", ""},
		{"a list of objects", "- a\n- b\n", "missing-identity error [] 1:0"},
		{"Secret data as text", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {b: not base64}\n", "secret-encoding error [data b] 0:0\nsecret-plaintext warning [data b] 0:0"},
		{"Secret data as base64", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {b: YWJj, c: ''}\n", "secret-plaintext warning [data b] 0:0"},
		{"Secret data filled in later", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {b: '${B}', c: '<path:kv#c>'}\n", ""},
		{"embedded YAML", configMap + "data:\n  x.yaml: |\n    a: 1\n    b: c: d\n", "embedded-syntax warning [data x.yaml] 0:0"},
		{"embedded JSON", configMap + "data:\n  x.json: '{\"a\": }'\n", "embedded-syntax warning [data x.json] 0:0"},
		{"embedded and right", configMap + "data:\n  x.yml: |\n    a: 1\n    ---\n    b: 2\n  x.json: '{}'\n  x.txt: '{'\n", ""},
		{"embedded templates", configMap + "data:\n  x.yaml: '{{ a }}: b: c'\n  y.json: '{\"a\": ${B}}'\n", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range decodeText(t, c.yaml).Findings {
				got = append(got, fmt.Sprintf("%s %s %v %d:%d", f.Rule, f.Level, f.Path, f.Line, f.Column))
			}
			if strings.Join(got, "\n") != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Texts with many brackets, colours of a terminal, and long rulers are not nested.
func TestNestingIsNotFooled(t *testing.T) {
	text := configMap + "data:\n  a: |\n    " + strings.Repeat("\\e[0m if [[ x ]] f(a[0]) ", 3000) + "\n    " + strings.Repeat("-", 3000) + "\n"
	if documents := decodeText(t, text).Documents; len(documents) != 1 {
		t.Errorf("got %d documents", len(documents))
	}
}

func TestDuplicateKeyLastOneCounts(t *testing.T) {
	document := decodeText(t, configMap+"data:\n  a: first\n  a: last\n").Documents[0]
	if !strings.Contains(document.JSON, `"data":{"a":"last"}`) {
		t.Error(document.JSON)
	}
}

func TestRenderedTextHasNoLines(t *testing.T) {
	index := 7
	source := Source{YAML: configMap + "data: {a: 1, a: 2}\n", File: "templates/a.yaml", Document: &index, ShapedBy: []string{"values.yaml"}, Hooks: []string{"pre-install"}}
	response, err := Decode(Request{Resources: []Source{source}, MacKey: testKey})
	if err != nil {
		t.Fatal(err)
	}
	finding, document := response.Findings[0], response.Documents[0]
	if finding.Line != 0 || finding.Column != 0 || finding.File != "templates/a.yaml" || finding.Resource.Name != "a" {
		t.Errorf("got %+v", finding)
	}
	if *document.Origin.Document != 7 || document.Origin.ShapedBy[0] != "values.yaml" || document.Hooks[0] != "pre-install" {
		t.Errorf("got %+v", document)
	}
}

func TestSubstituted(t *testing.T) {
	source := Source{YAML: configMap + "data: {a: '${X:=1}', b: '$X', 'c/d': 'x ${Y} z'}\n", File: "a.yaml"}
	response, err := Decode(Request{Resources: []Source{source}, MacKey: testKey, IsSubstituted: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(response.Documents[0].Substituted); got != "[/data/a /data/c~1d]" {
		t.Error(got)
	}
}
