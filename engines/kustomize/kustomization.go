package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"drydock.dev/engines/abi"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// kustomization is one kustomization file of a build, read before kustomize reads it.
type kustomization struct {
	// directory is where the file stands, links followed; "" is the repository's root.
	directory string
	file      string
	content   []byte
	spec      types.Kustomization
	// positions is the file as a tree of nodes with lines; nil when it cannot be had.
	positions *yaml.Node
	// below are the kustomizations it uses, and resourceFiles the single files, both in its order.
	below         []use
	resourceFiles []string
}

type use struct {
	k           *kustomization
	isComponent bool
}

// parseKustomization reads a file as kustomize does, and says in a reader's words why it cannot.
func parseKustomization(directory, file string, content []byte) (*kustomization, *abi.Failure) {
	k := &kustomization{directory: directory, file: file, content: content}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err == nil && len(document.Content) == 1 {
		k.positions = document.Content[0]
	}
	if err := k.spec.Unmarshal(content); err != nil {
		return nil, k.unreadable(err)
	}
	k.spec.FixKustomization()
	if k.spec.CheckEmpty() != nil {
		return nil, k.fail(abi.Render, nil, "The kustomization is empty: it names no resources and changes nothing.")
	}
	if problems := k.spec.EnforceFields(); len(problems) > 0 {
		return nil, k.fail(abi.Render, nil, "The kustomization's %s.", strings.Join(problems, ", "))
	}
	return k, nil
}

// at names a place in the file: field names and list indexes.
type at []any

func (k *kustomization) fail(kind abi.FailureKind, place at, format string, arguments ...any) *abi.Failure {
	return &abi.Failure{Kind: kind, Message: fmt.Sprintf(format, arguments...), File: k.file, Line: k.line(place)}
}

// line finds the line of a place, or of as much of it as there is; 0 when not even its first step is found. Field names
// are matched as encoding/json matches them, whatever their case.
func (k *kustomization) line(place at) int {
	node, line := k.positions, 0
	for _, step := range place {
		next, nextLine := child(node, step)
		if next == nil {
			break
		}
		node, line = next, nextLine
	}
	return line
}

func child(node *yaml.Node, step any) (*yaml.Node, int) {
	if node == nil {
		return nil, 0
	}
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch key := step.(type) {
	case string:
		for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
			if strings.EqualFold(node.Content[i].Value, key) {
				return node.Content[i+1], node.Content[i].Line
			}
		}
	case int:
		if node.Kind == yaml.SequenceNode && key < len(node.Content) {
			return node.Content[key], node.Content[key].Line
		}
	}
	return nil, 0
}

var (
	yamlLine     = regexp.MustCompile(`\bline (\d+): ?`)
	unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)
)

// unreadable says why the file is not a kustomization.
func (k *kustomization) unreadable(err error) *abi.Failure {
	text := err.Error()
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		return k.mistyped(mistyped)
	}
	if match := unknownField.FindStringSubmatch(text); match != nil {
		failure := k.fail(abi.Render, at{match[1]}, "A kustomization has no field %q.", match[1])
		if failure.Line == 0 {
			failure.Line = k.lineOfKey(match[1])
		}
		return failure
	}
	text = strings.TrimPrefix(text, "invalid Kustomization: ")
	text = strings.TrimPrefix(text, "error converting YAML to JSON: ")
	failure := k.fail(abi.Render, nil, "The kustomization is not valid YAML: %s.", strings.TrimPrefix(text, "yaml: "))
	if match := yamlLine.FindStringSubmatchIndex(text); match != nil {
		failure.Line, _ = strconv.Atoi(text[match[2]:match[3]])
		failure.Message = fmt.Sprintf("The kustomization is not valid YAML: %s.", text[match[1]:])
	}
	return failure
}

func (k *kustomization) mistyped(err *json.UnmarshalTypeError) *abi.Failure {
	field, _, _ := strings.Cut(err.Field, ".")
	place := at{field}
	if list, _ := child(k.positions, field); list != nil && list.Kind == yaml.SequenceNode {
		for i, item := range list.Content {
			if item.Kind == yaml.ScalarNode {
				place = at{field, i}
				break
			}
		}
	}
	if strings.EqualFold(field, "patches") && err.Value == "string" {
		return k.fail(abi.Render, place, "`patches` takes mappings, not file names: write `- path: FILE` for each.")
	}
	return k.fail(abi.Render, place, "`%s` cannot hold a %s here.", err.Field, err.Value)
}

// lineOfKey finds a key anywhere in the file if it stands there exactly once.
func (k *kustomization) lineOfKey(key string) int {
	lines := []int{}
	var visit func(*yaml.Node)
	visit = func(node *yaml.Node) {
		for i, below := range node.Content {
			if node.Kind == yaml.MappingNode && i%2 == 0 && below.Value == key {
				lines = append(lines, below.Line)
			}
			visit(below)
		}
	}
	if k.positions != nil {
		visit(k.positions)
	}
	if len(lines) == 1 {
		return lines[0]
	}
	return 0
}

// join is a path of this kustomization as a path of the repository, not yet checked to be inside it.
func (k *kustomization) join(entry string) string { return path.Join(k.directory, entry) }
