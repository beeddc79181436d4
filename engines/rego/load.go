package main

import (
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown/cache"
)

// policySet is a compiled set with what every evaluation shares.
type policySet struct {
	compiler *ast.Compiler
	data     ast.Object
	rules    []rule
	queries  []query
	patterns cache.InterQueryValueCache
}

// query is a compiled query that gives the documents of some rules at once.
type query struct {
	body ast.Body
	// The variables that the documents are bound to.
	bound []binding
}

type binding struct {
	variable ast.Var
	document string
}

type loadAnswer struct {
	Rules    []rule    `json:"rules"`
	Problems []problem `json:"problems"`
	Uses     uses      `json:"uses"`
}

// load compiles a set. With any problem there is none: a set that is judged by in part would pass what it should not.
func load(from source) (*policySet, loadAnswer) {
	refuse := func(problems []problem) (*policySet, loadAnswer) {
		return nil, loadAnswer{Rules: []rule{}, Problems: sortProblems(problems)}
	}
	data, problems := readData(from.Data)
	modules, parseProblems := parseModules(from.Modules)
	if problems = append(problems, parseProblems...); len(problems) > 0 {
		return refuse(problems)
	}
	compiler := newCompiler(false)
	if compiler.Compile(modules); compiler.Failed() {
		return refuse(problemsOf(compiler.Errors, ""))
	}
	namespaces, problems := chooseNamespaces(modules, from.Namespaces)
	problems = append(problems, findMisshapen(modules, namespaces)...)
	used, useProblems := findUses(compiler, data)
	if problems = append(problems, useProblems...); len(problems) > 0 {
		return refuse(problems)
	}
	rules := listRules(modules, namespaces)
	queries, err := compileQueries(compiler, modules, rules)
	if err != nil {
		return refuse(problemsOf(err, ""))
	}
	set := &policySet{compiler: compiler, data: data, rules: rules, queries: queries, patterns: newPatternCache()}
	return set, loadAnswer{Rules: rules, Problems: []problem{}, Uses: used}
}

func newCompiler(isPrinting bool) *ast.Compiler {
	return ast.NewCompiler().
		SetErrorLimit(mostProblems * 2).
		WithEnablePrintStatements(isPrinting).
		WithCapabilities(restrictCapabilities(ast.CapabilitiesForThisVersion()))
}

// parseModules reads each file as Rego v1, and as v0 where it is that alone.
func parseModules(files []sourceFile) (map[string]*ast.Module, []problem) {
	modules := map[string]*ast.Module{}
	var problems []problem
	for _, file := range files {
		module, err := parseModule(file)
		switch {
		case err != nil:
			problems = append(problems, problemsOf(err, file.File)...)
		case module == nil:
			problems = append(problems, problem{File: file.File, Line: 1, Message: "this file holds no package"})
		case isOurs(module.Package):
			problems = append(problems, problemAt(module.Package.Location, "the package "+contextRoot+" is what Drydock itself tells policies"))
		default:
			modules[file.File] = module
		}
	}
	return modules, problems
}

func isOurs(of *ast.Package) bool {
	return len(of.Path) > 1 && of.Path[1].Equal(ast.StringTerm(contextRoot))
}

// parseModule prefers v1, as conftest does. Hardly any file is valid as both and means two things. Of a file that is
// neither, the version that finds less wrong is the one it was written in.
func parseModule(file sourceFile) (*ast.Module, error) {
	options := ast.ParserOptions{ProcessAnnotation: true, RegoVersion: ast.RegoV1}
	module, err := ast.ParseModuleWithOpts(file.File, file.Text, options)
	if err == nil {
		return module, nil
	}
	options.RegoVersion = ast.RegoV0
	old, oldErr := ast.ParseModuleWithOpts(file.File, file.Text, options)
	if oldErr == nil {
		return old, nil
	}
	if len(problemsOf(oldErr, "")) < len(problemsOf(err, "")) {
		return nil, oldErr
	}
	return nil, err
}

// compileQueries makes one query of all documents that are always defined, so that what rules share is evaluated once
// for a resource, and one for each of the others.
func compileQueries(compiler *ast.Compiler, modules map[string]*ast.Module, rules []rule) ([]query, error) {
	var shared, alone []string
	for _, document := range listDocuments(modules, rules) {
		if isAlwaysDefined(compiler, document) {
			shared = append(shared, document)
		} else {
			alone = append(alone, document)
		}
	}
	groups := [][]string{}
	if len(shared) > 0 {
		groups = append(groups, shared)
	}
	for _, document := range alone {
		groups = append(groups, []string{document})
	}
	queries := make([]query, 0, len(groups))
	for _, documents := range groups {
		compiled, err := compileQuery(compiler, documents)
		if err != nil {
			return nil, err
		}
		queries = append(queries, compiled)
	}
	return queries, nil
}

// listDocuments are the rules, and the exceptions of their packages.
func listDocuments(modules map[string]*ast.Module, rules []rule) []string {
	var documents []string
	for _, one := range rules {
		documents = append(documents, one.document)
	}
	for _, module := range modules {
		name := packageName(module)
		isJudging := slices.ContainsFunc(rules, func(one rule) bool { return one.namespace == name })
		for _, defined := range module.Rules {
			if isJudging && defined.Head.Name == exceptionRule {
				documents = append(documents, exceptionDocument(name))
			}
		}
	}
	slices.Sort(documents)
	return slices.Compact(documents)
}

// isAlwaysDefined holds for partial sets and objects: without any element they are empty.
func isAlwaysDefined(compiler *ast.Compiler, document string) bool {
	found := compiler.GetRulesExact(ast.MustParseRef(document))
	return len(found) > 0 && !slices.ContainsFunc(found, func(one *ast.Rule) bool {
		return one.Head.DocKind() == ast.CompleteDoc || len(one.Head.Args) > 0
	})
}

func compileQuery(compiler *ast.Compiler, documents []string) (query, error) {
	var compiled query
	body := ast.Body{}
	for index, document := range documents {
		variable := ast.Var(fmt.Sprintf("document%d", index))
		compiled.bound = append(compiled.bound, binding{variable, document})
		body.Append(ast.Equality.Expr(ast.NewTerm(variable), ast.NewTerm(ast.MustParseRef(document))))
	}
	var err error
	compiled.body, err = compiler.QueryCompiler().Compile(body)
	return compiled, err
}
