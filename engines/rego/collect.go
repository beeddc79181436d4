package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

type answer struct {
	Rule    string `json:"rule"`
	Effect  string `json:"effect"`
	Message string `json:"message"`
	// The field that it is about, from `path` or `field` of the result: a list of steps, or a JSON pointer.
	Path []any `json:"path"`
	// How many results it stands for, where it counts those that are too many.
	Rest int `json:"rest,omitempty"`
}

// collect turns what rules gave into answers, in the order of the rules and of Rego's own sets. It is stricter than
// conftest where that would take a result for a pass: one that is no message is a broken policy. `most` is for each rule,
// so that none hides what another one says.
func collect(rules []rule, documents map[string]ast.Value, most int) outcome {
	answers := []answer{}
	var excepted []string
	for _, one := range rules {
		if isExcepted(documents[exceptionDocument(one.namespace)], one.suffix) {
			excepted = append(excepted, one.ID)
			continue
		}
		results, err := listResults(documents[one.document])
		if err != nil {
			return broken(problem{File: one.File, Line: one.Line, Message: one.ID + " " + err.Error()})
		}
		for index, result := range results {
			given, err := readResult(one, result)
			if err != nil {
				return broken(problem{File: one.File, Line: one.Line, Message: one.ID + " " + err.Error()})
			}
			if index < most {
				answers = append(answers, given)
			}
		}
		if rest := len(results) - most; rest > 0 {
			answers = append(answers, tellRest(one, rest))
		}
	}
	return outcome{Answers: answers, Excepted: excepted}
}

// tellRest stands for the results of a rule that are too many.
func tellRest(of rule, count int) answer {
	message := fmt.Sprintf("There are %d more results of this rule for this resource.", count)
	return answer{Rule: of.ID, Effect: effectOf(of), Message: message, Path: []any{}, Rest: count}
}

func effectOf(one rule) string {
	if one.Kind == "warn" {
		return "warn"
	}
	return "deny"
}

// listResults are the elements of what a rule gave. A rule that gave nothing, or false, has nothing to say.
func listResults(document ast.Value) ([]*ast.Term, error) {
	switch given := document.(type) {
	case nil:
		return nil, nil
	case ast.Set:
		return given.Slice(), nil
	case *ast.Array:
		results := make([]*ast.Term, 0, given.Len())
		given.Foreach(func(term *ast.Term) { results = append(results, term) })
		return results, nil
	case ast.Object:
		if given.Len() == 0 {
			return nil, nil
		}
	case ast.Boolean:
		if !bool(given) {
			return nil, nil
		}
	}
	return nil, fmt.Errorf("gives %s where a set of messages is expected; write `contains msg if`", ast.ValueName(document))
}

func readResult(one rule, result *ast.Term) (answer, error) {
	given := answer{Rule: one.ID, Effect: effectOf(one), Path: []any{}}
	switch value := result.Value.(type) {
	case ast.String:
		given.Message = string(value)
	case ast.Object:
		message, isText := textOf(value.Get(ast.StringTerm("msg")))
		if !isText {
			return given, fmt.Errorf(`gives a result without "msg": a string that says what is wrong`)
		}
		given.Message = message
		given.Path = readPath(value)
	default:
		return given, fmt.Errorf("gives a result that is %s, where a message or an object with one is expected", ast.ValueName(value))
	}
	if strings.TrimSpace(given.Message) == "" {
		return given, fmt.Errorf("gives a result without a message")
	}
	given.Message = shorten(given.Message)
	return given, nil
}

// readPath takes what a policy says of the field; what is no path is left out.
func readPath(result ast.Object) []any {
	for _, key := range []string{"path", "field"} {
		switch said := valueOf(result.Get(ast.StringTerm(key))).(type) {
		case ast.String:
			if steps, isPointer := strings.CutPrefix(string(said), "/"); isPointer {
				return readPointer(steps)
			}
		case *ast.Array:
			if steps := readSteps(said); steps != nil {
				return steps
			}
		}
	}
	return []any{}
}

func readPointer(pointer string) []any {
	steps := []any{}
	for step := range strings.SplitSeq(pointer, "/") {
		if number := ast.InternedIntNumberTermFromString(step); number != nil {
			steps = append(steps, json.Number(step))
			continue
		}
		steps = append(steps, strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~"))
	}
	return steps
}

func readSteps(list *ast.Array) []any {
	steps := []any{}
	isPath := list.Len() <= mostNesting
	list.Foreach(func(term *ast.Term) {
		switch step := term.Value.(type) {
		case ast.String:
			steps = append(steps, string(step))
		case ast.Number:
			number, isWhole := step.Int()
			isPath = isPath && isWhole && number >= 0
			steps = append(steps, number)
		default:
			isPath = false
		}
	})
	if !isPath {
		return nil
	}
	return steps
}

// isExcepted says whether `exception[_][_]` is the name of a rule without its kind.
func isExcepted(exceptions ast.Value, suffix string) bool {
	return anyElement(exceptions, func(group *ast.Term) bool {
		return anyElement(group.Value, func(name *ast.Term) bool {
			text, isText := textOf(name)
			return isText && text == suffix
		})
	})
}

func anyElement(collection ast.Value, holds func(*ast.Term) bool) bool {
	switch collection := collection.(type) {
	case ast.Set:
		return collection.Until(holds)
	case *ast.Array:
		return collection.Until(holds)
	case ast.Object:
		return collection.Until(func(_, value *ast.Term) bool { return holds(value) })
	}
	return false
}

func textOf(term *ast.Term) (string, bool) {
	text, isText := valueOf(term).(ast.String)
	return string(text), isText
}

func valueOf(term *ast.Term) ast.Value {
	if term == nil {
		return nil
	}
	return term.Value
}
