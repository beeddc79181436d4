package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"drydock.dev/engines/abi"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// The origins that Build works out are compared with those that a second build gives, over copies of the same files that
// carry marks: annotations which say what file a resource, a generator or a patch stands in. That is exact and twice as
// slow, and a mark can change what a kustomization gives, so only tests do it.

const (
	sourceMark = "drydock.dev/source"
	// shapeMark is followed by a number: patches are applied in the order of these numbers.
	shapeMark = "drydock.dev/shaped-by."
)

// markedOrigins builds the marked copies and reads the marks, in the order of the output.
func markedOrigins(request Request, tree *abi.Tree) ([]Resource, error) {
	inspection, _, failure := inspect(request, tree)
	if failure != nil {
		return nil, failure
	}
	marks := &marking{inspection: inspection, served: map[string][]byte{}}
	marks.serveAll()
	marked, err := run(request, fileSystem{tree: tree, served: marks.served})
	if err != nil {
		return nil, err
	}
	origins := []Resource{}
	for _, twin := range marked.Resources() {
		result := Resource{ShapedBy: []string{}}
		readMarks(twin, &result)
		origins = append(origins, result)
	}
	return origins, nil
}

func readMarks(twin *resource.Resource, result *Resource) {
	annotations := twin.GetAnnotations()
	if source, isMarked := annotations[sourceMark]; isMarked {
		result.File, result.Document = parseSource(source)
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
			if file != "" && !slices.Contains(result.ShapedBy, file) {
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

// marking makes the marked copies.
type marking struct {
	*inspection
	served map[string][]byte
	count  int
}

func (m *marking) serveAll() {
	for _, k := range m.inOrder {
		for _, file := range k.resourceFiles {
			m.serve(file, func(content []byte) ([]byte, error) { return markResources(content, file) })
		}
	}
	for _, k := range m.inOrder {
		m.serveKustomization(k)
	}
}

// serve replaces a file by its marked copy, if it can be marked.
func (m *marking) serve(file string, mark func([]byte) ([]byte, error)) {
	if _, isServed := m.served[file]; isServed {
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
func (m *marking) serveKustomization(k *kustomization) {
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
	files := []string{}
	if types.NewGenerationBehavior(args.Behavior) == types.BehaviorMerge {
		files = append(files, k.file)
	}
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

// markResources annotates each resource of a file with the file and the number of its document.
func markResources(content []byte, file string) ([]byte, error) {
	documents, err := parseDocuments(content)
	if err != nil {
		return nil, err
	}
	for number, document := range documents {
		object := contentOf(document)
		if items := listItems(object); items != nil {
			for _, item := range items {
				annotate(item, sourceMark, file)
			}
			continue
		}
		annotate(object, sourceMark, formatSource(file, number))
	}
	return encodeDocuments(documents)
}

// markPatch makes a patch leave the mark on whatever it is applied to. A patch is a stream of partial objects, or a
// list of JSON patch operations.
func markPatch(content []byte, mark, files string) ([]byte, error) {
	documents, err := parseDocuments(content)
	if err != nil {
		return nil, err
	}
	for _, document := range documents {
		patch := contentOf(document)
		switch {
		case patch == nil:
		case patch.Kind == yaml.SequenceNode:
			appendOperation(patch, mark, files)
		case patch.Kind == yaml.MappingNode && !isDeletion(patch):
			annotate(patch, mark, files)
		}
	}
	return encodeDocuments(documents)
}

func contentOf(document *yaml.Node) *yaml.Node {
	if document.Kind == yaml.DocumentNode && len(document.Content) == 1 {
		return document.Content[0]
	}
	return nil
}

func isDeletion(patch *yaml.Node) bool {
	directive, _ := child(patch, "$patch")
	return directive != nil && directive.Value == "delete"
}

func annotate(object *yaml.Node, key, value string) {
	if object == nil || object.Kind != yaml.MappingNode {
		return
	}
	annotations := mappingAt(mappingAt(object, "metadata"), "annotations")
	annotations.Content = append(annotations.Content, text(key), text(value))
}

// mappingAt gives the mapping under a key. What is there and is no mapping is replaced.
func mappingAt(object *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(object.Content); i += 2 {
		if object.Content[i].Value != key {
			continue
		}
		if object.Content[i+1].Kind != yaml.MappingNode {
			object.Content[i+1] = &yaml.Node{Kind: yaml.MappingNode, Tag: yaml.NodeTagMap}
		}
		return object.Content[i+1]
	}
	mapping := &yaml.Node{Kind: yaml.MappingNode, Tag: yaml.NodeTagMap}
	object.Content = append(object.Content, text(key), mapping)
	return mapping
}

func appendOperation(patch *yaml.Node, mark, files string) {
	pointer := "/metadata/annotations/" + strings.ReplaceAll(mark, "/", "~1")
	patch.Content = append(patch.Content, &yaml.Node{Kind: yaml.MappingNode, Tag: yaml.NodeTagMap, Content: []*yaml.Node{
		text("op"), text("add"), text("path"), text(pointer), text("value"), text(files),
	}})
}

func text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagString, Value: value, Style: yaml.DoubleQuotedStyle}
}

func encodeDocuments(documents []*yaml.Node) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := yaml.NewEncoder(&buffer)
	for _, document := range documents {
		if err := encoder.Encode(document); err != nil {
			return nil, err
		}
	}
	if err := encoder.Close(); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}
