package main

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"

	"drydock.dev/engines/abi"
	"drydock.dev/engines/aliases"
	"drydock.dev/engines/yamlstream"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
)

// inspection walks the kustomizations of a build before kustomize does, for what kustomize would not say with a type
// and a place: inputs that have to be fetched, plugins, paths that lead out, files that are missing. It refuses nothing
// that kustomize would build without network, plugins or paths outside the repository.
type inspection struct {
	tree           *abi.Tree
	isUnrestricted bool
	byDirectory    map[string]*kustomization
	// inOrder lists the kustomizations as kustomize applies them: bases before what uses them.
	inOrder []*kustomization
	// loadsSchema is true when a kustomization has an `openapi:` field.
	loadsSchema bool
}

func inspect(request Request, tree *abi.Tree) (*inspection, *kustomization, *abi.Failure) {
	i := &inspection{
		tree:           tree,
		isUnrestricted: request.IsLoadUnrestricted,
		byDirectory:    map[string]*kustomization{},
	}
	node, err := tree.Lookup(request.Path)
	if err != nil {
		return nil, nil, abi.AsFailure(err)
	}
	if node.Kind != abi.Directory {
		return nil, nil, &abi.Failure{Kind: abi.Render, File: request.Path, Message: "There is no such directory."}
	}
	root, failure := i.visit(visit{directory: node.Path})
	return i, root, failure
}

// visit says how a kustomization was reached.
type visit struct {
	directory string
	// ancestors are the directories of the kustomizations on the way here.
	ancestors []string
	// parent and place name the entry that leads here; parent is nil for the root.
	parent *kustomization
	place  at
	// holdsPlugins is true below `generators`, `transformers` and `validators`.
	holdsPlugins bool
	// wantsComponent is true for entries of `components`. The root may be either.
	wantsComponent bool
}

func (i *inspection) visit(v visit) (*kustomization, *abi.Failure) {
	for _, ancestor := range v.ancestors {
		if ancestor == v.directory || v.directory == "" || strings.HasPrefix(ancestor, v.directory+"/") {
			return nil, v.parent.fail(abi.Render, v.place,
				"This leads in a circle: %s is or contains %s, which is being built already.", display(v.directory), display(ancestor))
		}
	}
	k, isKnown := i.byDirectory[v.directory]
	if !isKnown {
		var failure *abi.Failure
		if k, failure = i.read(v); failure != nil {
			return nil, failure
		}
	}
	if failure := checkKind(k, v); failure != nil {
		return nil, failure
	}
	if v.parent != nil && !v.holdsPlugins {
		v.parent.below = append(v.parent.below, use{k, v.wantsComponent})
	}
	if isKnown {
		return k, nil
	}
	i.byDirectory[v.directory] = k
	v.ancestors = append(v.ancestors[:len(v.ancestors):len(v.ancestors)], v.directory)
	if failure := i.checkEntries(k, v); failure != nil {
		return nil, failure
	}
	i.inOrder = append(i.inOrder, k)
	return k, nil
}

func checkKind(k *kustomization, v visit) *abi.Failure {
	isComponent := k.spec.Kind == types.ComponentKind
	switch {
	case v.parent == nil || isComponent == v.wantsComponent:
		return nil
	case isComponent:
		return v.parent.fail(abi.Render, v.place, "%s is a Component: list it under `components`.", k.file)
	default:
		return v.parent.fail(abi.Render, v.place, "%s is not a Component: list it under `resources`.", k.file)
	}
}

func (i *inspection) read(v visit) (*kustomization, *abi.Failure) {
	var found []abi.Node
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		node, err := i.tree.Lookup(path.Join(v.directory, name))
		if err != nil {
			return nil, abi.AsFailure(err)
		}
		if node.Kind == abi.File {
			node.Path = path.Join(v.directory, name)
			found = append(found, node)
		}
	}
	switch {
	case len(found) == 1:
		return parseKustomization(v.directory, found[0].Path, found[0].Data)
	case len(found) > 1:
		return nil, &abi.Failure{Kind: abi.Render, File: found[1].Path,
			Message: fmt.Sprintf("There are several kustomization files in %s; kustomize takes one.", display(v.directory))}
	case v.parent != nil:
		return nil, v.parent.fail(abi.Render, v.place, "There is no kustomization file in %s.", display(v.directory))
	default:
		return nil, &abi.Failure{Kind: abi.Render, File: v.directory, Message: "There is no kustomization file here."}
	}
}

func display(directory string) string {
	if directory == "" {
		return "the repository's root"
	}
	return directory
}

// checkEntries looks at everything a kustomization names, in about the order in which kustomize loads it.
func (i *inspection) checkEntries(k *kustomization, v visit) *abi.Failure {
	steps := []func(*kustomization, visit) *abi.Failure{
		i.checkResources, i.checkConfigurations, i.checkGenerators, i.checkPluginFields, i.checkComponents, i.checkPatches,
	}
	for _, step := range steps {
		if failure := step(k, v); failure != nil {
			return failure
		}
	}
	return nil
}

