package main

import (
	"bytes"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

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

// listItems gives the items of an object that is a list of objects, as kustomize unpacks it.
func listItems(object *yaml.Node) []*yaml.Node {
	kind, _ := child(object, "kind")
	items, _ := child(object, "items")
	if kind == nil || !strings.HasSuffix(kind.Value, "List") || items == nil || items.Kind != yaml.SequenceNode {
		return nil
	}
	return items.Content
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
