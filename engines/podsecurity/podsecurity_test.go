package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"k8s.io/pod-security-admission/policy"
	fixtures "k8s.io/pod-security-admission/test"
	"sigs.k8s.io/yaml"

	"drydock.dev/engines/abi/abitest"
)

func call(t *testing.T, level, version string, objects ...string) []outcome {
	t.Helper()
	inputs := []map[string]string{}
	for _, object := range objects {
		text, err := yaml.YAMLToJSON([]byte(object))
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, map[string]string{"json": string(text)})
	}
	response := abitest.Call(nil, map[string]any{"op": "judge", "level": level, "version": version, "inputs": inputs})
	if response.Error != nil {
		t.Fatalf("%+v", response.Error)
	}
	var result judgeResult
	if err := json.Unmarshal(response.Ok, &result); err != nil {
		t.Fatal(err)
	}
	return result.Outcomes
}

// fixtureRoot is upstream's test data: pods that pass and fail, by level and version.
func fixtureRoot(t *testing.T) string {
	t.Helper()
	_ = fixtures.GetMinimalValidPod // so that the module of the fixtures is one of ours
	output, err := moduleDirectory("k8s.io/pod-security-admission")
	if err != nil {
		t.Skipf("the module's own files cannot be found: %v", err)
	}
	return filepath.Join(output, "test", "testdata")
}

func TestUpstreamFixtures(t *testing.T) {
	root := fixtureRoot(t)
	count := 0
	for _, level := range []string{"baseline", "restricted"} {
		versions, err := os.ReadDir(filepath.Join(root, level))
		if err != nil {
			t.Fatal(err)
		}
		for _, version := range versions {
			for _, verdict := range []string{"pass", "fail"} {
				files, err := filepath.Glob(filepath.Join(root, level, version.Name(), verdict, "*.yaml"))
				if err != nil || len(files) == 0 {
					t.Fatalf("no fixtures for %s %s %s: %v", level, version.Name(), verdict, err)
				}
				pods := make([]string, len(files))
				for i, file := range files {
					text, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					pods[i] = string(text)
				}
				for i, outcome := range call(t, level, version.Name(), pods...) {
					count++
					if (len(outcome.Answers) == 0) != (verdict == "pass") || outcome.Problem != "" {
						t.Errorf("%s: %+v", files[i], outcome)
					}
				}
			}
		}
	}
	if count < 1000 {
		t.Errorf("only %d fixtures", count)
	}
	t.Logf("%d fixtures", count)
}

func TestEveryKindThatMakesPods(t *testing.T) {
	const spec = `{containers: [{name: a, image: a, securityContext: {privileged: true}}]}`
	objects := map[string]string{
		`["spec","containers",0,"securityContext","privileged"]`:                                        "{apiVersion: v1, kind: Pod, spec: " + spec + "}",
		`["template","spec","containers",0,"securityContext","privileged"]`:                             "{apiVersion: v1, kind: PodTemplate, template: {spec: " + spec + "}}",
		`["spec","template","spec","containers",0,"securityContext","privileged"]`:                      "{apiVersion: apps/v1, kind: Deployment, spec: {template: {spec: " + spec + "}}}",
		`["spec","jobTemplate","spec","template","spec","containers",0,"securityContext","privileged"]`: "{apiVersion: batch/v1, kind: CronJob, spec: {jobTemplate: {spec: {template: {spec: " + spec + "}}}}}",
	}
	for want, object := range objects {
		outcome := call(t, "baseline", "1.36.3", object)[0]
		if len(outcome.Answers) != 1 {
			t.Fatalf("%s: %+v", object, outcome)
		}
		path, _ := json.Marshal(outcome.Answers[0].Path)
		if string(path) != want || outcome.Answers[0].Message != `privileged (container "a" must not set securityContext.privileged=true)` {
			t.Errorf("got %s %q, want %s", path, outcome.Answers[0].Message, want)
		}
	}
	for _, other := range []string{"{apiVersion: v1, kind: ConfigMap}", "{apiVersion: example.com/v1, kind: Deployment, spec: {template: {}}}", "{apiVersion: apps/v1, kind: Deployment, spec: {}}", "{apiVersion: v1, Kind: Pod, spec: {hostNetwork: true}}"} {
		if outcome := call(t, "restricted", "1.36.3", other)[0]; len(outcome.Answers) > 0 || outcome.Problem != "" {
			t.Errorf("%s: %+v", other, outcome)
		}
	}
}

