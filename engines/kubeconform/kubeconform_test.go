package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"drydock.dev/engines/abi"
	"github.com/yannh/kubeconform/pkg/resource"
	"github.com/yannh/kubeconform/pkg/validator"
	"sigs.k8s.io/yaml"
)

// host answers lookups as the package's host side does, from schema files by path.
type host struct {
	files map[string]string
	asked *[]string
}

func (h host) Lookup(path string) []byte {
	text, _ := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(path, "schema/"))
	var asked place
	if err := json.Unmarshal(text, &asked); err != nil {
		panic(err)
	}
	if h.asked != nil {
		*h.asked = append(*h.asked, asked.Path)
	}
	content, isPresent := h.files[asked.Path]
	if !isPresent {
		return []byte("a")
	}
	return []byte("fs" + content)
}

const location = "schemas/{{ .ResourceKind }}{{ .KindSuffix }}{{ .StrictSuffix }}.json"

func judgeAll(t *testing.T, options Options, files map[string]string, documents ...string) []Result {
	t.Helper()
	forgetCompiled()
	if options.Sources == nil {
		options.Sources = []string{location}
	}
	configured, err := configure(1, options)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, document := range documents {
		converted, err := yaml.YAMLToJSON([]byte(document))
		if err != nil {
			t.Fatal(err)
		}
		text.Write(converted)
		text.WriteByte('\n')
	}
	results, err := configured.validateDocuments([]byte(text.String()), abi.NewTree(host{files: files}))
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// Schemas with what real ones hold: references, nullable types, int-or-string, formats, closed objects.
var schemas = map[string]string{
	"schemas/deployment-apps-v1.json": `{"type":"object","required":["spec"],"properties":{
		"apiVersion":{"type":"string","enum":["apps/v1"]},"kind":{"type":"string","enum":["Deployment"]},
		"metadata":{"$ref":"#/definitions/meta"},
		"spec":{"type":["object","null"],"required":["selector"],"additionalProperties":false,"properties":{
			"replicas":{"type":["integer","null"],"format":"int32","minimum":0},
			"selector":{"type":"object"},
			"wait":{"type":"string","format":"duration"},
			"at":{"type":"string","format":"date-time"},
			"mode":{"type":"string","enum":["fast","slow"]},
			"port":{"oneOf":[{"type":"string"},{"type":"integer"}]},
			"containers":{"type":"array","maxItems":2,"items":{"$ref":"#/definitions/container"}}}}},
		"definitions":{
			"meta":{"type":"object","properties":{"name":{"type":"string","maxLength":5,"pattern":"^[a-z]*$"},"labels":{"type":["object","null"],"additionalProperties":{"type":["string","null"]}}}},
			"container":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"env":{"type":"array","items":{"type":"object","additionalProperties":false,"properties":{"value":{"type":["string","null"]}}}}}}}}`,
	"schemas/broken-v1.json":  `{"type":"nothing"}`,
	"schemas/nulled-v1.json":  `null`,
	"schemas/nojson-v1.json":  `{`,
	"schemas/remote-v1.json":  `{"$ref":"shared.json#/definitions/x"}`,
	"schemas/shared.json":     `{"definitions":{"x":{"type":"object","properties":{"a":{"type":"integer"}}}}}`,
	"schemas/dangle-v1.json":  `{"$ref":"gone.json"}`,
	"schemas/circle-v1.json":  `{"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}}}`,
	"schemas/pattern-v1.json": `{"properties":{"a":{"pattern":"("}}}`,
}

// deployment gives a Deployment with these fields in its spec.
func deployment(fields string) string {
	return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {selector: {}, " + fields + "}"
}

var documents = []string{
	deployment("replicas: 3"), deployment("replicas: '3'"), deployment("replicas: -1"), deployment("replicas: 1.0"),
	deployment("replicas: 1.5"), deployment("replicas: ~"), deployment("replicas: 9007199254740993"), deployment("replicas: 1e400"),
	deployment("wait: 1h30m"), deployment("wait: PT1H"), deployment("wait: P2W"), deployment("wait: soon"), deployment("wait: 5"),
	deployment("wait: P1DT"), deployment("wait: P1H"), deployment("wait: PT1M1H"), deployment("wait: 10d"),
	deployment("at: '2024-01-01T00:00:00Z'"), deployment("at: yesterday"), deployment("mode: fast"), deployment("mode: quick"),
	deployment("port: 1"), deployment("port: a"), deployment("port: 1.5"), deployment("port: []"), deployment("unknown: 1"),
	deployment("containers: [{name: a, env: [{value: x}]}]"), deployment("containers: [{env: [{valeu: x}, {value: 1}]}, {name: 1}, {}]"),
	"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: TooLong, labels: {a: 1}}\nspec: ~",
	"apiVersion: apps/v1\nkind: Deployment", "apiVersion: v1\nkind: Broken", "apiVersion: v1\nkind: Nulled", "apiVersion: v1\nkind: Unknown",
	"apiVersion: v1\nkind: Remote\na: 1", "apiVersion: v1\nkind: Remote\na: x", "apiVersion: v1\nkind: Dangle", "apiVersion: v1\nkind: Pattern",
	"apiVersion: v1", "kind: A", "kind: 1\napiVersion: v1", "{}", "~", "kind: Skipped\napiVersion: v1", "kind: Rejected\napiVersion: v1",
}

// What differs on purpose: a schema that does not compile is an error of its own, never skipped.
func TestVerdictsEqualKubeconform(t *testing.T) {
	directory := t.TempDir()
	for name, text := range schemas {
		path := filepath.Join(directory, name)
		os.MkdirAll(filepath.Dir(path), 0o755)
		os.WriteFile(path, []byte(text), 0o644)
	}
	for _, ignoreMissing := range []bool{false, true} {
		reference, err := validator.New([]string{filepath.Join(directory, location)}, validator.Opts{
			IgnoreMissingSchemas: ignoreMissing,
			SkipKinds:            map[string]struct{}{"Skipped": {}},
			RejectKinds:          map[string]struct{}{"v1/Rejected": {}},
		})
		if err != nil {
			t.Fatal(err)
		}
		options := Options{IgnoreMissingSchemas: ignoreMissing, Skip: []string{"Skipped"}, Reject: []string{"v1/Rejected"}}
		for _, document := range documents {
			got := judgeAll(t, options, schemas, document)[0]
			want := reference.ValidateResource(resource.Resource{Bytes: []byte(document)})
			if got.Reason == SchemaInvalid {
				if want.Status == validator.Valid || want.Status == validator.Invalid {
					t.Errorf("kubeconform compiles the schema of %q", document)
				}
				continue
			}
			if string(got.Status) != statusName(want.Status) {
				t.Errorf("got %s %s, kubeconform says %s (%v) for\n%s", got.Status, got.Message, statusName(want.Status), want.Err, document)
			}
		}
	}
}

func statusName(status validator.Status) string {
	return map[validator.Status]string{
		validator.Error: "error", validator.Skipped: "skipped", validator.Valid: "valid", validator.Invalid: "invalid", validator.Empty: "empty",
	}[status]
}

func TestReasons(t *testing.T) {
	cases := []struct {
		document string
		status   Status
		reason   Reason
	}{
		{"apiVersion: v1\nkind: Unknown", Error, SchemaMissing},
		{"apiVersion: v1\nkind: Broken", Error, SchemaInvalid},
		{"apiVersion: v1\nkind: Nulled", Error, SchemaInvalid},
		{"apiVersion: v1\nkind: Nojson", Error, SchemaInvalid},
		{"apiVersion: v1\nkind: Dangle", Error, SchemaInvalid},
		{"apiVersion: v1\nkind: Pattern", Error, SchemaInvalid},
		{"kind: Skipped\napiVersion: v1", Skipped, KindSkipped},
		{"kind: Rejected\napiVersion: v1", Error, KindRejected},
		{"kind: A", Error, NoIdentity},
		{"[]", Error, Unreadable},
		{"~", Empty, ""},
	}
	for _, c := range cases {
		got := judgeAll(t, Options{Skip: []string{"v1/Skipped"}, Reject: []string{"Rejected"}}, schemas, c.document)[0]
		if got.Status != c.status || got.Reason != c.reason {
			t.Errorf("got %s %s for %q", got.Status, got.Reason, c.document)
		}
	}
	// A circle of references is known only once something is validated.
	if got := judgeAll(t, Options{}, schemas, "apiVersion: v1\nkind: Circle")[0]; got.Status == Valid {
		t.Errorf("got %+v", got)
	}
}

func TestInnermostCauses(t *testing.T) {
	cases := []struct{ name, schema, document, want string }{
		{"type", `{"properties":{"a":{"type":["integer","null"]}}}`, "a: x", `/a expected integer, got string`},
		{"deep in lists", `{"properties":{"a":{"items":{"properties":{"0":{"items":{"type":"string"}}}}}}}`, "a: [{}, {'0': [x, 1]}]",
			`/a/#1/0/#1 expected string, got integer`},
		{"unknown fields", `{"additionalProperties":false,"properties":{"kind":{},"apiVersion":{}}}`, "b: 1\na: 2",
			"/a unknown field \"a\"\n/b unknown field \"b\""},
		{"required", `{"required":["a","b"]}`, "b: 1", `/a missing required field "a"`},
		{"enum", `{"properties":{"a":{"enum":["x","y",null]}}}`, "a: secret", `/a must be one of "x", "y"`},
		{"pattern", `{"properties":{"a":{"pattern":"^b+$"}}}`, "a: secret", `/a does not match the pattern ^b+$`},
		{"format", `{"properties":{"a":{"format":"ipv4"}}}`, "a: secret", `/a is not a valid ipv4`},
		{"minimum", `{"properties":{"a":{"minimum":1.5}}}`, "a: 1", `/a must be at least 3/2`},
		{"int or string", `{"properties":{"a":{"oneOf":[{"type":"string"},{"type":"integer"},{"type":"null"}]}}}`, "a: []",
			`/a expected string or integer, got array`},
		{"through references", `{"properties":{"a":{"$ref":"#/definitions/x"}},"definitions":{"x":{"allOf":[{"$ref":"#/definitions/y"}]},"y":{"properties":{"b":{"type":"string"}}}}}`,
			"a: {b: 1}", `/a/b expected string, got integer`},
		{"the form of the value's type", `{"properties":{"a":{"anyOf":[{"type":"null"},{"type":"object","properties":{"b":{"type":"string"}}}]}}}`,
			"a: {b: 1}", `/a/b expected string, got integer`},
		{"the form with the right discriminator", `{"properties":{"a":{"oneOf":[
			{"properties":{"t":{"enum":["x"]},"v":{"type":"string"}}},
			{"properties":{"t":{"enum":["z"]},"v":{"type":"integer"},"w":{"type":"integer"}}}]}}}`,
			"a: {t: z, v: s, w: s}", "/a/v expected integer, got string\n/a/w expected integer, got string"},
		{"one of several fields", `{"oneOf":[{"required":["a"]},{"required":["b"]}]}`, "c: 1", ` missing one of the required fields "a", "b"`},
		{"more than one form", `{"oneOf":[{"required":["a"]},{"required":["b"]}]}`, "a: 1\nb: 1", ` matches more than one of the allowed forms`},
		{"not", `{"properties":{"a":{"not":{"type":"string"}}}}`, "a: x", `/a has a form that is not allowed`},
		{"equal items", `{"properties":{"a":{"uniqueItems":true}}}`, "a: [1, 2, 1]", `/a items 0 and 2 are equal`},
		{"never", `{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":false}}`, "a: x", `/a is not allowed`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			document := "apiVersion: v1\nkind: Case\n" + c.document
			result := judgeAll(t, Options{}, map[string]string{"schemas/case-v1.json": c.schema}, document)[0]
			var got []string
			for _, cause := range result.Errors {
				path := ""
				for _, step := range cause.Path {
					if index, isIndex := step.(int); isIndex {
						step = fmt.Sprintf("#%d", index)
					}
					path += fmt.Sprintf("/%v", step)
				}
				got = append(got, path+" "+cause.Message)
			}
			if strings.Join(got, "\n") != c.want {
				t.Errorf("got %s %s %q, want %q", result.Status, result.Message, got, c.want)
			}
		})
	}
}

