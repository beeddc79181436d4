package main

import (
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
)

// Where a resource came from is worked out from its identity: among all that the kustomizations list and generate,
// what has its kind and, with the prefixes and suffixes on the way, its name. Kustomize's own origin annotations name
// neither documents nor patches, cost a second pass over each resource for each transformer, and change what some
// kustomizations give (a JSON patch that adds an annotation fails where there are none). What is renamed in other ways,
// or could be one of two things, is said to come from the root kustomization.

// definition is one resource before anything was done to it: a document of a file, or a generator.
type definition struct {
	identity
	k    *kustomization
	file string
	// document is nil for generators and for items of a list.
	document    *int
	isGenerated bool
	dataFiles   []string
}

type identity struct{ kind, name, namespace string }

// maxWays bounds how many ways through the kustomizations are followed; what is beyond is not found.
const maxWays = 4096

// affix is what stands before and after a resource's own name.
type affix struct{ prefix, suffix string }

func (outer affix) around(inner affix) affix {
	return affix{outer.prefix + inner.prefix, inner.suffix + outer.suffix}
}

// origins knows all definitions of a build.
type origins struct {
	*inspection
	// byName finds definitions by kind and name.
	byName  map[[2]string][]*definition
	affixes map[*kustomization][]affix
	ways    map[way]bool
	// inUse lists every affix of affixes once.
	inUse  []affix
	shapes []*shape
}

// way is a kustomization as it is reached with names changed above it.
type way struct {
	k     *kustomization
	outer affix
}

func (i *inspection) traceOrigins(root *kustomization, resources resmap.ResMap, output *Output) {
	o := &origins{
		inspection: i,
		byName:     map[[2]string][]*definition{},
		affixes:    map[*kustomization][]affix{},
		ways:       map[way]bool{},
	}
	o.spreadAffixes(root, affix{})
	o.listAffixes()
	for _, k := range i.inOrder {
		o.define(k)
	}
	o.shapes = i.listShapes()
	for index, rendered := range resources.Resources() {
		o.trace(rendered, &output.Resources[index])
	}
	output.Findings = o.findIdlePatches(resources)
}

func (o *origins) trace(rendered *resource.Resource, result *Resource) {
	from := o.find(rendered)
	if from == nil {
		return
	}
	result.File, result.Document = from.file, from.document
	result.ShapedBy = append(result.ShapedBy, from.dataFiles...)
	for _, shape := range o.shapes {
		if shape.fits(rendered, from) {
			result.addShapes(shape.files)
		}
	}
}

func (r *Resource) addShapes(files []string) {
	for _, file := range files {
		if !slices.Contains(r.ShapedBy, file) {
			r.ShapedBy = append(r.ShapedBy, file)
		}
	}
}

// spreadAffixes follows the ways from the root down. Components change the names of what their parent has so far, and
// are therefore between the parent and its resources.
func (o *origins) spreadAffixes(k *kustomization, outer affix) {
	if o.ways[way{k, outer}] || len(o.ways) >= maxWays {
		return
	}
	o.ways[way{k, outer}] = true
	outer = outer.around(affix{k.spec.NamePrefix, k.spec.NameSuffix})
	components := k.components()
	for index := len(components) - 1; index >= 0; index-- {
		o.spreadAffixes(components[index], outer)
		outer = outer.around(components[index].ownAffix())
	}
	if !slices.Contains(o.affixes[k], outer) {
		o.affixes[k] = append(o.affixes[k], outer)
	}
	for _, base := range k.bases() {
		o.spreadAffixes(base, outer)
	}
}

// ownAffix is what a component does to names.
func (k *kustomization) ownAffix() affix {
	own := affix{k.spec.NamePrefix, k.spec.NameSuffix}
	components := k.components()
	for index := len(components) - 1; index >= 0; index-- {
		own = own.around(components[index].ownAffix())
	}
	return own
}

func (k *kustomization) components() []*kustomization { return k.children(true) }
func (k *kustomization) bases() []*kustomization      { return k.children(false) }

func (k *kustomization) children(areComponents bool) []*kustomization {
	var found []*kustomization
	for _, below := range k.below {
		if below.isComponent == areComponents {
			found = append(found, below.k)
		}
	}
	return found
}

// listAffixes adds the empty one, because kustomize leaves the names of some kinds alone.
func (o *origins) listAffixes() {
	o.inUse = []affix{{}}
	for _, k := range o.inOrder {
		for _, one := range o.affixes[k] {
			if !slices.Contains(o.inUse, one) {
				o.inUse = append(o.inUse, one)
			}
		}
	}
}

func (o *origins) define(k *kustomization) {
	for _, file := range k.resourceFiles {
		for _, found := range o.readDefinitions(file) {
			found.k = k
			o.add(found)
		}
	}
	for _, args := range k.spec.ConfigMapGenerator {
		o.addGenerator(k, "ConfigMap", args.GeneratorArgs)
	}
	for _, args := range k.spec.SecretGenerator {
		o.addGenerator(k, "Secret", args.GeneratorArgs)
	}
}

func (o *origins) add(found *definition) {
	key := [2]string{found.kind, found.name}
	o.byName[key] = append(o.byName[key], found)
}

// addGenerator leaves out generators that only change what another one makes: they are shapes.
func (o *origins) addGenerator(k *kustomization, kind string, args types.GeneratorArgs) {
	if types.NewGenerationBehavior(args.Behavior) == types.BehaviorMerge {
		return
	}
	o.add(&definition{
		identity: identity{kind, args.Name, args.Namespace},
		k:        k, file: k.file, isGenerated: true, dataFiles: k.dataFiles(args),
	})
}

func (k *kustomization) dataFiles(args types.GeneratorArgs) []string {
	files := []string{}
	for _, source := range slices.Concat(args.FileSources, args.EnvSources) {
		files = append(files, k.join(dataFile(source)))
	}
	return files
}

// find gives the one definition that a resource can come from, nil if there is none or more than one.
func (o *origins) find(rendered *resource.Resource) *definition {
	kind, name := rendered.GetKind(), rendered.GetName()
	found := o.named(kind, name)
	if unhashed, isHashed := cutHash(name); isHashed && len(found) == 0 {
		found = o.named(kind, unhashed)
	}
	if len(found) > 1 {
		namespace := rendered.GetNamespace()
		found = slices.DeleteFunc(found, func(d *definition) bool { return d.namespace != namespace })
	}
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

// named lists definitions whose name becomes name on a way from the root.
func (o *origins) named(kind, name string) []*definition {
	var found []*definition
	for _, one := range o.inUse {
		rest, hasPrefix := strings.CutPrefix(name, one.prefix)
		own, hasSuffix := strings.CutSuffix(rest, one.suffix)
		if !hasPrefix || !hasSuffix {
			continue
		}
		for _, candidate := range o.byName[[2]string{kind, own}] {
			isReached := one == affix{} || slices.Contains(o.affixes[candidate.k], one)
			if isReached && !slices.Contains(found, candidate) {
				found = append(found, candidate)
			}
		}
	}
	return found
}

// hashSuffix is what kustomize appends to names: ten of the characters that its hasher uses.
var hashSuffix = regexp.MustCompile(`-[bcdfghkmt2456789]{10}$`)

func cutHash(name string) (string, bool) {
	if at := hashSuffix.FindStringIndex(name); at != nil {
		return name[:at[0]], true
	}
	return name, false
}
