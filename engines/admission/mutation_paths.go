package main

import (
	"slices"
	"strings"

	celast "github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	admissionregistration "k8s.io/api/admissionregistration/v1"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// readPaths adds the fields that a mutation may change, as far as its expression says them.
func (m *mutator) readPaths(mutation admissionregistration.Mutation) {
	var paths [][]string
	isRead := false
	switch {
	case mutation.ApplyConfiguration != nil:
		paths, isRead = pathsOfConfiguration(mutation.ApplyConfiguration.Expression)
	case mutation.JSONPatch != nil:
		paths, isRead = pathsOfPatch(mutation.JSONPatch.Expression)
	}
	m.paths, m.isOpen = append(m.paths, paths...), m.isOpen || !isRead
}

// findStructs gives the object literals of an expression, `Object.spec{…}` and `JSONPatch{…}`, however they are made.
func findStructs(expression string) (structs []celast.StructExpr, isParsed bool) {
	env, err := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()).Env(environment.StoredExpressions)
	if err != nil {
		return nil, false
	}
	parsed, issues := env.Parse(expression)
	if issues.Err() != nil {
		return nil, false
	}
	return structsIn(parsed.NativeRep().Expr()), true
}

func structsIn(expression celast.Expr) (structs []celast.StructExpr) {
	celast.PreOrderVisit(expression, celast.NewExprVisitor(func(e celast.Expr) {
		if e.Kind() == celast.StructKind {
			structs = append(structs, e.AsStruct())
		}
	}))
	return structs
}

const rootType = "Object"

// pathsOfConfiguration: the type of a literal names the path to it, and its fields are what is applied there.
func pathsOfConfiguration(expression string) (paths [][]string, isRead bool) {
	structs, _ := findStructs(expression)
	for _, literal := range structs {
		at, isObject := pathOfType(literal.TypeName())
		if !isObject {
			continue
		}
		isRead = true
		for _, entry := range literal.Fields() {
			field := entry.AsStructField()
			path := append(slices.Clone(at), fieldName(field.Name()))
			paths = append(paths, pathsOfValue(field.Value(), path)...)
		}
	}
	return paths, isRead
}

func pathOfType(name string) ([]string, bool) {
	if name == rootType {
		return nil, true
	}
	path, isObject := strings.CutPrefix(name, rootType+".")
	if !isObject {
		return nil, false
	}
	steps := strings.Split(path, ".")
	for i := range steps {
		steps[i] = fieldName(steps[i])
	}
	return steps, true
}

func fieldName(name string) string {
	name = strings.Trim(name, "`")
	if plain, isEscaped := apiservercel.Unescape(name); isEscaped {
		return plain
	}
	return name
}

// pathsOfValue: of a literal inside, what it sets itself is read where it is found.
func pathsOfValue(value celast.Expr, path []string) [][]string {
	for _, literal := range structsIn(value) {
		if inside, isObject := pathOfType(literal.TypeName()); isObject && slices.Equal(inside, path) {
			// Items of a list are added where none has the same name.
			return [][]string{append(slices.Clone(path), newItem)}
		}
	}
	if value.Kind() != celast.MapKind {
		return [][]string{path}
	}
	var paths [][]string
	for _, entry := range value.AsMap().Entries() {
		key := entry.AsMapEntry().Key()
		name, isConstant := constantText(key)
		if !isConstant {
			return [][]string{path}
		}
		paths = append(paths, append(slices.Clone(path), name))
	}
	return paths
}

// newItem is the step to an item that a list may get.
const newItem = "-"

// pathsOfPatch: the operations' own paths, as far as they are written out.
func pathsOfPatch(expression string) (paths [][]string, isRead bool) {
	structs, _ := findStructs(expression)
	for _, literal := range structs {
		if literal.TypeName() != "JSONPatch" {
			continue
		}
		isRead = true
		for _, entry := range literal.Fields() {
			field := entry.AsStructField()
			if name := field.Name(); name != "path" && name != "from" {
				continue
			}
			steps := stepsOf(field.Value())
			if len(steps) == 0 {
				return nil, false
			}
			paths = append(paths, steps)
		}
	}
	return paths, isRead
}

func stepsOf(pointer celast.Expr) []string {
	text, isWhole := leadingText(pointer)
	if !isWhole {
		text = text[:max(strings.LastIndex(text, "/"), 0)]
	}
	if !strings.HasPrefix(text, "/") {
		return nil
	}
	steps := strings.Split(text[1:], "/")
	for i, step := range steps {
		steps[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
	}
	return steps
}

// leadingText is what a text begins with, and whether that is all of it.
func leadingText(expression celast.Expr) (text string, isWhole bool) {
	if text, isConstant := constantText(expression); isConstant {
		return text, true
	}
	if expression.Kind() == celast.CallKind && expression.AsCall().FunctionName() == operators.Add {
		left, isWhole := leadingText(expression.AsCall().Args()[0])
		if !isWhole {
			return left, false
		}
		right, isWhole := leadingText(expression.AsCall().Args()[1])
		return left + right, isWhole
	}
	return "", false
}

func constantText(expression celast.Expr) (string, bool) {
	if expression.Kind() != celast.LiteralKind {
		return "", false
	}
	text, isText := expression.AsLiteral().(types.String)
	return string(text), isText
}
