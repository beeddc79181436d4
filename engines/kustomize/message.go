package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"drydock.dev/engines/abi"
	"sigs.k8s.io/kustomize/api/types"
)

// failureOf turns an error of kustomize into a Failure for people. Kustomize wraps the cause in one layer of text for
// each kustomization on the way, so the last layer names the file. The kind never depends on the text.
func (i *inspection) failureOf(err error, root *kustomization) *abi.Failure {
	kind := abi.Render
	if types.IsErrOnlyBuiltinPluginsAllowed(err) {
		kind = abi.Plugin
	}
	directory, cause := innermost(err.Error())
	k := root
	if inner, isKnown := i.byDirectory[directory]; isKnown && directory != "" {
		k = inner
	}
	if kind == abi.Plugin {
		return k.fail(kind, nil, "The kustomization uses a plugin, and plugins are never run: %s.", cause)
	}
	return i.explain(k, cause)
}

var layer = regexp.MustCompile(`(?:recursed accumulation of path|recursed merging from path|couldn't make target for path) '([^']*)': `)

var fileLayer = regexp.MustCompile(`^(?:accumulating|merging) resources from '[^']*': `)

// innermost takes the layers off. directory is that of the last one, as a repository path; "" when there is none.
func innermost(text string) (directory, cause string) {
	text = unquoteLayers(text)
	if layers := layer.FindAllStringSubmatchIndex(text, -1); layers != nil {
		last := layers[len(layers)-1]
		directory, text = text[last[2]:last[3]], text[last[1]:]
	}
	for _, prefix := range []string{"accumulating resources: ", "accumulating components: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	// What is listed is there (the inspection saw it), so the failure to load it as a file is the one that counts, not
	// the second one to load it as a directory.
	if rest, isWrapped := strings.CutPrefix(text, "accumulation err='"); isWrapped {
		text, _, _ = cutLast(rest, "': ")
	}
	text = fileLayer.ReplaceAllString(text, "")
	return strings.TrimPrefix(directory, mountPoint+"/"), withoutContents(withoutMount(text))
}

var quotedLayer = regexp.MustCompile(`(?:accumulateDirectory|loader\.New): ?("(?:[^"\\]|\\.)*")`)

// unquoteLayers undoes the quoting that each component adds to what went wrong in it.
func unquoteLayers(text string) string {
	for {
		found := quotedLayer.FindStringSubmatchIndex(text)
		if found == nil {
			return text
		}
		inner, err := strconv.Unquote(text[found[2]:found[3]])
		if err != nil {
			return text
		}
		text = text[:found[0]] + inner + text[found[1]:]
	}
}

func withoutMount(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, mountPoint+"/", ""), mountPoint, "the repository's root")
}

// Kustomize puts whole configurations and patches into its messages, and with them what may be secret.
var contents = []struct {
	pattern     *regexp.Regexp
	replacement string
}{
	{regexp.MustCompile("(?s)trouble configuring builtin (\\w+) with config: `.*?`: "), "$1: "},
	{regexp.MustCompile(`\[patch: "(?:[^"\\]|\\.)*"\]`), "the inline patch"},
	{regexp.MustCompile(`(?s)literal sources \[.*\]: .*`), "a literal is not of the form key=value"},
	{regexp.MustCompile(`(?s)line \[[\d ]*\] has invalid utf8 bytes : .*`), "a line is not UTF-8"},
	{regexp.MustCompile(`(?s)merging from generator &\{.*?\}: `), ""},
	{regexp.MustCompile(`0x[0-9a-f]{6,}`), "…"},
	{regexp.MustCompile(`(?s)(must specify one of patch and path|patch and path can't be set at the same time) in\n.*`), "$1"},
	{regexp.MustCompile(`(?s)(missing metadata\.name) in object .*`), "$1 in an object"},
}

const idConflict = "namespace transformation produces ID conflict: "