func TestPathsAreThoseOfKubeconform(t *testing.T) {
	cases := []struct {
		location, want string
		gvk            groupVersionKind
		options        Options
	}{
		{"s/{{ .NormalizedKubernetesVersion }}-standalone{{ .StrictSuffix }}/{{ .ResourceKind }}{{ .KindSuffix }}.json",
			"s/v1.36.3-standalone-strict/deployment-apps-v1.json", groupVersionKind{"apps", "v1", "Deployment"}, Options{KubernetesVersion: "1.36.3", Strict: true}},
		{"s", "s/master-standalone/service-v1.json", groupVersionKind{"", "v1", "Service"}, Options{}},
		{"{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json", "cert-manager.io/issuer_v1.json", groupVersionKind{"cert-manager.io", "v1", "Issuer"}, Options{}},
		{"x{{ .KindSuffix }}.json", "x-networking-v1.json", groupVersionKind{"networking.k8s.io", "v1", "Ingress"}, Options{}},
	}
	for _, c := range cases {
		c.options.Sources = []string{c.location}
		configured, err := configure(1, c.options)
		if err != nil {
			t.Fatal(err)
		}
		var asked []string
		configured.schemaOf(c.gvk, abi.NewTree(host{asked: &asked}))
		if len(asked) != 1 || asked[0] != c.want {
			t.Errorf("asked for %q, want %q", asked, c.want)
		}
	}
	if _, err := configure(1, Options{Sources: []string{"{{ .Nothing }.json"}}); err == nil {
		t.Error("a broken template was taken")
	}
}

