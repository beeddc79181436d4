package main

import (
	"bytes"
	"unicode/utf8"

	yaml3 "go.yaml.in/yaml/v3"
)

// duplicate is a key that stands more than once in its mapping; line and column are those of the last one.
type duplicate struct {
	key    string
	path   []any
	line   int
	column int
}

// findDuplicates looks for the places of equal keys. yaml.v2 knows neither columns nor paths, so yaml.v3 reads the
// document again. A key that a merge brings in too is no duplicate.
func findDuplicates(part part) []duplicate {
	root := readNodes(part.text)
	if root == nil {
		return nil
	}
	var found []duplicate
	visitMappings(root, nil, func(mapping *yaml3.Node, path []any) {
		last := map[string]*yaml3.Node{}
		count := map[string]int{}
		for i := 0; i+1 < len(mapping.Content); i += 2 {
			key := mapping.Content[i]
			if key.Kind != yaml3.ScalarNode || key.Tag == "!!merge" {
				continue
			}
			last[key.Value] = key
			count[key.Value]++
		}
		for i := 0; i+1 < len(mapping.Content); i += 2 {
			key := mapping.Content[i]
			if count[key.Value] < 2 || last[key.Value] != key {
				continue
			}
			found = append(found, duplicate{
				key: key.Value, path: join(path, key.Value),
				line: part.line + key.Line - 1, column: utf16Column(part.text, key.Line, key.Column),
			})
		}
	})
	return found
}

func readNodes(text []byte) *yaml3.Node {
	var document yaml3.Node
	if err := yaml3.Unmarshal(text, &document); err != nil || len(document.Content) == 0 {
		return nil
	}
	return document.Content[0]
}

// visitMappings does not follow aliases: what they stand for is visited at its anchor.
func visitMappings(node *yaml3.Node, path []any, visit func(*yaml3.Node, []any)) {
	switch node.Kind {
	case yaml3.MappingNode:
		visit(node, path)
		for i := 0; i+1 < len(node.Content); i += 2 {
			visitMappings(node.Content[i+1], join(path, node.Content[i].Value), visit)
		}
	case yaml3.SequenceNode:
		for i, item := range node.Content {
			visitMappings(item, join(path, i), visit)
		}
	}
}

// join never shares its array with path.
func join(path []any, step any) []any {
	return append(append(make([]any, 0, len(path)+1), path...), step)
}

// utf16Column turns a column counted in characters into one counted in UTF-16 code units, both from 1.
func utf16Column(text []byte, line, column int) int {
	for ; line > 1; line-- {
		text = text[bytes.IndexByte(text, '\n')+1:]
	}
	units := 1
	for ; column > 1 && len(text) > 0; column-- {
		character, size := utf8.DecodeRune(text)
		units++
		if character > 0xffff {
			units++
		}
		text = text[size:]
	}
	return units
}
