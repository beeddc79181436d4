package main

import (
	"bytes"
	"regexp"
	"strings"

	"drydock.dev/engines/abi"
	"drydock.dev/engines/yamlstream"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// readDefinitions lists the resources of a file with the numbers of their documents, counted from 0. A file that cannot
// be read as YAML has none; kustomize has refused it already.
func (i *inspection) readDefinitions(file string) []*definition {
	node, err := i.tree.Lookup(file)
	if err != nil || node.Kind != abi.File {
		return nil
	}
	var found []*definition
	for number, text := range yamlstream.Split(node.Data) {
		if one, isPlain := scanIdentity(text); isPlain {
			found = append(found, &definition{identity: one, file: file, document: &number})
			continue
		}
		found = append(found, parseDefinitions(text, file, number)...)
	}
	return found
}

var (
	plainValue = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	plainKey   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*:`)
)

// scanIdentity reads kind, name and namespace of a document in the plainest style, which nearly all manifests have. It
// spares a second parse of every resource; anything else than the plainest style is left to the parser.
func scanIdentity(text []byte) (found identity, isPlain bool) {
	isInMetadata := false
	for line := range bytes.Lines(text) {
		trimmed := string(bytes.TrimRight(line, " \t\r\n"))
		switch {
		case trimmed == "" || trimmed[0] == '#':
			continue
		case trimmed[0] == ' ':
			if isInMetadata && !scanMetadata(trimmed, &found) {
				return identity{}, false
			}
			continue
		case trimmed[0] == '-':
			// A list may stand at the same column as the key above it.
			if isInMetadata {
				return identity{}, false
			}
			continue
		case !plainKey.MatchString(trimmed):
			return identity{}, false
		}
		isInMetadata = trimmed == "metadata:"
		if strings.HasPrefix(trimmed, "metadata:") && !isInMetadata {
			return identity{}, false
		}
		if value, isKind := strings.CutPrefix(trimmed, "kind:"); isKind {
			found.kind = strings.TrimSpace(value)
		}
	}
	isPlain = plainValue.MatchString(found.kind) && plainValue.MatchString(found.name) && !strings.HasSuffix(found.kind, "List")
	return found, isPlain
}

// scanMetadata reads a line below `metadata`, and says whether it is plain enough to go on. Two spaces are the only
// indentation taken for that of metadata's own fields.
func scanMetadata(line string, found *identity) bool {
	if !strings.HasPrefix(line, "  ") {
		return false
	}
	if line[2] == ' ' || line[2] == '#' || line[2] == '-' {
		return found.name != "" || !strings.HasPrefix(strings.TrimLeft(line, " "), "name")
	}
	key, value, isField := strings.Cut(line[2:], ":")
	value = strings.TrimSpace(value)
	switch {
	case !isField || key == "<<":
		return false
	case key == "name":
		found.name = value
		return plainValue.MatchString(value)
	case key == "namespace":
		found.namespace = value
		return plainValue.MatchString(value)
	}
	return true
}

func parseDefinitions(text []byte, file string, number int) []*definition {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil || len(document.Content) != 1 {
		return nil
	}
	object := document.Content[0]
	items := listItems(object)
	if items == nil {
		return []*definition{{identity: identityOf(object), file: file, document: &number}}
	}
	found := make([]*definition, len(items))
	for index, item := range items {
		found[index] = &definition{identity: identityOf(item), file: file}
	}
	return found
}

func identityOf(object *yaml.Node) identity {
	metadata, _ := child(object, "metadata")
	return identity{valueOf(object, "kind"), valueOf(metadata, "name"), valueOf(metadata, "namespace")}
}

func valueOf(object *yaml.Node, key string) string {
	if value, _ := child(object, key); value != nil && value.Kind == yaml.ScalarNode {
		return value.Value
	}
	return ""
}

// listItems gives the items of an object that is a list of objects, as kustomize unpacks it.
func listItems(object *yaml.Node) []*yaml.Node {
	items, _ := child(object, "items")
	if !strings.HasSuffix(valueOf(object, "kind"), "List") || items == nil || items.Kind != yaml.SequenceNode {
		return nil
	}
	return items.Content
}
