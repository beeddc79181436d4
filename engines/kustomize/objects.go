package main

import (
	"bytes"
	"errors"
	"io"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// parseDocuments reads a stream of YAML documents as nodes; empty documents are counted too.
func parseDocuments(content []byte) ([]*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var documents []*yaml.Node
	for {
		document := &yaml.Node{}
		err := decoder.Decode(document)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, err
		}
		documents = append(documents, document)
	}
}

var errNoObject = errors.New("not an object with a kind")

// parseObjects reads a stream of objects that each have a kind; empty documents are left out.
func parseObjects(content []byte) ([]map[string]any, error) {
	documents, err := parseDocuments(content)
	if err != nil {
		return nil, err
	}
	var objects []map[string]any
	for _, document := range documents {
		var object map[string]any
		if err := document.Decode(&object); err != nil {
			return nil, err
		}
		if object == nil {
			continue
		}
		if _, hasKind := object["kind"].(string); !hasKind {
			return nil, errNoObject
		}
		objects = append(objects, object)
	}
	return objects, nil
}
