package main

import (
	"context"

	celgo "github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/interpreter"
	admissioncel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// values are what the variables of a policy's expressions are in one evaluation. The API server makes them of typed
// objects, in which there is no place for what is not known; so its own are overlaid, and everything else, the
// evaluation and its cost, is left to it.
type values struct {
	object, oldObject, params, namespace ref.Val
	// request holds the fields of `request` that only the server knows.
	request map[string]ref.Val
}

type valuesKey struct{}

func withValues(ctx context.Context, values *values) context.Context {
	return context.WithValue(ctx, valuesKey{}, values)
}

// gitCompiler compiles as the API server does and lets the programs see `values`.
type gitCompiler struct{ admissioncel.Compiler }

func (c gitCompiler) CompileCELExpression(
	accessor admissioncel.ExpressionAccessor, options admissioncel.OptionalVariableDeclarations, mode environment.Type,
) admissioncel.CompilationResult {
	result := c.Compiler.CompileCELExpression(accessor, options, mode)
	if result.Program != nil {
		result.Program = gitProgram{result.Program}
	}
	return result
}

type gitProgram struct{ celgo.Program }

func (p gitProgram) ContextEval(ctx context.Context, input any) (ref.Val, *celgo.EvalDetails, error) {
	values, hasValues := ctx.Value(valuesKey{}).(*values)
	variables, isActivation := input.(interpreter.Activation)
	if !hasValues || !isActivation {
		return p.Program.ContextEval(ctx, input)
	}
	return p.Program.ContextEval(ctx, &gitActivation{variables, values})
}

type gitActivation struct {
	interpreter.Activation
	values *values
}

func (a *gitActivation) ResolveName(name string) (any, bool) {
	switch name {
	case admissioncel.ObjectVarName:
		return a.values.object, true
	case admissioncel.OldObjectVarName:
		return a.values.oldObject, true
	case admissioncel.ParamsVarName:
		return a.values.params, true
	case admissioncel.NamespaceVarName:
		return a.values.namespace, true
	case admissioncel.AuthorizerVarName, admissioncel.RequestResourceAuthorizerVarName:
		return newUnknown(admissioncel.AuthorizerVarName), true
	case admissioncel.RequestVarName:
		request, isThere := a.Activation.ResolveName(name)
		if mapper, isMap := request.(traits.Mapper); isMap {
			return &overlaidMap{mapper, a.values.request}, isThere
		}
		return request, isThere
	}
	if value, isKyverno := kyvernoLibraries[name]; isKyverno {
		return value, true
	}
	return a.Activation.ResolveName(name)
}

// overlaidMap is a mapping of the API server's in which some fields are others.
type overlaidMap struct {
	traits.Mapper
	fields map[string]ref.Val
}

func (m *overlaidMap) Find(key ref.Val) (ref.Val, bool) {
	if name, isString := key.Value().(string); isString {
		if value, isThere := m.fields[name]; isThere {
			return value, true
		}
	}
	return m.Mapper.Find(key)
}

func (m *overlaidMap) Get(key ref.Val) ref.Val {
	if value, isThere := m.Find(key); isThere {
		return value
	}
	return m.Mapper.Get(key)
}
