package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
)

type testRequest struct {
	source
	// Names tests without running them.
	IsListing bool `json:"isListing"`
	// Full names (`data.main.test_deny`) of the tests to run; nil for all.
	Only []string `json:"only"`
	// Says where tests failed, which takes memory for every step.
	IsTracing bool `json:"isTracing"`
}

type testResult struct {
	Name    string `json:"name"`
	Package string `json:"package"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Result  string `json:"result"`
	Message string `json:"message,omitempty"`
}

type testAnswer struct {
	Tests    []testResult `json:"tests"`
	Problems []problem    `json:"problems"`
}

// OPA counts by its own clock, which moves by a constant here; what does not end is ended by the host.
const testTimeout = 24 * time.Hour

// runTests runs unit tests with OPA's own runner.
func runTests(request testRequest) (testAnswer, error) {
	data, problems := readData(request.Data)
	modules, parseProblems := parseModules(request.Modules)
	if problems = append(problems, parseProblems...); len(problems) > 0 {
		return testAnswer{Tests: []testResult{}, Problems: sortProblems(problems)}, nil
	}
	if request.IsListing {
		return testAnswer{Tests: listTests(modules), Problems: []problem{}}, nil
	}
	runner := tester.NewRunner().
		SetCompiler(newCompiler(true)).
		SetStore(&dataStore{files: data}).
		SetModules(modules).
		SetTimeout(testTimeout).
		SetParallel(1).
		EnableTracing(request.IsTracing).
		Filter(filterOf(request.Only))
	results, err := runner.RunTests(context.Background(), transaction{})
	if err != nil {
		return testAnswer{Tests: []testResult{}, Problems: sortProblems(problemsOf(err, ""))}, nil
	}
	answer := testAnswer{Tests: []testResult{}, Problems: []problem{}}
	for result := range results {
		answer.Tests = append(answer.Tests, describeTest(result))
	}
	sortTests(answer.Tests)
	return answer, nil
}

// listTests names the tests of a set in the order of their places.
func listTests(modules map[string]*ast.Module) []testResult {
	found := map[string]testResult{}
	for _, file := range sortedFiles(modules) {
		module := modules[file]
		for _, defined := range module.Rules {
			ref := testRef(defined)
			if ref == nil {
				continue
			}
			name := module.Package.Path.String() + "." + ref.String()
			if _, isKnown := found[name]; !isKnown {
				found[name] = testResult{Name: ref.String(), Package: packageName(module), File: file, Line: defined.Location.Row, Result: "skipped"}
			}
		}
	}
	tests := slices.Collect(maps.Values(found))
	sortTests(tests)
	return tests
}

// testRef is the part of a rule's name that ends with the first step that says it is a test; nil for other rules.
func testRef(defined *ast.Rule) ast.Ref {
	ref := defined.Head.Ref().GroundPrefix()
	for index, step := range ref {
		name := strings.Trim(step.Value.String(), `"`)
		if strings.HasPrefix(name, tester.TestPrefix) || strings.HasPrefix(name, tester.SkipTestPrefix) {
			return ref[:index+1]
		}
	}
	return nil
}

// filterOf is a pattern of exactly these tests. OPA numbers tests of one name: `test_deny#01`.
func filterOf(only []string) string {
	if only == nil {
		return ""
	}
	quoted := make([]string, 0, len(only))
	for _, name := range only {
		quoted = append(quoted, regexp.QuoteMeta(name))
	}
	return `^(?:` + strings.Join(quoted, "|") + `)(?:#\d+)?$`
}

func sortTests(tests []testResult) {
	slices.SortFunc(tests, func(a, b testResult) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Package, b.Package), cmp.Compare(a.Name, b.Name))
	})
}

func describeTest(result *tester.Result) testResult {
	described := testResult{Name: result.Name, Package: strings.TrimPrefix(result.Package, "data."), Result: "passed"}
	if result.Location != nil {
		described.File, described.Line = result.Location.File, result.Location.Row
	}
	var said []string
	switch {
	case result.Skip:
		described.Result = "skipped"
	case result.Error != nil:
		described.Result = "errored"
		said = append(said, describeTestError(result.Error))
	case result.Fail:
		described.Result = "failed"
		said = append(said, describeFailure(result)...)
	}
	if described.Result != "passed" && len(result.Output) > 0 {
		said = append(said, "printed: "+string(bytes.TrimSpace(result.Output)))
	}
	described.Message = shorten(strings.Join(said, "\n"))
	return described
}

func describeTestError(err error) string {
	found := explainEvaluation(err)
	if found.File == "" {
		return found.Message
	}
	return fmt.Sprintf("%s:%d: %s", found.File, found.Line, found.Message)
}

// describeFailure names the failed cases of a test that has some, and the expression that did not hold.
func describeFailure(result *tester.Result) []string {
	var said []string
	for name, sub := range result.SubResults.Iter {
		if sub.Fail && len(sub.SubResults) == 0 {
			said = append(said, "case "+strings.Join(name, " / ")+" failed")
		}
	}
	failed := findFailed(result)
	if failed == nil && len(said) == 0 && result.Location != nil {
		said = append(said, fmt.Sprintf("%s:%d: the test is undefined or false", result.Location.File, result.Location.Row))
	}
	if failed != nil {
		said = append(said, fmt.Sprintf("%s:%d: %s did not hold", failed.Location.File, failed.Location.Row, firstLine(string(failed.Location.Text))))
	}
	return said
}

// findFailed is the last expression of the test itself that failed; other expressions fail on the way to an answer.
func findFailed(result *tester.Result) *ast.Expr {
	var failed *ast.Expr
	for _, event := range result.Trace {
		expression, isExpression := event.Node.(*ast.Expr)
		if event.Op != topdown.FailOp || !isExpression || expression.Location == nil || len(expression.Location.Text) == 0 {
			continue
		}
		if isInside(expression, result) {
			failed = expression
		}
	}
	return failed
}

func isInside(expression *ast.Expr, result *tester.Result) bool {
	at, of := expression.Location, result.Location
	return of != nil && at.File == of.File && at.Row >= of.Row && at.Row <= of.Row+strings.Count(string(of.Text), "\n")
}
