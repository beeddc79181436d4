package main

import (
	"regexp"
	"strings"

	"drydock.dev/engines/abi"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
)

// shape is something that changes resources from a file of its own: a patch, or a generator that merges.
type shape struct {
	files []string
	// scope holds the kustomizations whose resources it can reach.
	scope map[*kustomization]bool
	// isAimed is true when the target counts; else the shape is for the resource it names.
	isAimed bool
	named   identity
	target  target
}

// target is a selector of kustomize, whose fields are anchored regular expressions. A nil one fits all.
type target struct {
	kind, name, namespace  *regexp.Regexp
	labels, annotations    string
	groupOrVersionMismatch func(*resource.Resource) bool
}

// listShapes lists them in the order in which kustomize applies them.
func (i *inspection) listShapes() []*shape {
	scopes := i.listScopes()
	var shapes []*shape
	for _, k := range i.inOrder {
		for _, one := range i.shapesOf(k) {
			one.scope = scopes[k]
			shapes = append(shapes, one)
		}
	}
	return shapes
}

func (i *inspection) shapesOf(k *kustomization) []*shape {
	var shapes []*shape
	for _, args := range k.spec.ConfigMapGenerator {
		shapes = append(shapes, mergeShape(k, "ConfigMap", args.GeneratorArgs)...)
	}
	for _, args := range k.spec.SecretGenerator {
		shapes = append(shapes, mergeShape(k, "Secret", args.GeneratorArgs)...)
	}
	for _, patch := range k.spec.PatchesStrategicMerge {
		if isInlinePatch(string(patch)) {
			shapes = append(shapes, i.patchShapes(k, types.Patch{Patch: string(patch)})...)
		} else {
			shapes = append(shapes, i.patchShapes(k, types.Patch{Path: string(patch)})...)
		}
	}
	for _, patch := range k.spec.Patches {
		shapes = append(shapes, i.patchShapes(k, patch)...)
	}
	for _, patch := range k.spec.PatchesJson6902 {
		shapes = append(shapes, i.patchShapes(k, patch)...)
	}
	return shapes
}

func mergeShape(k *kustomization, kind string, args types.GeneratorArgs) []*shape {
	if types.NewGenerationBehavior(args.Behavior) != types.BehaviorMerge {
		return nil
	}
	files := append([]string{k.file}, k.dataFiles(args)...)
	return []*shape{{files: files, named: identity{kind, args.Name, args.Namespace}}}
}

func (i *inspection) patchShapes(k *kustomization, patch types.Patch) []*shape {
	file, content := k.file, []byte(patch.Patch)
	if patch.Path != "" {
		node, err := i.tree.Lookup(k.join(patch.Path))
		if err != nil || node.Kind != abi.File {
			return nil
		}
		file, content = node.Path, node.Data
	}
	if patch.Target != nil {
		return []*shape{{files: []string{file}, isAimed: true, target: parseTarget(*patch.Target)}}
	}
	documents, err := parseDocuments(content)
	if err != nil {
		return nil
	}
	var shapes []*shape
	for _, document := range documents {
		if len(document.Content) == 1 {
			shapes = append(shapes, &shape{files: []string{file}, named: identityOf(document.Content[0])})
		}
	}
	return shapes
}

func parseTarget(selector types.Selector) target {
	return target{
		kind: anchored(selector.Kind), name: anchored(selector.Name), namespace: anchored(selector.Namespace),
		labels: selector.LabelSelector, annotations: selector.AnnotationSelector,
		groupOrVersionMismatch: func(rendered *resource.Resource) bool {
			gvk := rendered.GetGvk()
			return !fits(anchored(selector.Group), gvk.Group) || !fits(anchored(selector.Version), gvk.Version)
		},
	}
}

// anchored is how kustomize reads a selector's field. One that does not compile has ended the build before.
func anchored(pattern string) *regexp.Regexp {
	if pattern == "" {
		return nil
	}
	compiled, err := regexp.Compile("^(?:" + pattern + ")$")
	if err != nil {
		return nil
	}
	return compiled
}

func fits(pattern *regexp.Regexp, texts ...string) bool {
	if pattern == nil {
		return true
	}
	for _, text := range texts {
		if pattern.MatchString(text) {
			return true
		}
	}
	return false
}

// fits says whether the shape was applied to a resource. Names count as they were at any time: kustomize finds a
// resource by its first, its present and each name in between.
func (s *shape) fits(rendered *resource.Resource, from *definition) bool {
	if !s.scope[from.k] {
		return false
	}
	if !s.isAimed {
		return s.named.kind == from.kind && isNameBetween(s.named.name, from.name, rendered.GetName()) &&
			(s.named.namespace == "" || s.named.namespace == from.namespace || s.named.namespace == rendered.GetNamespace())
	}
	if !fits(s.target.kind, from.kind) || s.target.groupOrVersionMismatch(rendered) ||
		!fits(s.target.name, from.name, rendered.GetName()) ||
		!fits(s.target.namespace, from.namespace, rendered.GetNamespace()) {
		return false
	}
	return isSelected(s.target.labels, rendered.MatchesLabelSelector) &&
		isSelected(s.target.annotations, rendered.MatchesAnnotationSelector)
}

func isNameBetween(name, first, last string) bool {
	return name == first || name == last || (strings.Contains(last, name) && strings.Contains(name, first))
}

func isSelected(selector string, matches func(string) (bool, error)) bool {
	if selector == "" {
		return true
	}
	isMatch, err := matches(selector)
	return err == nil && isMatch
}

// listScopes says whose resources each kustomization can change: those below it, and for a component those below the
// kustomizations that use it.
func (i *inspection) listScopes() map[*kustomization]map[*kustomization]bool {
	scopes := map[*kustomization]map[*kustomization]bool{}
	for _, k := range i.inOrder {
		scopes[k] = map[*kustomization]bool{k: true}
		for _, below := range k.below {
			for reached := range scopes[below.k] {
				scopes[k][reached] = true
			}
		}
	}
	// Users of a component come after it in this order, so that their scopes are whole when they are handed down.
	for index := len(i.inOrder) - 1; index >= 0; index-- {
		user := i.inOrder[index]
		for _, component := range user.components() {
			for reached := range scopes[user] {
				scopes[component][reached] = true
			}
		}
	}
	return scopes
}