func TestStream(t *testing.T) {
	configured, err := configure(1, Options{Sources: []string{location}, IgnoreMissingSchemas: true, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	stream := "---\nkind: A\napiVersion: v1\n---\n# nothing\n---\nkind: List\napiVersion: v1\nitems: [{kind: B, apiVersion: v1}, {kind: C, apiVersion: v1}]\n---\na: b: c\n---\na: 1\na: 2\n"
	results, err := configured.validateStream([]byte(stream), abi.NewTree(host{}))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, result := range results {
		got = append(got, fmt.Sprintf("%s %s%s", result.Resource.Kind, result.Status, result.Reason))
	}
	want := "A skippedschema-missing| empty|B skippedschema-missing|C skippedschema-missing| errorunreadable| errorunreadable"
	if strings.Join(got, "|") != want {
		t.Errorf("got %q", got)
	}
}

func TestReadJSON(t *testing.T) {
	valid := []string{`{"a":[1,-2.5e3,"x\n\u00e9",true,false,null,{}]}`, ` [ ] `, `"a"`, `18446744073709551615`}
	for _, text := range valid {
		reader := jsonReader{text: text}
		got, err := reader.read()
		if err != nil || reader.hasMore() {
			t.Errorf("%v for %s", err, text)
		}
		var want any
		json.Unmarshal([]byte(text), &want)
		gotText, _ := json.Marshal(got)
		wantText, _ := json.Marshal(want)
		if text != "18446744073709551615" && string(gotText) != string(wantText) {
			t.Errorf("got %s, want %s", gotText, wantText)
		}
	}
	broken := []string{``, `{`, `{"a"}`, `{"a":}`, `{"a":1,}`, `[1,]`, `[1 2]`, `{1:2}`, `tru`, `01`, `1.`, `-`, `"\x"`, "\"\n\"", `"a`, `1e999`, `+1`, strings.Repeat("[", 3000)}
	for _, text := range broken {
		reader := jsonReader{text: text}
		if got, err := reader.read(); err == nil && !reader.hasMore() {
			t.Errorf("got %v for %.20s", got, text)
		}
	}
}
