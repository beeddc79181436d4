package main

import (
	"fmt"
	"strings"

	"drydock.dev/engines/abi"
	"sigs.k8s.io/kustomize/api/konfig"
)

// checkPluginFields looks for generators, transformers and validators that are not built into kustomize. They are
// programs, and programs of a repository are never run.
func (i *inspection) checkPluginFields(k *kustomization, v visit) *abi.Failure {
	fields := []struct {
		name    string
		entries []string
	}{{"generators", k.spec.Generators}, {"transformers", k.spec.Transformers}, {"validators", k.spec.Validators}}
	for _, field := range fields {
		for index, entry := range field.entries {
			if failure := i.checkPluginEntry(k, v, at{field.name, index}, entry); failure != nil {
				return failure
			}
		}
	}
	return nil
}

func (i *inspection) checkPluginEntry(k *kustomization, v visit, place at, entry string) *abi.Failure {
	if isInlinePatch(entry) {
		return checkPlugins([]byte(entry), func(format string, arguments ...any) *abi.Failure {
			return k.fail(abi.Plugin, place, format, arguments...)
		})
	}
	v.holdsPlugins = true
	return i.checkResource(k, v, place, entry)
}

// checkPlugins leaves what it cannot read to kustomize.
func checkPlugins(content []byte, fail func(format string, arguments ...any) *abi.Failure) *abi.Failure {
	objects, err := parseObjects(content)
	if err != nil {
		return nil
	}
	for _, object := range objects {
		apiVersion, kind := fmt.Sprint(object["apiVersion"]), fmt.Sprint(object["kind"])
		if apiVersion != konfig.BuiltinPluginApiVersion {
			return fail("The kustomize plugin %s (%s) is a program, and plugins are never run.", kind, apiVersion)
		}
		if strings.HasPrefix(kind, "HelmChartInflation") {
			return fail("Rendering a chart through kustomize (%s) is not supported yet.", kind)
		}
	}
	return nil
}
