package main

import (
	"fmt"
	"strings"

	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
)

// Finding is something wrong with a kustomization that builds all the same.
type Finding struct {
	Rule    string `json:"rule"`
	Level   string `json:"level"`
	Message string `json:"message"`
	Path    []any  `json:"path"`
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
}

// findIdlePatches names patches whose target selects nothing: kustomize passes over them in silence. It looks at what
// is listed and generated, by kind and name; where a resource came from elsewhere, or a target goes by anything else,
// it says nothing rather than something wrong.
func (o *origins) findIdlePatches(resources resmap.ResMap) []Finding {
	names := map[string][]string{}
	for _, rendered := range resources.Resources() {
		if o.find(rendered) == nil {
			return nil
		}
		names[rendered.GetKind()] = append(names[rendered.GetKind()], rendered.GetName())
	}
	scopes := o.listScopes()
	var findings []Finding
	for _, k := range o.inOrder {
		for index, patch := range k.spec.Patches {
			if isPlainTarget(patch.Target) && !o.isAnySelected(*patch.Target, scopes[k], names) {
				findings = append(findings, idlePatch(k, index, *patch.Target))
			}
		}
	}
	return findings
}

func isPlainTarget(target *types.Selector) bool {
	return target != nil && target.LabelSelector == "" && target.AnnotationSelector == "" && target.Namespace == "" &&
		(target.Kind != "" || target.Name != "")
}

func (o *origins) isAnySelected(selector types.Selector, scope map[*kustomization]bool, names map[string][]string) bool {
	wanted := parseTarget(selector)
	for _, sameName := range o.byName {
		for _, one := range sameName {
			// A name counts as it is at any time: prefixes, suffixes and patches may have changed it.
			if scope[one.k] && fits(wanted.kind, one.kind) && fits(wanted.name, append([]string{one.name}, names[one.kind]...)...) {
				return true
			}
		}
	}
	return false
}

func idlePatch(k *kustomization, index int, target types.Selector) Finding {
	words := []string{}
	for _, word := range []string{target.Kind, target.Name} {
		if word != "" {
			words = append(words, word)
		}
	}
	message := fmt.Sprintf("The target of this patch (%s) selects nothing, so the patch does nothing. Correct the target, or remove the patch.",
		strings.Join(words, " "))
	return Finding{
		Rule: "idle-patch", Level: "warning", Message: message,
		Path: []any{"patches", index}, File: k.file, Line: k.line(at{"patches", index}),
	}
}
