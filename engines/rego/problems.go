package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// problem is what is wrong with a policy itself. Line and column count from 1, 0 where unknown.
type problem struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
}

const (
	// Problems of one set that are told; a file that is no Rego at all has one for each word.
	mostProblems = 50
	// Bytes of one message: policies can print whole resources.
	mostMessage = 2000
)

func problemAt(location *ast.Location, message string) problem {
	found := problem{Message: message}
	if location != nil {
		found.File, found.Line, found.Column = location.File, location.Row, location.Col
	}
	return found
}

// problemsOf takes apart what the parser or the compiler refused.
func problemsOf(err error, file string) []problem {
	var list ast.Errors
	var single *ast.Error
	switch {
	case errors.As(err, &list):
	case errors.As(err, &single):
		list = ast.Errors{single}
	default:
		return []problem{onALine(problem{File: file, Message: shorten(err.Error())})}
	}
	problems := make([]problem, 0, len(list))
	for _, one := range list {
		found := problemAt(one.Location, shorten(explain(one.Message)))
		if found.File == "" {
			found.File = file
		}
		problems = append(problems, onALine(found))
	}
	return problems
}

// onALine puts what is about a file as a whole on its first line.
func onALine(found problem) problem {
	if found.File != "" {
		found.Line = max(found.Line, 1)
	}
	return found
}

// explain says why a built-in that Rego has is not there.
func explain(message string) string {
	name, isUndefined := strings.CutPrefix(message, "undefined function ")
	if !isUndefined {
		return message
	}
	if reason, isRefused := refusedBuiltins[name]; isRefused {
		return fmt.Sprintf("%s is not available: %s", name, reason)
	}
	return message
}

// sortProblems orders by place, so that the same source gives the same words, and leaves out what is too many.
func sortProblems(problems []problem) []problem {
	slices.SortStableFunc(problems, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
	problems = slices.Compact(problems)
	if len(problems) <= mostProblems {
		return problems
	}
	rest := len(problems) - mostProblems
	return append(problems[:mostProblems:mostProblems], problem{Message: fmt.Sprintf("there are %d more problems", rest)})
}

// explainEvaluation says what stopped an evaluation.
func explainEvaluation(err error) problem {
	var halt topdown.Halt
	if errors.As(err, &halt) {
		err = halt.Err
	}
	var failure *topdown.Error
	if !errors.As(err, &failure) {
		return problem{Message: shorten("the policy could not be evaluated: " + err.Error())}
	}
	if failure.Code == topdown.CancelErr {
		return problem{Message: "the policy needs more steps for this resource than an evaluation is given; look for comprehensions over each other and for large ranges"}
	}
	return problemAt(failure.Location, shorten(failure.Message))
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func shorten(text string) string {
	if len(text) <= mostMessage {
		return text
	}
	end := mostMessage
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
