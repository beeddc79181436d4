package main

import (
	"fmt"
	"strings"

	"drydock.dev/engines/abi"
	"github.com/open-policy-agent/opa/v1/ast"
)

// evaluateCombined judges all inputs together: `input` is the list of {path, contents} that `conftest --combine` gives.
// Resources come from no file; their path is `<kind>/<namespace>/<name>`. What they were before is a list like it.
func evaluateCombined(set *policySet, request evaluateRequest, tree *abi.Tree) (any, error) {
	told, err := ast.InterfaceToValue(request.Context)
	if err != nil {
		return nil, err
	}
	var objects, befores []*ast.Term
	for index, one := range request.Inputs {
		object, before, err := readInput(tree, index, one)
		if err != nil {
			return evaluateAnswer{[]outcome{broken(problem{Message: err.Error()})}}, nil
		}
		objects = append(objects, place(object))
		if before != nil {
			befores = append(befores, place(before))
		}
	}
	context := tell(told.(ast.Object), ast.ArrayTerm(befores...))
	return evaluateAnswer{[]outcome{set.judge(ast.ArrayTerm(objects...), context, request)}}, nil
}

func place(object *ast.Term) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{intern("path"), ast.StringTerm(pathOf(object))},
		[2]*ast.Term{intern("contents"), object},
	)
}

func pathOf(object *ast.Term) string {
	read := func(path ...string) string {
		node := object.Value
		for _, step := range path {
			below := child(node, step)
			if below == nil {
				return ""
			}
			node = below.Value
		}
		text, _ := node.(ast.String)
		return string(text)
	}
	path := fmt.Sprintf("%s/%s/%s", read("kind"), read("metadata", "namespace"), read("metadata", "name"))
	return strings.ReplaceAll(path, "//", "/")
}