func TestFieldsThatAnswersAreAbout(t *testing.T) {
	cases := []struct{ name, spec, reason, path string }{
		{"the second container", `{containers: [{name: a}, {name: b, securityContext: {capabilities: {add: [KILL, SYS_ADMIN]}}}]}`,
			"non-default capabilities", `["spec","containers",1,"securityContext","capabilities","add",1]`},
		{"an init container", `{initContainers: [{name: a, ports: [{hostPort: 80, containerPort: 80}]}], containers: [{name: b}]}`,
			"hostPort", `["spec","initContainers",0,"ports",0,"hostPort"]`},
		{"a volume", `{volumes: [{name: ok, emptyDir: {}}, {name: bad, hostPath: {path: /}}], containers: [{name: a}]}`,
			"hostPath volumes", `["spec","volumes",1,"hostPath"]`},
		{"the host's network", `{hostNetwork: true, containers: [{name: a}]}`, "host namespaces", `["spec","hostNetwork"]`},
		{"two fields at once", `{hostNetwork: true, hostPID: true, containers: [{name: a}]}`, "host namespaces", `["spec"]`},
		{"a sysctl", `{securityContext: {sysctls: [{name: kernel.msgmax, value: "1"}]}, containers: [{name: a}]}`,
			"forbidden sysctls", `["spec","securityContext","sysctls",0]`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			outcome := call(t, "baseline", "1.36", "{apiVersion: v1, kind: Pod, spec: "+c.spec+"}")[0]
			if len(outcome.Answers) != 1 {
				t.Fatalf("%+v", outcome)
			}
			path, _ := json.Marshal(outcome.Answers[0].Path)
			if string(path) != c.path || !strings.HasPrefix(outcome.Answers[0].Message, c.reason) {
				t.Errorf("got %s %q", path, outcome.Answers[0].Message)
			}
		})
	}
}

func TestLocatingLeavesThePodAsItWas(t *testing.T) {
	const text = `{"apiVersion":"v1","kind":"Pod","spec":{"hostNetwork":true,"initContainers":[{"name":"i"}],"containers":[{"name":"a","securityContext":{"privileged":true}},{"name":"b"}]}}`
	pod, _, err := readPod(text)
	if err != nil {
		t.Fatal(err)
	}
	fresh, _, _ := readPod(text)
	level, _ := readLevel("restricted", "1.36")
	for _, result := range evaluator.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec) {
		if !result.Allowed {
			locate(level, pod, result)
		}
	}
	if !reflect.DeepEqual(pod, fresh) {
		t.Errorf("got %+v, want %+v", pod, fresh)
	}
}

func TestFieldsThatAreSpeltOtherwiseAreNone(t *testing.T) {
	const pod = "{apiVersion: v1, kind: Pod, spec: {hostnetwork: true, HostPID: true, containers: [{name: a, securityContext: {Privileged: true}}]}}"
	if outcome := call(t, "baseline", "1.36", pod)[0]; len(outcome.Answers) > 0 || outcome.Problem != "" {
		t.Errorf("%+v", outcome)
	}
}

func TestBadInput(t *testing.T) {
	for object, want := range map[string]string{
		"{apiVersion: v1, kind: Pod, spec: {containers: 7}}":        "a field in the pod of this Pod has the wrong type",
		"{apiVersion: apps/v1, kind: Deployment, spec: [1]}":        "the pod template of this Deployment is no object",
		"{apiVersion: v1, kind: Pod, spec: {hostNetwork: \"yes\"}}": "a field in the pod of this Pod has the wrong type",
	} {
		if outcome := call(t, "baseline", "1.36", object)[0]; outcome.Problem != want {
			t.Errorf("%s: %+v", object, outcome)
		}
	}
	for _, request := range []map[string]any{{"op": "judge", "level": "privileged", "version": "1.36"}, {"op": "judge", "level": "baseline", "version": "new"}} {
		if response := abitest.Call(nil, request); response.Error == nil {
			t.Errorf("%v was carried out", request)
		}
	}
}

func TestEveryCheckIsFoundAgain(t *testing.T) {
	if len(byCheck) != len(policy.DefaultChecks()) || len(byCheck) < 15 {
		t.Errorf("%d checks", len(byCheck))
	}
}
