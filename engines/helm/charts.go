package main

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"drydock.dev/engines/abi"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
)

// source says where in the repository a file of a chart stands. All files of an archive stand in the archive.
type source struct {
	file       string
	isArchived bool
	// values are the defaults of the chart the file belongs to, then the values files of the request.
	values []string
}

// location is where a chart stands: a directory of the repository, or an archive in it.
type location struct {
	path       string
	isArchived bool
}

func (l location) fileSource(name string) source {
	if l.isArchived {
		return source{file: l.path, isArchived: true}
	}
	return source{file: path.Join(l.path, name)}
}

// chartSet loads charts and remembers where each of their files came from. Helm copies charts when it resolves
// aliases, but not the files in them.
type chartSet struct {
	tree    *abi.Tree
	budget  *budget
	sources map[*common.File]source
	schemas map[string]source
}

func newChartSet(tree *abi.Tree) *chartSet {
	return &chartSet{tree: tree, budget: newBudget(), sources: map[*common.File]source{}, schemas: map[string]source{}}
}

// fileSource is where one file of a loaded chart came from.
func (s *chartSet) fileSource(file *common.File) source { return s.sources[file] }

// loadApplication loads the chart of an app, with the dependencies that have to be there.
func (s *chartSet) loadApplication(directory string) (*chart.Chart, error) {
	root, err := s.loadPath(directory)
	if err != nil {
		return nil, err
	}
	chartFile := path.Join(directory, "Chart.yaml")
	if kind := root.Metadata.Type; kind != "" && kind != "application" {
		return nil, failf(chartFile, "This is a %s chart, which cannot be installed by itself.", kind)
	}
	for _, dependency := range root.Metadata.Dependencies {
		if err := s.require(root, dependency, directory); err != nil {
			return nil, err
		}
	}
	return root, nil
}

// require makes sure that a dependency of the root chart is there, from `charts/` or, for file:// ones, from their place
// in the repository. As in Helm, only the root's dependencies have to be there.
func (s *chartSet) require(root *chart.Chart, dependency *chart.Dependency, directory string) error {
	for _, loaded := range root.Dependencies() {
		if loaded.Name() == dependency.Name {
			return nil
		}
	}
	entry := dependencyPlace(root, dependency, directory)
	local, isLocal := strings.CutPrefix(dependency.Repository, "file://")
	if !isLocal {
		return &abi.Failure{
			Kind: abi.MissingDependency,
			File: entry.file,
			Line: entry.line,
			Message: fmt.Sprintf("The dependency %s %s from %s is not in %s. Vendor it there with `helm dependency build`.",
				dependency.Name, dependency.Version, describeRepository(dependency.Repository), path.Join(directory, "charts")),
		}
	}
	place, failure := abi.Clean(path.Join(directory, local))
	if failure != nil || path.IsAbs(local) {
		return s.tree.Fail(&abi.Failure{
			Kind:    abi.OutsideRepository,
			File:    entry.file,
			Line:    entry.line,
			Message: fmt.Sprintf("The dependency %s leads out of the repository: %s.", dependency.Name, dependency.Repository),
		})
	}
	loaded, err := s.loadPath(place)
	if err != nil {
		return err
	}
	if loaded.Name() != dependency.Name {
		failure := failf(entry.file, "The dependency %s names %s, but the chart there is %s.", dependency.Name, dependency.Repository, loaded.Name())
		failure.Line = entry.line
		return failure
	}
	root.AddDependency(loaded)
	return nil
}

func describeRepository(repository string) string {
	if repository == "" {
		return "charts/ (it names no repository)"
	}
	return repository
}

// loadPath loads a chart directory or archive of the repository.
func (s *chartSet) loadPath(name string) (*chart.Chart, error) {
	node, err := s.tree.Lookup(name)
	if err != nil {
		return nil, err
	}
	switch node.Kind {
	case abi.Directory:
		files, err := s.readDirectory(name)
		if err != nil {
			return nil, err
		}
		return s.load(files, location{path: name})
	case abi.File:
		files, err := s.unpack(node.Data, name)
		if err != nil {
			return nil, err
		}
		return s.load(files, location{path: name, isArchived: true})
	default:
		return nil, failf(name, "There is no chart at %s.", name)
	}
}

// load builds a chart and the charts below its `charts/`. It takes the place of Helm's own recursion, which loses where
// the files of a subchart came from and puts subcharts in a random order.
func (s *chartSet) load(files []*archive.BufferedFile, from location) (*chart.Chart, error) {
	own, children := splitSubcharts(files)
	loaded, err := loader.LoadFiles(own)
	if err != nil {
		return nil, s.loadFailure(own, from, err)
	}
	if version := loaded.Metadata.APIVersion; version != chart.APIVersionV1 && version != chart.APIVersionV2 {
		return nil, failf(from.fileSource("Chart.yaml").file, "Charts with apiVersion %q cannot be rendered; v1 and v2 can.", version)
	}
	s.remember(loaded, from)
	for _, name := range slices.Sorted(maps.Keys(children)) {
		child, err := s.loadChild(name, children[name], from)
		if err != nil {
			return nil, err
		}
		if child != nil {
			loaded.AddDependency(child)
		}
	}
	return loaded, nil
}

