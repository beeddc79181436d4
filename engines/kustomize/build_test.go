package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"drydock.dev/engines/abi"
	"drydock.dev/engines/abi/abitest"
)

const (
	deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: nginx:1
`
	service = `apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports:
  - port: 80
`
)

// aliasBomb stands for a million values.
const aliasBomb = `apiVersion: v1
kind: ConfigMap
metadata: {name: bomb}
a: &a [x, x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
f: [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
`

func build(t *testing.T, repository abitest.Repository, path string) Output {
	t.Helper()
	response := abitest.Call(repository, map[string]any{"op": "build", "path": path})
	if response.Error != nil {
		t.Fatalf("%+v", *response.Error)
	}
	var output Output
	if err := json.Unmarshal(response.Ok, &output); err != nil {
		t.Fatal(err)
	}
	return output
}

func document(n int) *int { return &n }

func TestBuildNamesOrigins(t *testing.T) {
	repository := abitest.Repository{
		"base/kustomization.yaml": "resources: [all.yaml, list.yaml]\nconfigMapGenerator:\n- name: settings\n  files: [app.properties]\n",
		"base/all.yaml":           "# first\n" + service + "---\n---\n" + deployment,
		"base/list.yaml":          "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ServiceAccount\n  metadata: {name: listed}\n",
		"base/app.properties":     "a=b\n",
		"prod/kustomization.yaml": `resources: [../base]
components: [../tls]
namePrefix: prod-
patches:
- path: replicas.yaml
- target: {kind: Deployment}
  patch: |-
    - op: replace
      path: /spec/template/spec/containers/0/image
      value: nginx:2
configMapGenerator:
- name: settings
  behavior: merge
  literals: [c=d]
`,
		"prod/replicas.yaml":     "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n",
		"tls/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- path: tls.yaml\n  target: {kind: Service}\n",
		"tls/tls.yaml":           "- {op: replace, path: /spec/ports/0/port, value: 443}\n",
	}
	want := []Resource{
		{YAML: "name: prod-listed", File: "base/list.yaml"},
		{YAML: "c: d", File: "base/kustomization.yaml",
			ShapedBy: []string{"base/app.properties", "prod/kustomization.yaml"}},
		{YAML: "port: 443", File: "base/all.yaml", Document: document(0), ShapedBy: []string{"tls/tls.yaml"}},
		{YAML: "image: nginx:2", File: "base/all.yaml", Document: document(2),
			ShapedBy: []string{"prod/replicas.yaml", "prod/kustomization.yaml"}},
	}
	got := build(t, repository, "prod").Resources
	if len(got) != len(want) {
		t.Fatalf("got %d resources: %+v", len(got), got)
	}
	for i, resource := range got {
		if !strings.Contains(resource.YAML, want[i].YAML) || strings.Contains(resource.YAML, "drydock") || strings.Contains(resource.YAML, "annotations") {
			t.Errorf("resource %d:\n%s", i, resource.YAML)
		}
		resource.YAML, want[i].YAML = "", ""
		gotText, _ := json.Marshal(resource)
		if want[i].ShapedBy == nil {
			want[i].ShapedBy = []string{}
		}
		wantText, _ := json.Marshal(want[i])
		if string(gotText) != string(wantText) {
			t.Errorf("resource %d: got %s, want %s", i, gotText, wantText)
		}
	}
}

func TestBuildKeepsWhatMarksWouldChange(t *testing.T) {
	repository := abitest.Repository{
		"kustomization.yaml": `resources: [a.yaml]
configMapGenerator:
- name: copy
  files: [a.yaml]
buildMetadata: [originAnnotations]
`,
		"a.yaml": "apiVersion: v1\nkind: Thing\nmetadata:\n  name: a\n  annotations: {flag: true}\n",
	}
	output := build(t, repository, "")
	text := output.Resources[0].YAML + output.Resources[1].YAML
	for _, want := range []string{"flag: true", "path: a.yaml", "configuredIn: kustomization.yaml"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
}

func TestBuildFollowsLinks(t *testing.T) {
	repository := abitest.Repository{
		"apps/web":                         abitest.Link("shared/web"),
		"shared/web/kustomization.yaml":    "resources: [../common]\n",
		"shared/common/kustomization.yaml": "resources: [service.yaml]\n",
		"shared/common/service.yaml":       service,
	}
	output := build(t, repository, "apps/web")
	if len(output.Resources) != 1 || output.Resources[0].File != "shared/common/service.yaml" {
		t.Errorf("%+v", output)
	}
}

func TestBuildSaysThatASchemaWasLoaded(t *testing.T) {
	repository := abitest.Repository{
		"kustomization.yaml": "resources: [a.yaml]\nopenapi: {path: schema.json}\n",
		"schema.json":        `{"definitions":{}}`,
		"a.yaml":             service,
	}
	if !build(t, repository, "").Taint {
		t.Error("no taint")
	}
	delete(repository, "schema.json")
	repository["kustomization.yaml"] = "resources: [a.yaml]\n"
	if build(t, repository, "").Taint {
		t.Error("taint without a schema")
	}
}

func TestBuildFailures(t *testing.T) {
	cases := []struct {
		name       string
		repository abitest.Repository
		path       string
		want       abi.Failure
	}{
		{"no directory", abitest.Repository{}, "a",
			abi.Failure{Kind: abi.Render, Message: "There is no such directory.", File: "a"}},
		{"no kustomization file", abitest.Repository{"a/x": ""}, "a",
			abi.Failure{Kind: abi.Render, Message: "There is no kustomization file here.", File: "a"}},
		{"two kustomization files", abitest.Repository{"a/kustomization.yaml": "", "a/Kustomization": ""}, "a",
			abi.Failure{Kind: abi.Render, Message: "There are several kustomization files in a; kustomize takes one.", File: "a/Kustomization"}},
		{"an empty file", abitest.Repository{"kustomization.yaml": ""}, "",
			abi.Failure{Kind: abi.Render, Message: "The kustomization is empty: it names no resources and changes nothing.", File: "kustomization.yaml"}},
		{"only a kind", abitest.Repository{"kustomization.yaml": "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\n"}, "",
			abi.Failure{Kind: abi.Render, Message: "The kustomization is empty: it names no resources and changes nothing.", File: "kustomization.yaml"}},
		{"a wrong kind", abitest.Repository{"kustomization.yaml": "kind: Deployment\nresources: [a]\n"}, "",
			abi.Failure{Kind: abi.Render, Message: "The kustomization's kind should be Kustomization or Component.", File: "kustomization.yaml"}},
		{"not YAML", abitest.Repository{"kustomization.yaml": "resources:\n- a\n  b: [\n"}, "",
			abi.Failure{Kind: abi.Render, Message: "The kustomization is not valid YAML: mapping values are not allowed in this context.", File: "kustomization.yaml", Line: 3}},
		{"an unknown field", abitest.Repository{"kustomization.yaml": "resources: [a]\nresource: [b]\n"}, "",
			abi.Failure{Kind: abi.Render, Message: `A kustomization has no field "resource".`, File: "kustomization.yaml", Line: 2}},
		{"an unknown field below", abitest.Repository{"kustomization.yaml": "images:\n- name: a\n  newtags: b\n"}, "",
			abi.Failure{Kind: abi.Render, Message: `A kustomization has no field "newtags".`, File: "kustomization.yaml", Line: 3}},
		{"patches that are strings", abitest.Repository{"kustomization.yaml": "patches:\n- path: a.yaml\n- b.yaml\n"}, "",
			abi.Failure{Kind: abi.Render, Message: "`patches` takes mappings, not file names: write `- path: FILE` for each.", File: "kustomization.yaml", Line: 3}},
		{"a number for a list", abitest.Repository{"kustomization.yaml": "resources: 7\n"}, "",
			abi.Failure{Kind: abi.Render, Message: "`resources` cannot hold a number here.", File: "kustomization.yaml", Line: 1}},
		{"a missing file", abitest.Repository{"a/kustomization.yaml": "resources:\n- gone.yaml\n"}, "a",
			abi.Failure{Kind: abi.Render, Message: "gone.yaml is listed here, but there is no a/gone.yaml.", File: "a/kustomization.yaml", Line: 2}},
		{"a missing base of a base", abitest.Repository{"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "bases:\n- ../c\n"}, "a",
			abi.Failure{Kind: abi.Render, Message: "../c is listed here, but there is no c.", File: "b/kustomization.yaml", Line: 2}},
		{"a base without kustomization", abitest.Repository{"a/kustomization.yaml": "resources:\n- ../b\n", "b/x.yaml": ""}, "a",
			abi.Failure{Kind: abi.Render, Message: "There is no kustomization file in b.", File: "a/kustomization.yaml", Line: 2}},
		{"a missing component", abitest.Repository{"kustomization.yaml": "components:\n- tls\n"}, "",
			abi.Failure{Kind: abi.Render, Message: "The component tls is listed here, but there is no directory tls.", File: "kustomization.yaml", Line: 2}},
		{"a component as resource", abitest.Repository{"kustomization.yaml": "resources: [c]\n", "c/kustomization.yaml": "kind: Component\nresources: [x]\n"}, "",
			abi.Failure{Kind: abi.Render, Message: "c/kustomization.yaml is a Component: list it under `components`.", File: "kustomization.yaml", Line: 1}},
		{"a base as component", abitest.Repository{"kustomization.yaml": "components: [c]\n", "c/kustomization.yaml": "resources: [x]\n"}, "",
			abi.Failure{Kind: abi.Render, Message: "c/kustomization.yaml is not a Component: list it under `resources`.", File: "kustomization.yaml", Line: 1}},
		{"a cycle", abitest.Repository{"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a]\n"}, "a",
			abi.Failure{Kind: abi.Render, Message: "This leads in a circle: a is or contains a, which is being built already.", File: "b/kustomization.yaml", Line: 1}},
		{"a base above", abitest.Repository{"kustomization.yaml": "resources: [x]\n", "a/kustomization.yaml": "resources: [..]\n"}, "a",
			abi.Failure{Kind: abi.Render, Message: "This leads in a circle: the repository's root is or contains a, which is being built already.", File: "a/kustomization.yaml", Line: 1}},
		{"out of the repository", abitest.Repository{"a/kustomization.yaml": "resources:\n- ../../etc\n"}, "a",
			abi.Failure{Kind: abi.OutsideRepository, Message: "../../etc leads out of the repository.", File: "a/kustomization.yaml", Line: 2}},
		{"an absolute path", abitest.Repository{"kustomization.yaml": "configMapGenerator:\n- name: a\n  files: [x=/etc/passwd]\n"}, "",
			abi.Failure{Kind: abi.OutsideRepository, Message: "/etc/passwd is an absolute path, which leads out of the repository.", File: "kustomization.yaml", Line: 2}},
		{"a file of another directory", abitest.Repository{"a/kustomization.yaml": "resources: [../b.yaml]\n", "b.yaml": service}, "a",
			abi.Failure{Kind: abi.Render, Message: "../b.yaml is outside a, and kustomize loads single files only from a kustomization's own directory. Move it there, or make it a base with its own kustomization.", File: "a/kustomization.yaml", Line: 1}},
		{"a linked file of another directory", abitest.Repository{"a/kustomization.yaml": "resources: [b.yaml]\n", "a/b.yaml": abitest.Link("b.yaml"), "b.yaml": service}, "a",
			abi.Failure{Kind: abi.Render, Message: "b.yaml is outside a, and kustomize loads single files only from a kustomization's own directory. Move it there, or make it a base with its own kustomization.", File: "a/kustomization.yaml", Line: 1}},
		{"a remote file", abitest.Repository{"kustomization.yaml": "resources:\n- https://user:secret@example.com/a.yaml\n"}, "",
			abi.Failure{Kind: abi.RemoteInput, Message: "`resources` names https://example.com/a.yaml, which has to be fetched.", File: "kustomization.yaml", Line: 2}},
		{"a remote base", abitest.Repository{"kustomization.yaml": "resources:\n- github.com/org/repo//path?ref=v1\n"}, "",
			abi.Failure{Kind: abi.RemoteInput, Message: "`resources` names github.com/org/repo//path?ref=v1, which has to be fetched.", File: "kustomization.yaml", Line: 2}},
		{"a remote base over ssh", abitest.Repository{"kustomization.yaml": "bases: ['git@github.com:org/repo.git']\n"}, "",
			abi.Failure{Kind: abi.RemoteInput, Message: "`bases` names git@github.com:org/repo.git, which has to be fetched.", File: "kustomization.yaml", Line: 1}},
		{"a remote component", abitest.Repository{"kustomization.yaml": "components: ['https://github.com/org/repo/c']\n"}, "",
			abi.Failure{Kind: abi.RemoteInput, Message: "`components` names https://github.com/org/repo/c, which has to be fetched.", File: "kustomization.yaml", Line: 1}},
		{"a remote patch", abitest.Repository{"kustomization.yaml": "patches:\n- path: https://example.com/p.yaml\n"}, "",
			abi.Failure{Kind: abi.RemoteInput, Message: "`patches` names https://example.com/p.yaml, which has to be fetched.", File: "kustomization.yaml", Line: 2}},
		{"a remote openapi", abitest.Repository{"kustomization.yaml": "openapi:\n  path: https://example.com/o.json\n"}, "",
			abi.Failure{Kind: abi.RemoteInput, Message: "`openapi` names https://example.com/o.json, which has to be fetched.", File: "kustomization.yaml", Line: 2}},
		{"a chart", abitest.Repository{"kustomization.yaml": "helmCharts:\n- name: a\n  repo: https://example.com\n"}, "",
			abi.Failure{Kind: abi.Plugin, Message: "Rendering a chart through kustomize (`helmCharts`) is not supported yet.", File: "kustomization.yaml", Line: 2}},
		{"a plugin file", abitest.Repository{"kustomization.yaml": "generators: [g.yaml]\n", "g.yaml": "apiVersion: someteam.example.com/v1\nkind: SopsGenerator\nmetadata: {name: x}\n"}, "",
			abi.Failure{Kind: abi.Plugin, Message: "The kustomize plugin SopsGenerator (someteam.example.com/v1) is a program, and plugins are never run.", File: "g.yaml"}},
		{"an inline function", abitest.Repository{"kustomization.yaml": "transformers:\n- |-\n  apiVersion: v1\n  kind: Fn\n  metadata:\n    name: x\n    annotations:\n      config.kubernetes.io/function: 'container: {image: x}'\n"}, "",
			abi.Failure{Kind: abi.Plugin, Message: "The kustomize plugin Fn (v1) is a program, and plugins are never run.", File: "kustomization.yaml", Line: 2}},
		{"a chart generator in a directory", abitest.Repository{"kustomization.yaml": "generators: [g]\n", "g/kustomization.yaml": "resources: [c.yaml]\n", "g/c.yaml": "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\n"}, "",
			abi.Failure{Kind: abi.Plugin, Message: "Rendering a chart through kustomize (HelmChartInflationGenerator) is not supported yet.", File: "g/c.yaml"}},
		{"a submodule", abitest.Repository{"kustomization.yaml": "resources: [m]\n", "m": abitest.Failure(abi.Submodule, "m is a submodule")}, "",
			abi.Failure{Kind: abi.Submodule, Message: "m is a submodule", File: "m"}},
		{"a patch without target", abitest.Repository{"kustomization.yaml": "resources: [a.yaml]\npatches:\n- path: p.yaml\n", "a.yaml": service, "p.yaml": deployment}, "",
			abi.Failure{Kind: abi.Render, Message: "The patch p.yaml is meant for Deployment web, but there is no such resource here.", File: "kustomization.yaml", Line: 3}},
		{"an inline patch without target in a base", abitest.Repository{
			"o/kustomization.yaml": "resources: [../b]\n",
			"b/kustomization.yaml": "resources: [a.yaml]\npatches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: api, namespace: n}\n", "b/a.yaml": service}, "o",
			abi.Failure{Kind: abi.Render, Message: "The patch is meant for Deployment api in namespace n, but there is no such resource here.", File: "b/kustomization.yaml", Line: 3}},
		{"two equal ids", abitest.Repository{"kustomization.yaml": "resources: [a.yaml, b.yaml]\n", "a.yaml": service, "b.yaml": service}, "",
			abi.Failure{Kind: abi.Render, Message: "Two resources are both Service web; kustomize takes only one of a kind and name.", File: "kustomization.yaml"}},
		{"a JSON patch of a path that is gone", abitest.Repository{"kustomization.yaml": "resources: [a.yaml]\npatches:\n- target: {kind: Service}\n  patch: '[{\"op\": \"replace\", \"path\": \"/spec/gone/port\", \"value\": 1}]'\n", "a.yaml": service}, "",
			abi.Failure{Kind: abi.Render, Message: "The patch does not apply: replace operation does not apply: doc is missing path: /spec/gone/port: missing value.", File: "kustomization.yaml", Line: 3}},
		{"a namespace that makes two objects one", abitest.Repository{"kustomization.yaml": "resources: [a.yaml]\nnamespace: shop\n",
			"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: x}\ndata: {key: hunter2}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: y}\n"}, "",
			abi.Failure{Kind: abi.Render, Message: "The namespace makes two resources one: both are ConfigMap c then.", File: "kustomization.yaml", Line: 2}},
		{"a resource without a name", abitest.Repository{"kustomization.yaml": "resources: [a.yaml, b.yaml]\n", "a.yaml": service, "b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n"}, "",
			abi.Failure{Kind: abi.Render, Message: "A ConfigMap has no metadata.name.", File: "b.yaml"}},
		{"a resource that is not YAML", abitest.Repository{"a/kustomization.yaml": "resources: [a.yaml]\n", "a/a.yaml": "a: b\n c: d\n"}, "a",
			abi.Failure{Kind: abi.Render, Message: "This is not valid YAML: mapping values are not allowed in this context.", File: "a/a.yaml", Line: 2}},
	}
	for name, repository := range map[string]abitest.Repository{
		"a.yaml": {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": service + "---\n" + aliasBomb},
		"p.yaml": {"kustomization.yaml": "resources: [a.yaml]\npatches:\n- path: p.yaml\n", "a.yaml": service, "p.yaml": aliasBomb},
		"kustomization.yaml": {"kustomization.yaml": "resources: [a.yaml]\npatches:\n- patch: |\n    " +
			strings.ReplaceAll(aliasBomb, "\n", "\n    ") + "\n", "a.yaml": service},
	} {
		cases = append(cases, struct {
			name       string
			repository abitest.Repository
			path       string
			want       abi.Failure
		}{"an alias bomb in " + name, repository, "",
			abi.Failure{Kind: abi.Limit, Message: "The aliases of this document expand to more than 100000 values.", File: name}})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			response := abitest.Call(c.repository, map[string]any{"op": "build", "path": c.path})
			if response.Error == nil {
				t.Fatalf("it was built: %s", response.Ok)
			}
			if *response.Error != c.want {
				t.Errorf("got  %+v\nwant %+v", *response.Error, c.want)
			}
		})
	}
}

func TestFailuresHoldNoSecrets(t *testing.T) {
	cases := map[string]abitest.Repository{
		"a literal without key":       {"kustomization.yaml": "secretGenerator:\n- name: s\n  literals: [hunter2]\n"},
		"a generator that is refused": {"kustomization.yaml": "secretGenerator:\n- name: s\n  behavior: merge\n  literals: [password=hunter2]\n"},
		"a patch that is refused":     {"kustomization.yaml": "resources: [a.yaml]\npatches:\n- patch: |-\n    stringData: {password: hunter2}\n", "a.yaml": service},
		"a patch without target":      {"kustomization.yaml": "resources: [a.yaml]\npatches:\n- patch: |-\n    apiVersion: v1\n    kind: Secret\n    metadata: {name: s}\n    stringData: {password: hunter2}\n", "a.yaml": service},
		"an object without name":      {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {labels: {password: hunter2}}\n"},
		"an env file":                 {"kustomization.yaml": "secretGenerator:\n- name: s\n  envs: [e]\n", "e": "pass\xffhunter2\n"},
	}
	for name, repository := range cases {
		t.Run(name, func(t *testing.T) {
			response := abitest.Call(repository, map[string]any{"op": "build", "path": ""})
			if response.Error == nil {
				t.Fatalf("it was built: %s", response.Ok)
			}
			t.Log(response.Error.Message)
			if strings.Contains(response.Error.Message, "hunter2") {
				t.Errorf("%+v", *response.Error)
			}
		})
	}
}

func TestBuildNamesIdlePatches(t *testing.T) {
	const patch = "patches: [{target: {kind: %s, name: %s}, patch: '[{\"op\": \"add\", \"path\": \"/data/a\", \"value\": \"b\"}]'}]\n"
	for name, test := range map[string]struct {
		kind, target, prefix string
		isIdle               bool
	}{
		"a name that is there":              {"ConfigMap", "settings", "", false},
		"a name that is gone":               {"ConfigMap", "setings", "", true},
		"a kind that is not there":          {"Secret", "settings", "", true},
		"a pattern that fits":               {"ConfigMap", "set.*", "", false},
		"the name before a prefix":          {"ConfigMap", "settings", "namePrefix: a-\n", false},
		"a name that the prefix only makes": {"ConfigMap", "a-settings", "namePrefix: a-\n", false},
		"a pattern that fits no whole name": {"ConfigMap", "setting", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			output := build(t, abitest.Repository{
				"app/kustomization.yaml": "resources: [a.yaml]\n" + test.prefix + fmt.Sprintf(patch, test.kind, test.target),
				"app/a.yaml":             "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {}\n",
			}, "app")
			if isIdle := len(output.Findings) > 0; isIdle != test.isIdle {
				t.Errorf("findings %+v", output.Findings)
			}
		})
	}
}

func TestBuildTakesDataThatIsNotReadAsYAML(t *testing.T) {
	repository := abitest.Repository{"kustomization.yaml": "configMapGenerator:\n- name: c\n  files: [bomb.yaml]\n", "bomb.yaml": aliasBomb}
	if built := build(t, repository, ""); len(built.Resources) != 1 {
		t.Errorf("%+v", built)
	}
}
