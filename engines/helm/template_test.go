package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"drydock.dev/engines/abi"
	"drydock.dev/engines/abi/abitest"
)

const (
	chartFile = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
	configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Chart.Name }}}\ndata: {v: {{ .Values | toJson | quote }}}\n"
)

const portSchema = `{"properties": {"port": {"type": "integer"}, "ports": {"items": {"type": "integer"}}, "db": {"required": ["host"]}}}`

func subchart(name string) string { return "apiVersion: v2\nname: " + name + "\nversion: 1.0.0\n" }

func dependsOn(name, repository string) string {
	return chartFile + "dependencies:\n- name: " + name + "\n  version: 1.x\n  repository: " + repository + "\n"
}

func call(repository abitest.Repository, changes map[string]any) abitest.Response {
	request := map[string]any{"op": "template", "chart": "c", "releaseName": "r", "namespace": "n", "kubeVersion": "1.33.0"}
	for key, value := range changes {
		request[key] = value
	}
	return abitest.Call(repository, request)
}

func template(t *testing.T, repository abitest.Repository, changes map[string]any) []Resource {
	t.Helper()
	response := call(repository, changes)
	if response.Error != nil {
		t.Fatalf("%+v", *response.Error)
	}
	var output Output
	if err := json.Unmarshal(response.Ok, &output); err != nil {
		t.Fatal(err)
	}
	return output.Resources
}