func (s *chartSet) remember(loaded *chart.Chart, from location) {
	for _, file := range slices.Concat(loaded.Templates, loaded.Files) {
		s.sources[file] = from.fileSource(file.Name)
	}
	for _, file := range loaded.Raw {
		switch file.Name {
		case "values.yaml":
			s.sources[file] = from.fileSource(file.Name)
		case "values.schema.json":
			s.schemas[string(file.Data)] = from.fileSource(file.Name)
		}
	}
}

// splitSubcharts takes the files below `charts/` out, by the name of their directory or archive.
func splitSubcharts(files []*archive.BufferedFile) (own []*archive.BufferedFile, children map[string][]*archive.BufferedFile) {
	children = map[string][]*archive.BufferedFile{}
	for _, file := range files {
		below, isBelow := strings.CutPrefix(file.Name, "charts/")
		if !isBelow || path.Ext(file.Name) == ".prov" {
			own = append(own, file)
			continue
		}
		name, _, _ := strings.Cut(below, "/")
		children[name] = append(children[name], &archive.BufferedFile{Name: below, Data: file.Data})
	}
	return own, children
}

// loadChild loads one entry of `charts/`; nil for one that Helm passes over.
func (s *chartSet) loadChild(name string, files []*archive.BufferedFile, parent location) (*chart.Chart, error) {
	if strings.IndexAny(name, "_.") == 0 {
		return nil, nil
	}
	place := parent
	if !parent.isArchived {
		place.path = path.Join(parent.path, "charts", name)
	}
	if path.Ext(name) == ".tgz" {
		unpacked, err := s.unpack(files[0].Data, place.path)
		if err != nil {
			return nil, err
		}
		return s.load(unpacked, location{path: place.path, isArchived: true})
	}
	inside := []*archive.BufferedFile{}
	for _, file := range files {
		if _, rest, isInside := strings.Cut(file.Name, "/"); isInside {
			inside = append(inside, &archive.BufferedFile{Name: rest, Data: file.Data})
		}
	}
	if len(inside) == 0 {
		return nil, failf(place.path, "Helm takes every entry of charts/ for a chart, and this one is none. Move it away or name it in .helmignore.")
	}
	return s.load(inside, place)
}

// loadFailure finds the file that Helm's loader refused, which its error does not name with a path.
func (s *chartSet) loadFailure(files []*archive.BufferedFile, from location, err error) *abi.Failure {
	for _, name := range []string{"Chart.yaml", "values.yaml", "requirements.yaml", "Chart.lock", "requirements.lock"} {
		if strings.HasPrefix(err.Error(), "cannot load "+name+": ") {
			return yamlFailure(from.fileSource(name).file, err)
		}
	}
	hasChartFile := slices.ContainsFunc(files, func(file *archive.BufferedFile) bool { return file.Name == "Chart.yaml" })
	if !hasChartFile {
		return failf(from.path, "There is no Chart.yaml in %s.", from.path)
	}
	message := strings.TrimPrefix(err.Error(), "validation: ")
	return failf(from.fileSource("Chart.yaml").file, "The chart is not valid: %s.", message)
}

// templateSources maps the names by which the engine knows templates to the repository. valuesFiles shape all of them.
func (s *chartSet) templateSources(root *chart.Chart, valuesFiles []string) map[string]source {
	sources := map[string]source{}
	var visit func(*chart.Chart, []string)
	visit = func(c *chart.Chart, values []string) {
		values = append(s.ownValues(c), values...)
		for _, file := range c.Templates {
			origin := s.sources[file]
			origin.values = values
			sources[path.Join(c.ChartFullPath(), file.Name)] = origin
		}
		for _, child := range c.Dependencies() {
			visit(child, values)
		}
	}
	visit(root, valuesFiles)
	return sources
}

// ownValues is the chart's values.yaml, if it has one that stands in the repository as a file.
func (s *chartSet) ownValues(c *chart.Chart) []string {
	for _, file := range c.Raw {
		if origin, isKnown := s.sources[file]; isKnown && file.Name == "values.yaml" && !origin.isArchived {
			return []string{origin.file}
		}
	}
	return nil
}

var utf8BOM = []byte{0xEF, 0xBB, 0xBF}

func withoutBOM(data []byte) []byte { return bytes.TrimPrefix(data, utf8BOM) }
