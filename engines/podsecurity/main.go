// Command podsecurity judges pods, and what makes pods, by the Pod Security Standards: by the checks of
// k8s.io/pod-security-admission, of the version that a cluster has.
//
// Operation (see package abi for the frame):
//
//	judge {level: "baseline"|"restricted", version: "1.36.3", inputs: [{json}], answers} → {outcomes: [{answers}]}
//
// Each forbidden check is one answer with upstream's reason and detail. Resources that make no pods have none.
package main

import (
	"encoding/json"
	"fmt"
	"strings"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"drydock.dev/engines/abi"
)

type judgeRequest struct {
	Level   string `json:"level"`
	Version string `json:"version"`
	Inputs  []struct {
		JSON string `json:"json"`
	} `json:"inputs"`
	Answers int `json:"answers"`
}

type answer struct {
	Message string `json:"message"`
	Path    []any  `json:"path"`
}

// outcome has a problem where the resource cannot be read as what its kind says.
type outcome struct {
	Answers []answer `json:"answers"`
	Problem string   `json:"problem,omitempty"`
}

type judgeResult struct {
	Outcomes []outcome `json:"outcomes"`
}

var evaluator = newEvaluator(policy.DefaultChecks())

func newEvaluator(checks []policy.Check) policy.Evaluator {
	evaluator, err := policy.NewEvaluator(checks, nil)
	if err != nil {
		panic(err)
	}
	return evaluator
}

func init() { abi.Handle("judge", judge) }

func main() {}

func judge(request []byte, _ *abi.Tree) (any, error) {
	var asked judgeRequest
	if err := json.Unmarshal(request, &asked); err != nil {
		return nil, err
	}
	level, err := readLevel(asked.Level, asked.Version)
	if err != nil {
		return nil, err
	}
	outcomes := make([]outcome, len(asked.Inputs))
	for i, input := range asked.Inputs {
		outcomes[i] = judgeOne(level, input.JSON, asked.Answers)
	}
	return judgeResult{Outcomes: outcomes}, nil
}

// readLevel takes a Kubernetes version of two or three numbers. One that is newer than the checks is judged by the
// newest of them.
func readLevel(name, version string) (api.LevelVersion, error) {
	level, err := api.ParseLevel(name)
	if err != nil || level == api.LevelPrivileged {
		return api.LevelVersion{}, fmt.Errorf("there is no level %q to judge by", name)
	}
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(parts) < 2 {
		return api.LevelVersion{}, fmt.Errorf("%q is no Kubernetes version", version)
	}
	parsed, err := api.ParseVersion("v" + parts[0] + "." + parts[1])
	return api.LevelVersion{Level: level, Version: parsed}, err
}

func judgeOne(level api.LevelVersion, text string, limit int) outcome {
	pod, path, err := readPod(text)
	if err != nil {
		return outcome{Answers: []answer{}, Problem: err.Error()}
	}
	answers := []answer{}
	if pod == nil {
		return outcome{Answers: answers}
	}
	for _, result := range evaluator.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec) {
		if result.Allowed {
			continue
		}
		field := append(append([]any{}, path...), locate(level, pod, result)...)
		answers = append(answers, answer{Message: describe(result), Path: field})
	}
	return outcome{Answers: limitAnswers(answers, limit)}
}

func describe(result policy.CheckResult) string {
	reason := result.ForbiddenReason
	if reason == "" {
		reason = policy.UnknownForbiddenReason
	}
	if result.ForbiddenDetail == "" {
		return reason
	}
	return reason + " (" + result.ForbiddenDetail + ")"
}

func limitAnswers(answers []answer, limit int) []answer {
	if limit <= 0 || len(answers) <= limit {
		return answers
	}
	rest := len(answers) - limit
	return append(answers[:limit:limit], answer{Message: fmt.Sprintf("%d more forbidden checks are not listed.", rest), Path: []any{}})
}

// podPaths are where kinds have the pod they make.
var podPaths = map[string][]any{
	"/Pod":                   {},
	"/PodTemplate":           {"template"},
	"/ReplicationController": {"spec", "template"},
	"apps/Deployment":        {"spec", "template"},
	"apps/StatefulSet":       {"spec", "template"},
	"apps/DaemonSet":         {"spec", "template"},
	"apps/ReplicaSet":        {"spec", "template"},
	"batch/Job":              {"spec", "template"},
	"batch/CronJob":          {"spec", "jobTemplate", "spec", "template"},
}

// podTemplate is what of a pod the checks look at.
type podTemplate struct {
	meta.ObjectMeta `json:"metadata"`
	Spec            core.PodSpec `json:"spec"`
}

// readPod finds the pod of a resource; nil where there is none.
func readPod(text string) (*podTemplate, []any, error) {
	var head struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	// Names of fields have to match to the letter, as in the API server.
	if err := utiljson.Unmarshal([]byte(text), &head); err != nil {
		return nil, nil, fmt.Errorf("this is no Kubernetes object")
	}
	group, _, hasGroup := strings.Cut(head.APIVersion, "/")
	if !hasGroup {
		group = ""
	}
	path, makesPods := podPaths[group+"/"+head.Kind]
	if !makesPods {
		return nil, nil, nil
	}
	raw := json.RawMessage(text)
	for _, step := range path {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(raw, &fields); err != nil {
			return nil, nil, fmt.Errorf("the pod template of this %s is no object", head.Kind)
		}
		next, isThere := fields[step.(string)]
		if !isThere {
			return nil, nil, nil
		}
		raw = next
	}
	pod := &podTemplate{}
	if err := utiljson.Unmarshal(raw, pod); err != nil {
		return nil, nil, fmt.Errorf("a field in the pod of this %s has the wrong type", head.Kind)
	}
	fillVolumes(pod.Spec.Volumes)
	return pod, path, nil
}

// fillVolumes does the one thing of the API server's defaulting that the checks depend on: a volume of which nothing but
// the name is given is an empty directory.
func fillVolumes(volumes []core.Volume) {
	for i := range volumes {
		if volumes[i].VolumeSource == (core.VolumeSource{}) {
			volumes[i].EmptyDir = &core.EmptyDirVolumeSource{}
		}
	}
}