// nameConflict keeps kind and name of the objects that kustomize prints whole, as JSON.
func nameConflict(text string) string {
	before, objects, isConflict := strings.Cut(text, idConflict+"[")
	if !isConflict {
		return text
	}
	var object struct {
		Kind     string
		Metadata struct{ Name string }
	}
	if err := json.NewDecoder(strings.NewReader(objects)).Decode(&object); err != nil {
		return before + idConflict + "two resources"
	}
	return before + idConflict + object.Kind + " " + object.Metadata.Name
}

func withoutContents(text string) string {
	text = nameConflict(text)
	for _, content := range contents {
		text = content.pattern.ReplaceAllString(text, content.replacement)
	}
	return cutLong(strings.TrimSpace(text))
}

// maxMessageBytes keeps a message readable; longer ones repeat objects.
const maxMessageBytes = 600

func cutLong(text string) string {
	if len(text) <= maxMessageBytes {
		return text
	}
	return strings.ToValidUTF8(text[:maxMessageBytes], "") + "…"
}

var (
	noTarget  = regexp.MustCompile(`no matches for Id ([^;]+);`)
	patchFile = regexp.MustCompile(`\[path: "([^"]*)"\]`)
	sameID    = regexp.MustCompile(`may not add resource with an already registered id: ([^\s']+)`)
	noMerge   = regexp.MustCompile(`Kind:"([^"]*)".* Name:"([^"]*)".* does not exist; cannot merge or replace`)
	oneSpace  = regexp.MustCompile(`^` + idConflict + `(\S+) (\S+)$`)
	noPath    = regexp.MustCompile(`(?:for path: '|missing path: |missing key: )(/[^\s':]*)`)
	badYAML   = regexp.MustCompile(`(?s)yaml: (?:line (\d+): )?(.*?)(?: in File: (\S+))?$`)
)

// explain says the most frequent causes in plainer words and points to what is meant.
func (i *inspection) explain(k *kustomization, cause string) *abi.Failure {
	if found := noTarget.FindStringSubmatch(cause); found != nil {
		place, name := i.findPatch(k, func(patch string) bool { return names(patch, found[1]) })
		return k.fail(abi.Render, place, "%s is meant for %s, but there is no such resource here.", name, readableID(found[1]))
	}
	if found := oneSpace.FindStringSubmatch(cause); found != nil {
		return k.fail(abi.Render, at{"namespace"}, "The namespace makes two resources one: both are %s %s then.", found[1], found[2])
	}
	if found := noPath.FindStringSubmatch(cause); found != nil {
		if place, name := i.findPatch(k, func(patch string) bool { return mentions(patch, found[1]) }); place != nil {
			return k.fail(abi.Render, place, "%s does not apply: %s.", name, cause)
		}
	}
	if strings.Contains(cause, "missing metadata.name in an object") {
		if file, kind := i.findNameless(k); file != "" {
			return &abi.Failure{Kind: abi.Render, File: file, Message: fmt.Sprintf("A %s has no metadata.name.", kind)}
		}
	}
	if found := sameID.FindStringSubmatch(cause); found != nil {
		return k.fail(abi.Render, nil, "Two resources are both %s; kustomize takes only one of a kind and name.", readableID(found[1]))
	}
	if found := noMerge.FindStringSubmatch(cause); found != nil {
		return k.fail(abi.Render, nil, "A generator is to merge into or replace %s %s, but there is no such resource here.", found[1], found[2])
	}
	if found := patchFile.FindStringSubmatch(cause); found != nil {
		for index, patch := range k.spec.Patches {
			if patch.Path == found[1] {
				return k.fail(abi.Render, at{"patches", index}, "%s.", sentence(cause))
			}
		}
	}
	return k.explainYAML(cause)
}

