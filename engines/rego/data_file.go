package main

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// checkData finds what a reader of data takes without a word and loses a part of: a key that is set twice, of which the
// last one counts, and documents after the first. JSON is YAML here; what cannot be read at all is found elsewhere.
func checkData(file dataFile) *problem {
	decoder := yaml.NewDecoder(strings.NewReader(file.Text))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil {
		return nil
	}
	if found := findTwice(&document); found != nil {
		return &problem{File: file.File, Line: found.Line, Message: fmt.Sprintf("this data file sets the key %s twice", shorten(strconv.Quote(found.Value)))}
	}
	var further yaml.Node
	if err := decoder.Decode(&further); !errors.Is(err, io.EOF) {
		return &problem{File: file.File, Line: max(further.Line, 1), Message: "this data file holds more than one document, and only the first would count"}
	}
	return nil
}

// findTwice gives a key that its mapping has set before. `<<` may stand more than once.
func findTwice(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.MappingNode {
		known := map[string]bool{}
		for index := 0; index < len(node.Content); index += 2 {
			key := node.Content[index]
			if key.Kind == yaml.ScalarNode && key.Tag != "!!merge" && known[key.Value] {
				return key
			}
			known[key.Value] = true
		}
	}
	for _, below := range node.Content {
		if found := findTwice(below); found != nil {
			return found
		}
	}
	return nil
}

var namedLine = regexp.MustCompile(`\bline (\d+)\b`)

// lineOf is the line that a reader's words name, else the first.
func lineOf(err error) int {
	named := namedLine.FindStringSubmatch(err.Error())
	if named == nil {
		return 1
	}
	line, err := strconv.Atoi(named[1])
	if err != nil {
		return 1
	}
	return max(line, 1)
}
