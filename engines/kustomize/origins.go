package main

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"drydock.dev/engines/abi"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
)

// Where resources came from is found by a second build, over copies of the same files that carry marks: annotations
// which say what file a resource, a generator or a patch stands in. Kustomize's own origin annotations name neither
// documents nor patches, and asking for them changes what some kustomizations give (a JSON patch that adds an
// annotation fails without them). The first build is the one whose output counts; when the second fails, or gives
// something else, resources are said to come from the kustomization as a whole.

const (
	sourceMark = "drydock.dev/source"
	// shapeMark is followed by a number: patches are applied in the order of these numbers.
	shapeMark = "drydock.dev/shaped-by."
	// originMark is kustomize's own, for what is generated in ways that are not marked.
	originMark = "config.kubernetes.io/origin"
)

func (i *inspection) traceOrigins(request Request, root *kustomization, resources resmap.ResMap, output *Output) {
	marks := &marking{inspection: i, served: map[string][]byte{}}
	marks.serveAll(root)
	marked, err := run(request, fileSystem{tree: i.tree, served: marks.served})
	if err != nil || i.tree.Failure() != nil {
		return
	}
	for index, twin := range pair(resources.Resources(), marked.Resources()) {
		if twin != nil {
			readMarks(twin, root, &output.Resources[index])
		}
	}
}

// pair finds the marked twin of each resource; nil where there is none. Twins stand in the same place unless a mark
// changed a name, which happens where a hash covers annotations.
func pair(plain, marked []*resource.Resource) []*resource.Resource {
	twins := make([]*resource.Resource, len(plain))
	if len(plain) != len(marked) {
		return twins
	}
	for index, one := range plain {
		if one.CurId() == marked[index].CurId() {
			twins[index] = marked[index]
		}
	}
	return twins
}

func readMarks(twin *resource.Resource, root *kustomization, result *Resource) {
	annotations := twin.GetAnnotations()
	if source, isMarked := annotations[sourceMark]; isMarked {
		result.File, result.Document = parseSource(source)
	} else if file := originFile(twin, root); file != "" {
		result.File = file
	}
	shapes := map[int]string{}
	for key, files := range annotations {
		if number, isShape := strings.CutPrefix(key, shapeMark); isShape {
			if n, err := strconv.Atoi(number); err == nil {
				shapes[n] = files
			}
		}
	}
	for _, n := range slices.Sorted(maps.Keys(shapes)) {
		for file := range strings.SplitSeq(shapes[n], "\n") {
			if !slices.Contains(result.ShapedBy, file) {
				result.ShapedBy = append(result.ShapedBy, file)
			}
		}
	}
}

// A source is "file" or "file#document". The file of a repository may itself hold a '#'.
func formatSource(file string, document int) string { return file + "#" + strconv.Itoa(document) }

func parseSource(source string) (string, *int) {
	if file, number, isNumbered := cutLast(source, "#"); isNumbered {
		if document, err := strconv.Atoi(number); err == nil {
			return file, &document
		}
	}
	return source, nil
}

func originFile(twin *resource.Resource, root *kustomization) string {
	origin, err := twin.GetOrigin()
	if err != nil || origin == nil || origin.Repo != "" {
		return ""
	}
	name := origin.Path
	if origin.ConfiguredIn != "" {
		name = origin.ConfiguredIn
	}
	if clean, failure := abi.Clean(path.Join(root.directory, name)); failure == nil {
		return clean
	}
	return ""
}

// marking makes the marked copies.
type marking struct {
	*inspection
	served map[string][]byte
	count  int
}

func (m *marking) serveAll(root *kustomization) {
	for file := range m.resourceFiles {
		m.serve(file, func(content []byte) ([]byte, error) { return markResources(content, file) })
	}
	for _, k := range m.inOrder {
		m.serveKustomization(k, k == root)
	}
}

// serve replaces a file by its marked copy, unless its bytes are data or it cannot be marked.
func (m *marking) serve(file string, mark func([]byte) ([]byte, error)) {
	if _, isServed := m.served[file]; isServed || m.dataFiles[file] {
		return
	}
	node, err := m.tree.Lookup(file)
	if err != nil || node.Kind != abi.File {
		return
	}
	if marked, err := mark(node.Data); err == nil {
		m.served[file] = marked
	}
}

func (m *marking) nextShape() string {
	m.count++
	return shapeMark + strconv.Itoa(m.count)
}

// serveKustomization marks what stands in a kustomization itself, and the patch files it names. The copy has the
// deprecated fields as they were: kustomize treats them differently.
func (m *marking) serveKustomization(k *kustomization, isRoot bool) {
	if m.dataFiles[k.file] {
		return
	}
	spec := types.Kustomization{}
	if spec.Unmarshal(k.content) != nil {
		return
	}
	for index, patch := range spec.PatchesStrategicMerge {
		spec.PatchesStrategicMerge[index] = types.PatchStrategicMerge(m.markPatchOrFile(k, string(patch)))
	}
	m.markPatches(k, spec.Patches)
	m.markPatches(k, spec.PatchesJson6902)
	for index := range spec.ConfigMapGenerator {
		m.markGenerator(k, &spec.ConfigMapGenerator[index].GeneratorArgs)
	}
	for index := range spec.SecretGenerator {
		m.markGenerator(k, &spec.SecretGenerator[index].GeneratorArgs)
	}
	if isRoot && !slices.Contains(spec.BuildMetadata, types.OriginAnnotations) {
		spec.BuildMetadata = append(spec.BuildMetadata, types.OriginAnnotations)
	}
	if content, err := json.Marshal(spec); err == nil {
		m.served[k.file] = content
	}
}

func (m *marking) markPatchOrFile(k *kustomization, patch string) string {
	if !isInlinePatch(patch) {
		m.markPatchFile(k, patch)
		return patch
	}
	if marked, err := markPatch([]byte(patch), m.nextShape(), k.file); err == nil {
		return string(marked)
	}
	return patch
}

func (m *marking) markPatches(k *kustomization, patches []types.Patch) {
	for index, patch := range patches {
		if patch.Path != "" {
			m.markPatchFile(k, patch.Path)
			continue
		}
		if marked, err := markPatch([]byte(patch.Patch), m.nextShape(), k.file); err == nil {
			patches[index].Patch = string(marked)
		}
	}
}

func (m *marking) markPatchFile(k *kustomization, name string) {
	node, err := m.tree.Lookup(k.join(name))
	if err != nil || node.Kind != abi.File {
		return
	}
	shape := m.nextShape()
	m.serve(node.Path, func(content []byte) ([]byte, error) { return markPatch(content, shape, node.Path) })
}

// markGenerator names the kustomization, and the files whose data the generator takes. One that merges into a map of a
// base leaves that map's source as it is.
func (m *marking) markGenerator(k *kustomization, args *types.GeneratorArgs) {
	files := []string{k.file}
	for _, source := range slices.Concat(args.FileSources, args.EnvSources, []string{args.EnvSource}) {
		if source != "" {
			files = append(files, k.join(dataFile(source)))
		}
	}
	annotations := map[string]string{m.nextShape(): strings.Join(files, "\n")}
	if behavior := types.NewGenerationBehavior(args.Behavior); behavior != types.BehaviorMerge {
		annotations[sourceMark] = k.file
	}
	options := types.GeneratorOptions{}
	if args.Options != nil {
		options = *args.Options
	}
	maps.Copy(annotations, options.Annotations)
	options.Annotations = annotations
	args.Options = &options
}
