package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"
)

type sourceFile struct {
	File string `json:"file"`
	Text string `json:"text"`
}

type dataFile struct {
	sourceFile
	// Where it stands in data: the folder it is in.
	At []string `json:"at"`
}

// source is everything that is compiled together.
type source struct {
	Modules []sourceFile `json:"modules"`
	Data    []dataFile   `json:"data"`
	// Packages whose rules count, with * and ? as path.Match has them; nil for all.
	Namespaces []string `json:"namespaces"`
}

type loadRequest struct {
	ID string `json:"id"`
	source
}

// contextRoot is the key of data that the host fills for each input.
const contextRoot = "drydock"

// readData merges data files as `opa` and conftest do: what two files say of one key must be two objects.
func readData(files []dataFile) (ast.Object, []problem) {
	root := map[string]any{}
	var problems []problem
	for _, file := range files {
		if found := checkData(file); found != nil {
			problems = append(problems, *found)
		} else if err := mergeFile(root, file); err != nil {
			problems = append(problems, problem{File: file.File, Line: lineOf(err), Message: err.Error()})
		}
		if _, isTaken := root[contextRoot]; isTaken {
			problems = append(problems, problem{File: file.File, Line: 1, Message: fmt.Sprintf("data.%s is what Drydock itself tells policies; no data file may define it", contextRoot)})
			delete(root, contextRoot)
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	value, err := ast.InterfaceToValue(root)
	if err != nil {
		return nil, []problem{{Message: err.Error()}}
	}
	return value.(ast.Object), nil
}

func mergeFile(root map[string]any, file dataFile) error {
	var document any
	if err := util.Unmarshal([]byte(file.Text), &document); err != nil {
		// The words of the reader quote what stands there.
		return fmt.Errorf("this data file is neither JSON nor YAML: %s", firstLine(err.Error()))
	}
	for _, step := range slices.Backward(file.At) {
		document = map[string]any{step: document}
	}
	object, isObject := document.(map[string]any)
	if !isObject {
		return fmt.Errorf("a data file at the top of the policy folder must hold an object")
	}
	return mergeObjects(root, object, nil)
}

func mergeObjects(into, from map[string]any, at []string) error {
	for _, key := range slices.Sorted(maps.Keys(from)) {
		present, isThere := into[key]
		if !isThere {
			into[key] = from[key]
			continue
		}
		below := append(slices.Clone(at), key)
		left, isLeft := present.(map[string]any)
		right, isRight := from[key].(map[string]any)
		if !isLeft || !isRight {
			return fmt.Errorf("data.%s is defined by another data file too", strings.Join(below, "."))
		}
		if err := mergeObjects(left, right, below); err != nil {
			return err
		}
	}
	return nil
}

// packageName is a package as conftest names it: without "data.".
func packageName(module *ast.Module) string {
	return strings.Replace(module.Package.Path.String(), "data.", "", 1)
}

// chooseNamespaces gives the packages whose rules count, and the patterns that name none.
func chooseNamespaces(modules map[string]*ast.Module, patterns []string) (map[string]bool, []problem) {
	all := map[string]bool{}
	for _, module := range modules {
		all[packageName(module)] = true
	}
	if patterns == nil {
		return all, nil
	}
	chosen := map[string]bool{}
	var problems []problem
	for _, pattern := range patterns {
		isUsed := false
		for name := range all {
			if isMatch, err := path.Match(pattern, name); (err == nil && isMatch) || name == pattern {
				chosen[name], isUsed = true, true
			}
		}
		if !isUsed {
			quoted, _ := json.Marshal(pattern)
			problems = append(problems, problem{Message: fmt.Sprintf("no policy has the package %s; there are %s", quoted, strings.Join(slices.Sorted(maps.Keys(all)), ", "))})
		}
	}
	return chosen, problems
}
