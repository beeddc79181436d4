package main

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// The names that conftest knows (policy/engine.go there).
var (
	warningName = regexp.MustCompile("^warn(_[a-zA-Z0-9]+)*$")
	failureName = regexp.MustCompile("^(deny|violation)(_[a-zA-Z0-9]+)*$")
)

const exceptionRule = "exception"

// rule is one document that judges: all definitions of one name in one package.
type rule struct {
	ID          string `json:"id"`
	Kind        string `json:"kind"`
	File        string `json:"file"`
	Line        int    `json:"line"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`

	namespace string
	// The name without its kind, by which exceptions name it; empty for `deny` itself.
	suffix   string
	document string
}

func listRules(modules map[string]*ast.Module, namespaces map[string]bool) []rule {
	byID := map[string]rule{}
	for _, file := range sortedFiles(modules) {
		module := modules[file]
		namespace := packageName(module)
		if !namespaces[namespace] {
			continue
		}
		for _, defined := range module.Rules {
			name := string(defined.Head.Name)
			isJudging := warningName.MatchString(name) || failureName.MatchString(name)
			if !isJudging || len(defined.Head.Args) > 0 {
				continue
			}
			found := describe(defined, namespace, name)
			if known, isKnown := byID[found.ID]; isKnown {
				found = merge(known, found)
			}
			byID[found.ID] = found
		}
	}
	rules := make([]rule, 0, len(byID))
	for _, one := range byID {
		rules = append(rules, one)
	}
	slices.SortFunc(rules, func(a, b rule) int { return cmp.Compare(a.ID, b.ID) })
	return rules
}

func describe(defined *ast.Rule, namespace, name string) rule {
	kind, suffix, _ := strings.Cut(name, "_")
	found := rule{
		ID:        "rego/" + namespace + "/" + name,
		Kind:      kind,
		namespace: namespace,
		suffix:    suffix,
		document:  "data." + namespace + "." + name,
	}
	if defined.Location != nil {
		found.File, found.Line = defined.Location.File, defined.Location.Row
	}
	for _, said := range defined.Annotations {
		found.Title, found.Description = cmp.Or(found.Title, said.Title), cmp.Or(found.Description, said.Description)
	}
	return found
}

// merge keeps the first place, and the first words.
func merge(known, found rule) rule {
	known.Title, known.Description = cmp.Or(known.Title, found.Title), cmp.Or(known.Description, found.Description)
	return known
}

// findMisshapen names rules that look as if they judged and give nothing but true, as conftest does
// (https://github.com/open-policy-agent/opa/issues/6509): `deny.msg if …`, where `deny contains msg if …` is meant.
func findMisshapen(modules map[string]*ast.Module, namespaces map[string]bool) []problem {
	var problems []problem
	for _, module := range modules {
		if !namespaces[packageName(module)] {
			continue
		}
		for _, defined := range module.Rules {
			head := defined.Head
			if head == nil || head.Name != "" || head.Value == nil || len(head.Reference) == 0 {
				continue
			}
			name := head.Reference[0].Value.String()
			isJudging := warningName.MatchString(name) || failureName.MatchString(name)
			if isJudging && head.Value.String() == "true" {
				problems = append(problems, problemAt(head.Location, "the rule "+name+" uses `if` without `contains`: write `"+name+" contains msg if { … }`"))
			}
		}
	}
	return problems
}

func exceptionDocument(namespace string) string { return "data." + namespace + "." + exceptionRule }

func sortedFiles(modules map[string]*ast.Module) []string {
	files := make([]string, 0, len(modules))
	for file := range modules {
		files = append(files, file)
	}
	slices.Sort(files)
	return files
}