func (i *inspection) checkResources(k *kustomization, v visit) *abi.Failure {
	for index, entry := range k.spec.Resources {
		place := at{"resources", index}
		if bases := len(k.spec.Resources) - k.countOf("bases"); index >= bases && k.countOf("bases") > 0 {
			place = at{"bases", index - bases}
		}
		if failure := i.checkResource(k, v, place, entry); failure != nil {
			return failure
		}
	}
	return nil
}

// countOf is how many items the file lists in a field that kustomize has merged into another.
func (k *kustomization) countOf(field string) int {
	if list, _ := child(k.positions, field); list != nil {
		return len(list.Content)
	}
	return 0
}

// checkResource looks at an entry that may be a file, a directory or a remote: kustomize tries them in this order.
func (i *inspection) checkResource(k *kustomization, v visit, place at, entry string) *abi.Failure {
	if isFetched(entry) {
		return remote(k, place, entry)
	}
	isRepository := isGitRepository(entry)
	node, failure := i.find(k, place, entry)
	if failure != nil && !isRepository {
		return failure
	}
	if isRepository && (failure != nil || node.Kind != abi.File) {
		return remote(k, place, entry)
	}
	switch node.Kind {
	case abi.File:
		return i.checkResourceFile(k, v, place, entry, node)
	case abi.Directory:
		_, failure := i.visit(visit{
			directory: node.Path, ancestors: v.ancestors, parent: k, place: place, holdsPlugins: v.holdsPlugins,
		})
		return failure
	default:
		return k.fail(abi.Render, place, "%s is listed here, but there is no %s.", entry, k.join(entry))
	}
}

func (i *inspection) checkResourceFile(k *kustomization, v visit, place at, entry string, node abi.Node) *abi.Failure {
	if failure := i.checkRestriction(k, place, entry, node); failure != nil {
		return failure
	}
	if v.holdsPlugins {
		return checkPlugins(node.Data, func(format string, arguments ...any) *abi.Failure {
			return &abi.Failure{Kind: abi.Plugin, File: node.Path, Message: fmt.Sprintf(format, arguments...)}
		})
	}
	k.resourceFiles = append(k.resourceFiles, node.Path)
	return checkAliases(node)
}

// checkAliases refuses a file that kustomize would expand to more than it can hold.
func checkAliases(node abi.Node) *abi.Failure {
	return checkAliasesOf(node.Data, node.Path)
}

func checkAliasesOf(text []byte, file string) *abi.Failure {
	for _, document := range yamlstream.Split(text) {
		if failure := aliases.Check(document, aliases.Limit); failure != nil {
			failure.File = file
			return failure
		}
	}
	return nil
}

func (i *inspection) checkComponents(k *kustomization, v visit) *abi.Failure {
	for index, entry := range k.spec.Components {
		place := at{"components", index}
		if isFetched(entry) || isGitRepository(entry) {
			return remote(k, place, entry)
		}
		node, failure := i.find(k, place, entry)
		if failure != nil {
			return failure
		}
		if node.Kind != abi.Directory {
			return k.fail(abi.Render, place, "The component %s is listed here, but there is no directory %s.", entry, k.join(entry))
		}
		next := visit{directory: node.Path, ancestors: v.ancestors, parent: k, place: place, wantsComponent: true}
		if _, failure := i.visit(next); failure != nil {
			return failure
		}
	}
	return nil
}

// checkConfigurations looks at files that tell kustomize about kinds and fields.
func (i *inspection) checkConfigurations(k *kustomization, _ visit) *abi.Failure {
	i.loadsSchema = i.loadsSchema || len(k.spec.OpenAPI) > 0
	if file, isSet := k.spec.OpenAPI["path"]; isSet {
		if failure := i.checkFile(k, at{"openapi", "path"}, file); failure != nil {
			return failure
		}
	}
	if failure := i.checkFiles(k, "configurations", k.spec.Configurations); failure != nil {
		return failure
	}
	return i.checkFiles(k, "crds", k.spec.Crds)
}

func (i *inspection) checkFiles(k *kustomization, field string, files []string) *abi.Failure {
	for index, file := range files {
		if failure := i.checkFile(k, at{field, index}, file); failure != nil {
			return failure
		}
	}
	return nil
}

func (i *inspection) checkGenerators(k *kustomization, _ visit) *abi.Failure {
	for index, args := range k.spec.ConfigMapGenerator {
		if failure := i.checkData(k, at{"configMapGenerator", index}, args.KvPairSources); failure != nil {
			return failure
		}
	}
	for index, args := range k.spec.SecretGenerator {
		if failure := i.checkData(k, at{"secretGenerator", index}, args.KvPairSources); failure != nil {
			return failure
		}
	}
	if len(k.spec.HelmCharts) > 0 {
		field := "helmCharts"
		if k.countOf(field) == 0 {
			field = "helmChartInflationGenerator"
		}
		return k.fail(abi.Plugin, at{field, 0}, "Rendering a chart through kustomize (`%s`) is not supported yet.", field)
	}
	return nil
}

