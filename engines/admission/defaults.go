package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// What the API server fills in when an object of a built-in kind leaves it out, found out by running its own defaulting
// functions (Kubernetes 1.36) over many objects of every kind in `builtIn`; see defaults/main.go.
//
// A constant that every object is given which lacks the field (`replicas: 1`, `protocol: TCP`, a probe's `periodSeconds:
// 10`) is filled in here too, so that policies judge it. What follows from other fields (`imagePullPolicy` from the tag,
// a Service's `externalTrafficPolicy` from its type) is unknown where it is absent. So is, from the list below, what
// registries and the API server's usual admission plugins add after defaulting.
//
//go:embed defaults.json
var defaultsJSON []byte

var defaults = readDefaults()

// added are fields that are filled in by something other than defaulting functions.
var added = map[string][]string{
	// The plugins ServiceAccount, Priority, DefaultTolerationSeconds and LimitRanger; the scheduler.
	"v1/Pod": {
		"spec.serviceAccountName", "spec.serviceAccount", "spec.automountServiceAccountToken", "spec.imagePullSecrets", "spec.volumes",
		"spec.priority", "spec.priorityClassName", "spec.preemptionPolicy", "spec.tolerations", "spec.nodeName",
		"spec.containers[].resources.limits", "spec.initContainers[].resources.limits",
		"spec.containers[].volumeMounts", "spec.initContainers[].volumeMounts",
	},
	"v1/Service": {
		"spec.clusterIP", "spec.clusterIPs", "spec.ipFamilies", "spec.ipFamilyPolicy", "spec.ports[].nodePort", "spec.healthCheckNodePort",
	},
	"v1/PersistentVolumeClaim":       {"spec.storageClassName", "spec.volumeName"},
	"v1/Namespace":                   {"spec.finalizers"},
	"batch/v1/Job":                   {"spec.selector", "spec.template.metadata.labels"},
	"networking.k8s.io/v1/Ingress":   {"spec.ingressClassName"},
	"storage.k8s.io/v1/StorageClass": {"mountOptions"},
}

// absentDefault is a field that the API server fills in, by the steps that lead to it.
type absentDefault struct {
	steps []string
	// value is nil where it is not a constant.
	value any
}

func readDefaults() map[string][]absentDefault {
	table := map[string]map[string]any{}
	if err := json.Unmarshal(defaultsJSON, &table); err != nil {
		panic(err)
	}
	for kind, paths := range added {
		if table[kind] == nil {
			table[kind] = map[string]any{}
		}
		for _, path := range paths {
			table[kind][path] = nil
		}
	}
	result := map[string][]absentDefault{}
	for kind, fields := range table {
		for _, path := range sortedKeys(fields) {
			value := fields[path]
			if number, isNumber := value.(float64); isNumber {
				value = int64(number)
			}
			result[kind] = append(result[kind], absentDefault{splitPath(path), value})
		}
	}
	return result
}

// splitPath makes `a.b[].c` into a, b, [], c.
func splitPath(path string) []string {
	path = strings.NewReplacer("[]", ".[]", "{}", ".{}").Replace(path)
	return strings.Split(path, ".")
}

// fillDefaults gives an object of a built-in kind what the API server would.
func fillDefaults(fields map[string]any, kind schema.GroupVersionKind, root string) {
	for _, absent := range defaults[kind.GroupVersion().String()+"/"+kind.Kind] {
		absent.fill(fields, absent.steps, root)
	}
	if kind.Group == "" && kind.Kind == "Namespace" {
		labelName(fields)
	}
}

func (d absentDefault) fill(node any, steps []string, trail string) {
	step := steps[0]
	switch at := node.(type) {
	case []any:
		if step == "[]" && len(steps) > 1 {
			for i, item := range at {
				d.fill(item, steps[1:], fmt.Sprintf("%s[%d]", trail, i))
			}
		}
	case map[string]any:
		switch {
		case step == "{}" && len(steps) > 1:
			for key, item := range at {
				d.fill(item, steps[1:], trail+"."+key)
			}
		case len(steps) > 1:
			d.fill(at[step], steps[1:], trail+"."+step)
		case isAbsent(at[step], step):
			at[step] = d.newValue(trail + "." + step)
		}
	}
}

// newValue may be changed by whoever gets it.
func (d absentDefault) newValue(trail string) any {
	switch value := d.value.(type) {
	case nil:
		return unknown{trail: trail}
	case map[string]any:
		return maps.Clone(value)
	default:
		return value
	}
}

// isAbsent: of a Service's port, a target of zero is one that was left out. Its type always writes it.
func isAbsent(value any, name string) bool {
	return value == nil || name == "targetPort" && value == int64(0)
}

// labelName puts the label on a Namespace that carries its name.
func labelName(namespace map[string]any) {
	metadata, isMap := namespace["metadata"].(map[string]any)
	name, isNamed := metadata["name"].(string)
	if !isMap || !isNamed {
		return
	}
	labels := map[string]any{}
	if given, isMap := metadata["labels"].(map[string]any); isMap {
		labels = maps.Clone(given)
	}
	labels[nameLabel] = name
	metadata["labels"] = labels
}