func pack(t *testing.T, top string, files map[string]string) string {
	t.Helper()
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zipped)
	for name, content := range files {
		header := &tar.Header{Name: top + "/" + name, Mode: 0o644, Size: int64(len(content))}
		if err := archive.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

func TestTemplateNamesOrigins(t *testing.T) {
	repository := abitest.Repository{
		"c/Chart.yaml":                  chartFile + "dependencies:\n- {name: sub, version: 1.x, repository: '', alias: aka}\n- {name: packed, version: 1.x, repository: ''}\n",
		"c/values.yaml":                 "a: 1\n",
		"c/crds/crd.yaml":               "# c\n---\nkind: CustomResourceDefinition\n---\nkind: CustomResourceDefinition\n",
		"c/templates/c.yaml":            configMap,
		"c/templates/hook.yaml":         "kind: Job\nmetadata: {annotations: {helm.sh/hook: 'pre-install, post-delete'}}\n",
		"c/charts/sub/Chart.yaml":       subchart("sub"),
		"c/charts/sub/values.yaml":      "b: 2\n",
		"c/charts/sub/templates/s.yaml": configMap,
		"c/charts/packed-1.tgz":         pack(t, "packed", map[string]string{"Chart.yaml": subchart("packed"), "values.yaml": "x: 1", "templates/p.yaml": configMap}),
		"prod.yaml":                     "a: 2\n",
	}
	two := []string{"c/values.yaml", "prod.yaml"}
	want := []Resource{
		{File: "c/crds/crd.yaml", ShapedBy: []string{}, Hooks: []string{}},
		{File: "c/crds/crd.yaml", ShapedBy: []string{}, Hooks: []string{}},
		{File: "c/charts/sub/templates/s.yaml", ShapedBy: []string{"c/charts/sub/values.yaml", "c/values.yaml", "prod.yaml"}, Hooks: []string{}},
		{File: "c/charts/packed-1.tgz", ShapedBy: two, Hooks: []string{}},
		{File: "c/templates/c.yaml", ShapedBy: two, Hooks: []string{}},
		{File: "c/templates/hook.yaml", ShapedBy: two, Hooks: []string{"pre-install", "post-delete"}},
	}
	got := template(t, repository, map[string]any{"includeCrds": true, "valuesFiles": []string{"prod.yaml"}})
	for index := range want {
		if index >= len(got) {
			t.Fatalf("only %d resources", len(got))
		}
		one := got[index]
		if one.File != want[index].File || !slices.Equal(one.ShapedBy, want[index].ShapedBy) || !slices.Equal(one.Hooks, want[index].Hooks) {
			t.Errorf("resource %d: got %+v, want %+v", index, one, want[index])
		}
	}
	if *got[0].Document != 0 || *got[1].Document != 1 || got[2].Document != nil {
		t.Errorf("documents: %v %v %v", got[0].Document, got[1].Document, got[2].Document)
	}
	if len(got) != len(want) || !strings.Contains(got[2].YAML, "name: aka") {
		t.Errorf("%d resources, the third: %s", len(got), got[2].YAML)
	}
}

func TestTemplateTakesFileDependenciesFromTheRepository(t *testing.T) {
	repository := abitest.Repository{
		"c/Chart.yaml":              dependsOn("lib", "file://../libs/lib"),
		"c/templates/c.yaml":        `{{ include "lib.map" . }}`,
		"libs/lib/Chart.yaml":       subchart("lib") + "type: library\n",
		"libs/lib/templates/_m.tpl": "{{ define \"lib.map\" }}kind: Made\nmetadata: {name: {{ .Release.Name }}}{{ end }}",
	}
	got := template(t, repository, nil)
	if len(got) != 1 || !strings.Contains(got[0].YAML, "name: r") {
		t.Errorf("%+v", got)
	}
}

func TestTemplateReadsThroughLinks(t *testing.T) {
	repository := abitest.Repository{
		"c/Chart.yaml":            chartFile,
		"c/templates":             abitest.Link("shared/templates"),
		"c/values.yaml":           abitest.Link("shared/values.yaml"),
		"shared/values.yaml":      "a: linked\n",
		"shared/templates/c.yaml": configMap,
	}
	got := template(t, repository, nil)
	if len(got) != 1 || !strings.Contains(got[0].YAML, "linked") {
		t.Errorf("%+v", got)
	}
}

func TestTemplateLooksNotAtWhatIsIgnored(t *testing.T) {
	repository := abitest.Repository{
		"c/Chart.yaml":       chartFile,
		"c/.helmignore":      "/vendored\n",
		"c/vendored":         abitest.Failure(abi.Submodule, "a submodule"),
		"c/templates/c.yaml": configMap,
	}
	if got := template(t, repository, nil); len(got) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestTemplateFailures(t *testing.T) {
	chart := func(files abitest.Repository) abitest.Repository {
		repository := abitest.Repository{"c/Chart.yaml": chartFile}
		for name, content := range files {
			repository[name] = content
		}
		return repository
	}
	cases := []struct {
		name       string
		repository abitest.Repository
		changes    map[string]any
		want       abi.Failure
	}{
		{"no chart", abitest.Repository{}, nil,
			abi.Failure{Kind: abi.Render, Message: "There is no chart at c.", File: "c"}},
		{"no Chart.yaml", abitest.Repository{"c/values.yaml": ""}, nil,
			abi.Failure{Kind: abi.Render, Message: "There is no Chart.yaml in c.", File: "c"}},
		{"a Chart.yaml that is not YAML", abitest.Repository{"c/Chart.yaml": "name: a\n b: c\n"}, nil,
			abi.Failure{Kind: abi.Render, Message: "This is not valid YAML: mapping values are not allowed in this context.", File: "c/Chart.yaml", Line: 2}},
		{"a chart without version", abitest.Repository{"c/Chart.yaml": "apiVersion: v2\nname: web\n"}, nil,
			abi.Failure{Kind: abi.Render, Message: "The chart is not valid: chart.metadata.version is required.", File: "c/Chart.yaml"}},
		{"a chart of the next version", abitest.Repository{"c/Chart.yaml": strings.Replace(chartFile, "v2", "v3", 1)}, nil,
			abi.Failure{Kind: abi.Render, Message: `Charts with apiVersion "v3" cannot be rendered; v1 and v2 can.`, File: "c/Chart.yaml"}},
		{"a library chart", abitest.Repository{"c/Chart.yaml": chartFile + "type: library\n"}, nil,
			abi.Failure{Kind: abi.Render, Message: "This is a library chart, which cannot be installed by itself.", File: "c/Chart.yaml"}},
		{"another Kubernetes", abitest.Repository{"c/Chart.yaml": chartFile + "kubeVersion: '>=1.40'\n"}, nil,
			abi.Failure{Kind: abi.Render, Message: "The chart asks for Kubernetes >=1.40, which v1.33.0 is not.", File: "c/Chart.yaml"}},
		{"values that are not YAML", chart(abitest.Repository{"c/values.yaml": "a: [\n"}), nil,
			abi.Failure{Kind: abi.Render, Message: "This is not valid YAML: did not find expected node content.", File: "c/values.yaml", Line: 1}},
		{"a values file that is missing", chart(nil), map[string]any{"valuesFiles": []string{"prod.yaml"}},
			abi.Failure{Kind: abi.Render, Message: "There is no values file prod.yaml.", File: "prod.yaml"}},
		{"a values file that is a list", chart(abitest.Repository{"prod.yaml": "- a\n"}), map[string]any{"valuesFiles": []string{"prod.yaml"}},
			abi.Failure{Kind: abi.Render, Message: "An array stands where a mapping should be.", File: "prod.yaml"}},
		{"a values file out of the repository", chart(nil), map[string]any{"valuesFiles": []string{"../prod.yaml"}},
			abi.Failure{Kind: abi.OutsideRepository, Message: `"../prod.yaml" leads out of the repository.`}},
		{"a values file to fetch", chart(nil), map[string]any{"valuesFiles": []string{"https://example.com/v.yaml"}},
			abi.Failure{Kind: abi.RemoteInput, Message: "The values file https://example.com/v.yaml has to be fetched."}},
		{"a release name that is none", chart(nil), map[string]any{"releaseName": "Not_Good"},
			abi.Failure{Kind: abi.Render, Message: `"Not_Good" cannot be a release's name: at most 53 lower-case letters, digits, '-' and '.'.`, File: "c"}},
		{"a dependency to fetch", abitest.Repository{"c/Chart.yaml": dependsOn("redis", "https://charts.example.com")}, nil,
			abi.Failure{Kind: abi.MissingDependency, Message: "The dependency redis 1.x from https://charts.example.com is not in c/charts. Vendor it there with `helm dependency build`.", File: "c/Chart.yaml", Line: 5}},
		{"a dependency of an old chart to fetch", abitest.Repository{"c/Chart.yaml": strings.Replace(chartFile, "v2", "v1", 1), "c/requirements.yaml": "dependencies:\n- name: redis\n  version: 1.x\n  repository: https://charts.example.com\n"}, nil,
			abi.Failure{Kind: abi.MissingDependency, Message: "The dependency redis 1.x from https://charts.example.com is not in c/charts. Vendor it there with `helm dependency build`.", File: "c/requirements.yaml", Line: 2}},
		{"a dependency that is listed twice", abitest.Repository{"c/Chart.yaml": dependsOn("redis", "https://e") + "- {name: redis, version: 1.x, repository: 'https://e', alias: cache}\n"}, nil,
			abi.Failure{Kind: abi.MissingDependency, Message: "The dependency redis 1.x from https://e is not in c/charts. Vendor it there with `helm dependency build`.", File: "c/Chart.yaml"}},
		{"a dependency out of the repository", abitest.Repository{"c/Chart.yaml": dependsOn("x", "file://../../x")}, nil,
			abi.Failure{Kind: abi.OutsideRepository, Message: "The dependency x leads out of the repository: file://../../x.", File: "c/Chart.yaml", Line: 5}},
		{"a dependency that is not there", abitest.Repository{"c/Chart.yaml": dependsOn("x", "file://../x")}, nil,
			abi.Failure{Kind: abi.Render, Message: "There is no chart at x.", File: "x"}},
		{"something else in charts", chart(abitest.Repository{"c/charts/README.md": "hello"}), nil,
			abi.Failure{Kind: abi.Render, Message: "Helm takes every entry of charts/ for a chart, and this one is none. Move it away or name it in .helmignore.", File: "c/charts/README.md"}},
		{"an archive that is none", chart(abitest.Repository{"c/charts/x.tgz": "hello world"}), nil,
			abi.Failure{Kind: abi.Render, Message: "This is not a chart archive: gzip: invalid header.", File: "c/charts/x.tgz"}},
		{"an archive that holds too much", chart(abitest.Repository{"c/charts/x.tgz": pack(t, "x", map[string]string{"Chart.yaml": subchart("x"), "big": strings.Repeat("a", maxChartBytes)})}), nil,
			abi.Failure{Kind: abi.Limit, Message: "The chart and its dependencies hold more than 64 MiB or 20000 files.", File: "c/charts/x.tgz"}},
		{"a submodule", chart(abitest.Repository{"c/charts": abitest.Failure(abi.Submodule, "a submodule")}), nil,
			abi.Failure{Kind: abi.Submodule, Message: "a submodule", File: "c/charts"}},
		{"values that do not fit the schema", chart(abitest.Repository{"c/values.yaml": "db: {port: hunter2}\n", "c/values.schema.json": `{"properties": {"db": {"required": ["host"], "properties": {"port": {"type": "integer"}}}}}`}), nil,
			abi.Failure{Kind: abi.Render, Message: "The values of web do not fit its schema: db.port: got string, want integer; db: missing property 'host'.", File: "c/values.yaml", Line: 1}},
		{"a value that a values file lays over the default", chart(abitest.Repository{"c/values.yaml": "port: 1\n", "prod.yaml": "# ours\nport: x\n", "c/values.schema.json": portSchema}), map[string]any{"valuesFiles": []string{"prod.yaml"}},
			abi.Failure{Kind: abi.Render, Message: "The values of web do not fit its schema: port: got string, want integer.", File: "prod.yaml", Line: 2}},
		{"an item of a list", chart(abitest.Repository{"c/values.yaml": "ports: [1]\n", "prod.yaml": "ports:\n- 1\n- x\n", "c/values.schema.json": portSchema}), map[string]any{"valuesFiles": []string{"prod.yaml"}},
			abi.Failure{Kind: abi.Render, Message: "The values of web do not fit its schema: ports.1: got string, want integer.", File: "prod.yaml", Line: 3}},
		{"a field missing in a mapping of two files", chart(abitest.Repository{"c/values.yaml": "db: {a: 1}\n", "prod.yaml": "db: {b: 1}\n", "c/values.schema.json": portSchema}), map[string]any{"valuesFiles": []string{"prod.yaml"}},
			abi.Failure{Kind: abi.Render, Message: "The values of web do not fit its schema: db: missing property 'host'.", File: "c/values.schema.json"}},
		{"a value that may come by a merge key", chart(abitest.Repository{"c/values.yaml": "port: x\n", "prod.yaml": "<<: {port: x}\n", "c/values.schema.json": portSchema}), map[string]any{"valuesFiles": []string{"prod.yaml"}},
			abi.Failure{Kind: abi.Render, Message: "The values of web do not fit its schema: port: got string, want integer.", File: "c/values.schema.json"}},
		{"a value for a subchart", chart(abitest.Repository{"c/values.yaml": "a: 1\nsub:\n  port: x\n", "c/charts/sub/Chart.yaml": subchart("sub"), "c/charts/sub/values.yaml": "port: 1\n", "c/charts/sub/values.schema.json": portSchema}), nil,
			abi.Failure{Kind: abi.Render, Message: "The values of sub do not fit its schema: port: got string, want integer.", File: "c/values.yaml", Line: 3}},
		{"a value of a subchart's own", chart(abitest.Repository{"c/charts/sub/Chart.yaml": subchart("sub"), "c/charts/sub/values.yaml": "a: 1\nport: x\n", "c/charts/sub/values.schema.json": portSchema}), nil,
			abi.Failure{Kind: abi.Render, Message: "The values of sub do not fit its schema: port: got string, want integer.", File: "c/charts/sub/values.yaml", Line: 2}},
		{"a value that does not fit a pattern", chart(abitest.Repository{"c/values.yaml": "name: hunter2\n", "c/values.schema.json": `{"properties": {"name": {"pattern": "^[a-z]+$"}}}`}), nil,
			abi.Failure{Kind: abi.Render, Message: "The values of web do not fit its schema: name does not match the pattern ^[a-z]+$.", File: "c/values.yaml", Line: 1}},
		{"a schema that refers to the network", chart(abitest.Repository{"c/values.schema.json": `{"$ref": "https://example.com/s.json"}`}), nil,
			abi.Failure{Kind: abi.RemoteInput, Message: "The chart's values schema refers to https://example.com/s.json, which has to be fetched.", File: "c/values.schema.json"}},
		{"a schema that is not JSON", chart(abitest.Repository{"c/values.schema.json": `{`}), nil,
			abi.Failure{Kind: abi.Render, Message: "The chart's values schema is not JSON: unexpected EOF.", File: "c/values.schema.json"}},
		{"a template that does not parse", chart(abitest.Repository{"c/templates/c.yaml": "a: 1\nb: {{ if }}\n"}), nil,
			abi.Failure{Kind: abi.Render, Message: "missing value for if", File: "c/templates/c.yaml", Line: 2}},
		{"a function that does not exist", chart(abitest.Repository{"c/templates/c.yaml": "{{ env \"HOME\" }}\n"}), nil,
			abi.Failure{Kind: abi.Render, Message: `function "env" not defined`, File: "c/templates/c.yaml", Line: 1}},
		{"a nil pointer", chart(abitest.Repository{"c/templates/c.yaml": "a: 1\n\nb: {{ .Values.a.b.c }}\n"}), nil,
			abi.Failure{Kind: abi.Render, Message: "nil pointer evaluating interface {}.b", File: "c/templates/c.yaml", Line: 3}},
		{"required", chart(abitest.Repository{"c/templates/c.yaml": "\na: {{ required \"say which host\" .Values.host }}\n"}), nil,
			abi.Failure{Kind: abi.Render, Message: "say which host", File: "c/templates/c.yaml", Line: 2}},
		{"fail in a helper", chart(abitest.Repository{"c/templates/c.yaml": "\na: {{ include \"h\" . }}\n", "c/templates/_h.tpl": "{{ define \"h\" }}\n\n{{ fail \"no\" }}{{ end }}"}), nil,
			abi.Failure{Kind: abi.Render, Message: "no", File: "c/templates/c.yaml", Line: 2}},
		{"an error in a helper", chart(abitest.Repository{"c/templates/c.yaml": "\na: {{ include \"h\" . }}\n", "c/templates/_h.tpl": "{{ define \"h\" }}\n\n{{ .Values.a.b }}{{ end }}"}), nil,
			abi.Failure{Kind: abi.Render, Message: "nil pointer evaluating interface {}.b (in web/templates/_h.tpl:3, reached from web/templates/c.yaml:2)", File: "c/templates/_h.tpl", Line: 3}},
		{"a template that includes itself", chart(abitest.Repository{"c/templates/c.yaml": "{{ include \"h\" . }}\n", "c/templates/_h.tpl": "{{ define \"h\" }}{{ include \"h\" . }}{{ end }}"}), nil,
			abi.Failure{Kind: abi.Render, Message: "rendering template has a nested reference name: h: unable to execute template (in web/templates/_h.tpl:1, reached from web/templates/c.yaml:1)", File: "c/templates/_h.tpl", Line: 1}},
		{"a template of an archive", chart(abitest.Repository{"c/charts/x.tgz": pack(t, "x", map[string]string{"Chart.yaml": subchart("x"), "templates/x.yaml": "{{ .Values.a.b }}"})}), nil,
			abi.Failure{Kind: abi.Render, Message: "nil pointer evaluating interface {}.b", File: "c/charts/x.tgz"}},
		{"output that is not YAML", chart(abitest.Repository{"c/templates/c.yaml": "a: 1\n b: 2\n"}), nil,
			abi.Failure{Kind: abi.Render, Message: "The template renders text that is not a Kubernetes manifest: mapping values are not allowed in this context (line 2 of the rendered document, not of the template).", File: "c/templates/c.yaml"}},
		{"an unknown version", chart(nil), map[string]any{"kubeVersion": "latest"},
			abi.Failure{Kind: abi.Render, Message: `"latest" is not a Kubernetes version.`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			response := call(c.repository, c.changes)
			if response.Error == nil {
				t.Fatalf("it was rendered: %s", response.Ok)
			}
			if *response.Error != c.want {
				t.Errorf("got  %+v\nwant %+v", *response.Error, c.want)
			}
		})
	}
}

func TestTemplateKnowsTheAPIsThatAreServed(t *testing.T) {
	const asking = "kind: ConfigMap\ndata: {old: {{ .Capabilities.APIVersions.Has \"policy/v1beta1\" }}, apps: {{ .Capabilities.APIVersions.Has \"apps/v1\" }}, own: {{ .Capabilities.APIVersions.Has \"example.com/v1\" }}}\n"
	repository := abitest.Repository{"c/Chart.yaml": chartFile, "c/templates/c.yaml": asking}
	own := []string{"example.com/v1"}
	for _, test := range []struct {
		name    string
		changes map[string]any
		want    string
	}{
		{"as Helm assumes", map[string]any{"apiVersions": own}, "{old: true, apps: true, own: true}"},
		{"as they are served", map[string]any{"apiVersions": own, "servedApis": []string{"v1", "apps/v1"}}, "{old: false, apps: true, own: true}"},
	} {
		if got := template(t, repository, test.changes)[0].YAML; !strings.Contains(got, test.want) {
			t.Errorf("%s: %s", test.name, got)
		}
	}
}