func (k *kustomization) explainYAML(cause string) *abi.Failure {
	found := badYAML.FindStringSubmatch(cause)
	if found == nil || found[3] == "" {
		return k.fail(abi.Render, nil, "%s.", sentence(cause))
	}
	line, _ := strconv.Atoi(found[1])
	return &abi.Failure{Kind: abi.Render, Message: "This is not valid YAML: " + found[2] + ".", File: k.join(found[3]), Line: line}
}

func sentence(cause string) string {
	cause = strings.TrimRight(cause, ".\n ")
	if cause == "" {
		return "Kustomize refuses this kustomization"
	}
	return strings.ToUpper(cause[:1]) + cause[1:]
}

// readableID turns "Deployment.v1.apps/web.[noNs]" into "Deployment web".
func readableID(id string) string {
	kind, rest, _ := strings.Cut(id, ".")
	_, name, hasName := strings.Cut(rest, "/")
	if !hasName {
		return id
	}
	name, namespace, _ := cutLast(name, ".")
	if namespace == "[noNs]" || namespace == "" {
		return kind + " " + name
	}
	return kind + " " + name + " in namespace " + namespace
}

func cutLast(text, separator string) (before, after string, isFound bool) {
	if index := strings.LastIndex(text, separator); index >= 0 {
		return text[:index], text[index+len(separator):], true
	}
	return text, "", false
}

// findPatch is the place of the one patch that isMeant recognises by its text, and what to call it.
func (i *inspection) findPatch(k *kustomization, isMeant func(patch string) bool) (place at, name string) {
	found := 0
	look := func(where at, text, file string) {
		called := "The patch"
		if file != "" {
			node, err := i.tree.Lookup(k.join(file))
			if err != nil || node.Kind != abi.File {
				return
			}
			text, called = string(node.Data), "The patch "+file
		}
		if isMeant(text) {
			place, name, found = where, called, found+1
		}
	}
	for index, patch := range k.spec.Patches {
		look(at{"patches", index}, patch.Patch, patch.Path)
	}
	for index, patch := range k.spec.PatchesJson6902 {
		look(at{"patchesJson6902", index}, patch.Patch, patch.Path)
	}
	for index, patch := range k.spec.PatchesStrategicMerge {
		if isInlinePatch(string(patch)) {
			look(at{"patchesStrategicMerge", index}, string(patch), "")
		} else {
			look(at{"patchesStrategicMerge", index}, "", string(patch))
		}
	}
	if found == 1 {
		return place, name
	}
	return nil, "A patch"
}

// mentions tells a JSON patch that holds a path as a word of its own.
func mentions(patch, pointer string) bool {
	return regexp.MustCompile(`(?m)["'\s]` + regexp.QuoteMeta(pointer) + `(?:["'\s,}]|$)`).MatchString(patch)
}

// findNameless is the file of the one resource without a name, and its kind.
func (i *inspection) findNameless(k *kustomization) (file, kind string) {
	found := 0
	for _, resourceFile := range k.resourceFiles {
		node, err := i.tree.Lookup(resourceFile)
		if err != nil || node.Kind != abi.File {
			continue
		}
		objects, err := parseObjects(node.Data)
		if err != nil {
			continue
		}
		for _, object := range objects {
			metadata, _ := object["metadata"].(map[string]any)
			if text, _ := object["kind"].(string); metadata["name"] == nil && text != "" && !strings.HasSuffix(text, "List") {
				file, kind, found = resourceFile, text, found+1
			}
		}
	}
	if found != 1 {
		return "", ""
	}
	return file, kind
}

func names(patch, id string) bool {
	objects, err := parseObjects([]byte(patch))
	if err != nil {
		return false
	}
	kind, rest, _ := strings.Cut(id, ".")
	_, name, _ := strings.Cut(rest, "/")
	name, _, _ = cutLast(name, ".")
	for _, object := range objects {
		metadata, _ := object["metadata"].(map[string]any)
		if object["kind"] == kind && metadata != nil && metadata["name"] == name {
			return true
		}
	}
	return false
}