func (i *inspection) checkData(k *kustomization, place at, sources types.KvPairSources) *abi.Failure {
	for _, source := range sources.FileSources {
		if _, failure := i.findFile(k, place, dataFile(source)); failure != nil {
			return failure
		}
	}
	for _, file := range sources.EnvSources {
		if _, failure := i.findFile(k, place, file); failure != nil {
			return failure
		}
	}
	return nil
}

// dataFile is the file of `files: [key=file]`.
func dataFile(source string) string {
	if key, file, isKeyed := strings.Cut(source, "="); isKeyed && key != "" && file != "" {
		return file
	}
	return source
}

func (i *inspection) checkPatches(k *kustomization, _ visit) *abi.Failure {
	for index, patch := range k.spec.PatchesStrategicMerge {
		if failure := checkAliasesOf([]byte(patch), k.file); failure != nil {
			return failure
		}
		if isInlinePatch(string(patch)) {
			continue
		}
		if failure := i.checkFile(k, at{"patchesStrategicMerge", index}, string(patch)); failure != nil {
			return failure
		}
	}
	if failure := i.checkPatchFiles(k, "patches", k.spec.Patches); failure != nil {
		return failure
	}
	if failure := i.checkPatchFiles(k, "patchesJson6902", k.spec.PatchesJson6902); failure != nil {
		return failure
	}
	for index, replacement := range k.spec.Replacements {
		if replacement.Path == "" {
			continue
		}
		if failure := i.checkFile(k, at{"replacements", index}, replacement.Path); failure != nil {
			return failure
		}
	}
	return nil
}

func (i *inspection) checkPatchFiles(k *kustomization, field string, patches []types.Patch) *abi.Failure {
	for index, patch := range patches {
		if patch.Path == "" {
			if failure := checkAliasesOf([]byte(patch.Patch), k.file); failure != nil {
				return failure
			}
			continue
		}
		if failure := i.checkFile(k, at{field, index, "path"}, patch.Path); failure != nil {
			return failure
		}
	}
	return nil
}

// isInlinePatch tells a patch from the name of a patch file: kustomize takes for a patch what reads as an object.
func isInlinePatch(text string) bool {
	objects, err := parseObjects([]byte(text))
	return err == nil && len(objects) > 0
}

// checkFile looks at an entry that can only be a file or a URL, and that kustomize reads as YAML.
func (i *inspection) checkFile(k *kustomization, place at, file string) *abi.Failure {
	node, failure := i.findFile(k, place, file)
	if failure != nil {
		return failure
	}
	return checkAliases(node)
}

// findFile looks up an entry that can only be a file or a URL.
func (i *inspection) findFile(k *kustomization, place at, file string) (abi.Node, *abi.Failure) {
	if isFetched(file) {
		return abi.Node{}, remote(k, place, file)
	}
	node, failure := i.find(k, place, file)
	if failure != nil {
		return node, failure
	}
	if node.Kind != abi.File {
		return node, k.fail(abi.Render, place, "%s is named here, but there is no file %s.", file, k.join(file))
	}
	return node, i.checkRestriction(k, place, file, node)
}

// checkRestriction is kustomize's load restrictor: files come from below the kustomization that names them.
func (i *inspection) checkRestriction(k *kustomization, place at, entry string, node abi.Node) *abi.Failure {
	if i.isUnrestricted || k.directory == "" || strings.HasPrefix(node.Path, k.directory+"/") {
		return nil
	}
	return k.fail(abi.Render, place,
		"%s is outside %s, and kustomize loads single files only from a kustomization's own directory. "+
			"Move it there, or make it a base with its own kustomization.", entry, k.directory)
}

// find looks an entry up. A path out of the repository is a failure with the place that names it.
func (i *inspection) find(k *kustomization, place at, entry string) (abi.Node, *abi.Failure) {
	if path.IsAbs(entry) {
		return abi.Node{}, k.fail(abi.OutsideRepository, place, "%s is an absolute path, which leads out of the repository.", entry)
	}
	clean, failure := abi.Clean(k.join(entry))
	if failure != nil {
		return abi.Node{}, k.fail(abi.OutsideRepository, place, "%s leads out of the repository.", entry)
	}
	node, err := i.tree.Lookup(clean)
	return node, abi.AsFailure(err)
}

// isFetched is how kustomize tells a file to fetch from one to read.
func isFetched(entry string) bool {
	address, err := url.Parse(entry)
	return err == nil && (address.Scheme == "http" || address.Scheme == "https")
}

// isGitRepository asks kustomize's own parser of repository specs, which is open to others only by way of origins.
func isGitRepository(entry string) bool {
	return new(resource.Origin).Append(entry).Repo != ""
}

var credentials = regexp.MustCompile(`//[^/@]*@`)

func remote(k *kustomization, place at, entry string) *abi.Failure {
	address := credentials.ReplaceAllString(entry, "//")
	return k.fail(abi.RemoteInput, place, "`%s` names %s, which has to be fetched.", place[0], address)
}
