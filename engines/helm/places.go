package main

import (
	"path"
	"slices"
	"strconv"

	yaml3 "go.yaml.in/yaml/v3"
	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// dependencyPlace finds the entry of a dependency. The line is 0 where two entries could be meant.
func dependencyPlace(root *chart.Chart, dependency *chart.Dependency, directory string) spot {
	for _, raw := range root.Raw {
		if raw.Name != "Chart.yaml" && raw.Name != "requirements.yaml" {
			continue
		}
		named := slices.DeleteFunc(listItems(raw.Data, "dependencies"), func(item *yaml3.Node) bool {
			return textOf(item, "name") != dependency.Name
		})
		if len(named) > 1 {
			named = slices.DeleteFunc(named, func(item *yaml3.Node) bool {
				return textOf(item, "version") != dependency.Version || textOf(item, "repository") != dependency.Repository
			})
		}
		if len(named) == 1 {
			return spot{path.Join(directory, raw.Name), named[0].Line}
		}
	}
	return spot{file: path.Join(directory, "Chart.yaml")}
}

func listItems(text []byte, key string) []*yaml3.Node {
	list, _ := entry(readRoot(text), key)
	if list == nil || list.Kind != yaml3.SequenceNode {
		return nil
	}
	items := make([]*yaml3.Node, len(list.Content))
	for i, listed := range list.Content {
		items[i] = withoutAlias(listed)
	}
	return items
}

func textOf(node *yaml3.Node, key string) string {
	value, _ := entry(node, key)
	if value == nil || value.Kind != yaml3.ScalarNode {
		return ""
	}
	return value.Value
}

// valuesLayer is a file that gives values. Those of the chart in question stand below the steps of path.
type valuesLayer struct {
	file string
	text []byte
	path []string
}

// valuesLayers lists the files that give the values of a chart, the strongest first.
type valuesLayers []valuesLayer

// below are the layers as a dependency of that name sees them.
func (l valuesLayers) below(name string) valuesLayers {
	descended := make(valuesLayers, len(l))
	for i, layer := range l {
		layer.path = append(slices.Clone(layer.path), name)
		descended[i] = layer
	}
	return descended
}

// spot is a line of a file.
type spot struct {
	file string
	line int
}

// find gives the place of a value: where the strongest layer sets it. A mapping is made of all layers that have it, so
// its place is known only when one alone does. The file is "" where the place cannot be told.
func (l valuesLayers) find(steps []string) spot {
	var found []spot
	for _, layer := range l {
		node, line, isSure := follow(readRoot(layer.text), append(slices.Clone(layer.path), steps...))
		if !isSure {
			return spot{}
		}
		if node == nil {
			continue
		}
		if place := (spot{layer.file, line}); !slices.Contains(found, place) {
			found = append(found, place)
		}
		if node.Kind != yaml3.MappingNode {
			break
		}
	}
	if len(found) != 1 {
		return spot{}
	}
	return found[0]
}

// follow gives no node where nothing is set. It is not sure where a merge key may bring in what is not there otherwise,
// and where something else stands than what the path leads through.
func follow(root *yaml3.Node, steps []string) (node *yaml3.Node, line int, isSure bool) {
	node = root
	for _, step := range steps {
		if node == nil {
			return nil, 0, true
		}
		var next *yaml3.Node
		nextLine := 0
		switch node.Kind {
		case yaml3.MappingNode:
			if next, nextLine = entry(node, step); next == nil {
				merged, _ := entry(node, "<<")
				return nil, 0, merged == nil
			}
		case yaml3.SequenceNode:
			if next, nextLine = item(node, step); next == nil {
				return nil, 0, false
			}
		default:
			return nil, 0, false
		}
		node, line = next, nextLine
	}
	return node, line, true
}

func readRoot(text []byte) *yaml3.Node {
	var document yaml3.Node
	if err := yaml3.Unmarshal(text, &document); err != nil || len(document.Content) == 0 {
		return nil
	}
	return document.Content[0]
}

// entry gives a value of a mapping and the line of its key.
func entry(node *yaml3.Node, key string) (*yaml3.Node, int) {
	if node == nil || node.Kind != yaml3.MappingNode {
		return nil, 0
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return withoutAlias(node.Content[i+1]), node.Content[i].Line
		}
	}
	return nil, 0
}

func item(list *yaml3.Node, step string) (*yaml3.Node, int) {
	index, err := strconv.Atoi(step)
	if err != nil || index < 0 || index >= len(list.Content) {
		return nil, 0
	}
	return withoutAlias(list.Content[index]), list.Content[index].Line
}

func withoutAlias(node *yaml3.Node) *yaml3.Node {
	if node.Kind == yaml3.AliasNode {
		return node.Alias
	}
	return node
}
