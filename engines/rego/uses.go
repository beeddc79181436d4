package main

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// uses says what answers depend on beside the resource itself.
type uses struct {
	Before      bool `json:"before"`
	App         bool `json:"app"`
	Environment bool `json:"environment"`
	PullRequest bool `json:"pullRequest"`
	Clock       bool `json:"clock"`
}

// findUses looks at every reference of the compiled rules; those of unit tests do not count. A reference that does not
// say which part it reads, reads all of them.
func findUses(compiler *ast.Compiler, data ast.Object) (uses, []problem) {
	var found uses
	var problems []problem
	for _, module := range compiler.Modules {
		for _, defined := range module.Rules {
			if isTest(defined) {
				continue
			}
			ast.WalkRefs(defined, func(ref ast.Ref) bool {
				if isFileInfo(ref) && data.Get(ast.StringTerm("conftest")) == nil {
					problems = append(problems, problemAt(ref[0].Location, "data.conftest tells of the file that is judged; what is judged here comes from no file"))
				}
				note(&found, ref)
				return false
			})
		}
	}
	return found, problems
}

func note(found *uses, ref ast.Ref) {
	if ref.String() == "time.now_ns" {
		found.Clock = true
	}
	if len(ref) == 0 || !ref[0].Equal(ast.DefaultRootDocument) {
		return
	}
	if len(ref) > 1 {
		root, isGround := ref[1].Value.(ast.String)
		if isGround && root != contextRoot {
			return
		}
		// A variable takes every package in turn, and what Drydock says among them.
		if isGround && len(ref) > 2 {
			if part, isKnown := ref[2].Value.(ast.String); isKnown {
				found.part(string(part))
				return
			}
		}
	}
	found.Before, found.App, found.Environment, found.PullRequest = true, true, true, true
}

func (u *uses) part(name string) {
	switch name {
	case "before":
		u.Before = true
	case "app":
		u.App = true
	case "environment":
		u.Environment = true
	case "pullRequest":
		u.PullRequest = true
	}
}

func isFileInfo(ref ast.Ref) bool {
	return len(ref) > 1 && ref[0].Equal(ast.DefaultRootDocument) && ref[1].Equal(ast.StringTerm("conftest"))
}

func isTest(defined *ast.Rule) bool {
	for _, step := range defined.Ref() {
		name := strings.Trim(step.Value.String(), `"`)
		if strings.HasPrefix(name, "test_") || strings.HasPrefix(name, "todo_test_") {
			return true
		}
	}
	return false
}
