package main

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"drydock.dev/engines/abi"
	"drydock.dev/engines/yamlstream"
	release "helm.sh/helm/v4/pkg/release/v1"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
	"sigs.k8s.io/yaml"
)

const notesFile = "NOTES.txt"

// collect splits what the templates gave into resources, in the order in which Helm prints them.
func (r *rendering) collect(rendered map[string]string) (*Output, error) {
	maps.DeleteFunc(rendered, func(name, _ string) bool { return strings.HasSuffix(name, notesFile) })
	if failure := r.checkYAML(rendered); failure != nil {
		return nil, failure
	}
	hooks, manifests, err := releaseutil.SortManifests(rendered, nil, releaseutil.InstallOrder)
	if err != nil {
		return nil, failf(r.request.Chart, "The rendered text cannot be sorted: %s", err)
	}
	output := &Output{Resources: []Resource{}}
	if r.request.IncludeCRDs {
		output.Resources = r.collectCRDs()
	}
	for _, manifest := range manifests {
		output.add(manifest.Content, r.sources[manifest.Name], nil)
	}
	for _, hook := range hooks {
		output.add(hook.Manifest, r.sources[hook.Path], hook.Events)
	}
	return output, nil
}

// collectCRDs gives the files of `crds/` as they stand, document by document.
func (r *rendering) collectCRDs() []Resource {
	output := &Output{Resources: []Resource{}}
	for _, crd := range r.root.CRDObjects() {
		origin := r.charts.fileSource(crd.File)
		for i, document := range yamlstream.Split(crd.File.Data) {
			if !output.add(string(document), origin, nil) || origin.isArchived {
				continue
			}
			output.Resources[len(output.Resources)-1].Document = &i
		}
	}
	return output.Resources
}

// add leaves out documents that hold nothing but comments, and says whether it added one.
func (o *Output) add(text string, origin source, events []release.HookEvent) bool {
	if isEmptyDocument(text) {
		return false
	}
	hooks := make([]string, len(events))
	for i, event := range events {
		hooks[i] = event.String()
	}
	o.Resources = append(o.Resources, Resource{YAML: text, File: origin.file, ShapedBy: origin.values, Hooks: hooks})
	return true
}

func isEmptyDocument(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") {
			return line == "null" || line == "~" || line == "{}"
		}
	}
	return true
}

// splitManifests is Helm's splitting with its order made plain.
func splitManifests(text string) []string {
	byKey := releaseutil.SplitManifests(text)
	keys := slices.Collect(maps.Keys(byKey))
	slices.SortFunc(keys, func(a, b string) int {
		if releaseutil.BySplitManifestsOrder([]string{a, b}).Less(0, 1) {
			return -1
		}
		return 1
	})
	documents := make([]string, len(keys))
	for i, key := range keys {
		documents[i] = byKey[key]
	}
	return documents
}

// checkYAML finds the first document that Helm would refuse, in Helm's own order, to say which template it came from.
func (r *rendering) checkYAML(rendered map[string]string) *abi.Failure {
	for _, name := range slices.Sorted(maps.Keys(rendered)) {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		for _, document := range splitManifests(rendered[name]) {
			var head releaseutil.SimpleHead
			err := yaml.Unmarshal([]byte(document), &head)
			if err == nil {
				continue
			}
			text, line := cutYAMLError(err)
			where := ""
			if line > 0 {
				where = fmt.Sprintf(" (line %d of the rendered document, not of the template)", line)
			}
			return failf(r.sources[name].file, "The template renders text that is not a Kubernetes manifest: %s%s.", text, where)
		}
	}
	return nil
}
