package main

import (
	"reflect"
	"strings"

	core "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// Upstream's checks say which containers they mean in words alone. So the field is found by asking the check again about
// pods in which parts are missing: the container is one that is refused alone, the field is the deepest one without
// which the rest is allowed. What is refused because something is absent stays at the container or the pod's spec.

// byCheck has one evaluator for each check: the results of all together do not say which check they are of.
var byCheck = func() (single []policy.Evaluator) {
	for _, check := range policy.DefaultChecks() {
		single = append(single, newEvaluator([]policy.Check{check}))
	}
	return single
}()

// locate gives the field below the pod that a forbidden check is about.
func locate(level api.LevelVersion, pod *podTemplate, forbidden policy.CheckResult) []any {
	isAllowed := findCheck(level, pod, forbidden)
	if isAllowed == nil {
		return []any{"spec"}
	}
	spec := pod.Spec
	defer func() { pod.Spec = spec }()
	pod.Spec.InitContainers, pod.Spec.Containers, pod.Spec.EphemeralContainers = nil, nil, nil
	if !isAllowed() {
		return narrow(reflect.ValueOf(&pod.Spec).Elem(), isAllowed, []any{"spec"})
	}
	for i := range spec.InitContainers {
		pod.Spec.InitContainers = spec.InitContainers[i : i+1]
		if !isAllowed() {
			return narrow(reflect.ValueOf(&pod.Spec.InitContainers[0]).Elem(), isAllowed, []any{"spec", "initContainers", i})
		}
	}
	pod.Spec.InitContainers = nil
	for i := range spec.Containers {
		pod.Spec.Containers = spec.Containers[i : i+1]
		if !isAllowed() {
			return narrow(reflect.ValueOf(&pod.Spec.Containers[0]).Elem(), isAllowed, []any{"spec", "containers", i})
		}
	}
	pod.Spec.Containers = nil
	for i := range spec.EphemeralContainers {
		pod.Spec.EphemeralContainers = []core.EphemeralContainer{spec.EphemeralContainers[i]}
		if !isAllowed() {
			return narrow(reflect.ValueOf(&pod.Spec.EphemeralContainers[0].EphemeralContainerCommon).Elem(), isAllowed, []any{"spec", "ephemeralContainers", i})
		}
	}
	return []any{"spec"}
}

// findCheck gives the check that said what is forbidden, as a question about the pod as it then is.
func findCheck(level api.LevelVersion, pod *podTemplate, forbidden policy.CheckResult) func() bool {
	for _, evaluator := range byCheck {
		results := evaluator.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec)
		if len(results) != 1 || results[0] != forbidden {
			continue
		}
		return func() bool {
			results := evaluator.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec)
			return len(results) == 1 && results[0].Allowed
		}
	}
	return nil
}

// narrow follows the parts of a value without which the check allows the pod.
func narrow(value reflect.Value, isAllowed func() bool, path []any) []any {
	switch value.Kind() {
	case reflect.Pointer:
		if value.Elem().Kind() == reflect.Struct {
			return narrow(value.Elem(), isAllowed, path)
		}
	case reflect.Struct:
		for i := range value.NumField() {
			field, name := value.Field(i), jsonName(value.Type().Field(i))
			if field.IsZero() || !isAllowedWithout(field, reflect.Zero(field.Type()), isAllowed) {
				continue
			}
			if name != "" {
				path = append(path, name)
			}
			return narrow(field, isAllowed, path)
		}
	case reflect.Slice:
		for i := range value.Len() {
			if isAllowedWithout(value, withoutItem(value, i), isAllowed) {
				return narrow(value.Index(i), isAllowed, append(path, i))
			}
		}
	}
	return path
}

// isAllowedWithout asks with a value replaced, and puts it back.
func isAllowedWithout(value, replacement reflect.Value, isAllowed func() bool) bool {
	if !value.CanSet() {
		return false
	}
	saved := reflect.New(value.Type()).Elem()
	saved.Set(value)
	defer value.Set(saved)
	value.Set(replacement)
	return isAllowed()
}

func withoutItem(list reflect.Value, index int) reflect.Value {
	rest := reflect.MakeSlice(list.Type(), 0, list.Len())
	for i := range list.Len() {
		if i != index {
			rest = reflect.Append(rest, list.Index(i))
		}
	}
	return rest
}

// jsonName is empty for a struct that is written as part of the one around it.
func jsonName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}
