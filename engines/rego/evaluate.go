package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"drydock.dev/engines/abi"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

type subject struct {
	// JSON pointers of sealed values, which are null in the JSON.
	Sealed []string `json:"sealed"`
}

type input struct {
	subject
	// What it was before: "" for nothing, "same" for the same, "own" for a file of its own.
	Before       string  `json:"before"`
	BeforeSealed subject `json:"beforeSealed"`
}

type evaluateRequest struct {
	Set    string  `json:"set"`
	Inputs []input `json:"inputs"`
	// What policies are told beside the resource: `app`, `environment`, `pullRequest`.
	Context map[string]any `json:"context"`
	// Nanoseconds since 1970 that `time.now_ns` gives.
	Now int64 `json:"now"`
	// Steps that evaluating one input may take.
	Steps int64 `json:"steps"`
	// Answers of one rule for one input.
	Answers int `json:"answers"`
}

// outcome is what judging one input came to: answers, or the problem that kept it from being judged.
type outcome struct {
	Answers  []answer `json:"answers"`
	Excepted []string `json:"excepted,omitempty"`
	Problem  *problem `json:"problem,omitempty"`
}

type evaluateAnswer struct {
	Outcomes []outcome `json:"outcomes"`
}

func evaluateAll(set *policySet, request evaluateRequest, tree *abi.Tree) (any, error) {
	told, err := ast.InterfaceToValue(request.Context)
	if err != nil {
		return nil, err
	}
	outcomes := make([]outcome, 0, len(request.Inputs))
	for index, one := range request.Inputs {
		object, before, err := readInput(tree, index, one)
		if err != nil {
			outcomes = append(outcomes, broken(problem{Message: err.Error()}))
			continue
		}
		outcomes = append(outcomes, set.judge(object, tell(told.(ast.Object), before), request))
	}
	return evaluateAnswer{outcomes}, nil
}

func readInput(tree *abi.Tree, index int, one input) (object, before *ast.Term, err error) {
	object, err = readSubject(tree, fmt.Sprintf("object/%d", index), one.subject)
	if err != nil || one.Before == "" {
		return object, nil, err
	}
	if one.Before == "same" {
		return object, object, nil
	}
	before, err = readSubject(tree, fmt.Sprintf("before/%d", index), one.BeforeSealed)
	return object, before, err
}

func readSubject(tree *abi.Tree, path string, one subject) (*ast.Term, error) {
	node, err := tree.Lookup(path)
	if err != nil {
		return nil, err
	}
	if node.Kind != abi.File {
		return nil, fmt.Errorf("the host did not give %s", path)
	}
	return readValue(node.Data, readSeals(one.Sealed))
}

// tell adds what the resource was before to what all resources of an app are told.
func tell(told ast.Object, before *ast.Term) *ast.Term {
	if before == nil {
		return ast.NewTerm(told)
	}
	whole := told.Copy()
	whole.Insert(ast.StringTerm("before"), before)
	return ast.NewTerm(whole)
}

// judge evaluates all rules on one input. What keeps any of them from being evaluated is the outcome: a policy is never
// judged by in part.
func (s *policySet) judge(object, told *ast.Term, request evaluateRequest) outcome {
	documents := map[string]ast.Value{}
	steps := &meter{left: request.Steps}
	store := &dataStore{files: s.data, context: told}
	for _, one := range s.queries {
		err := s.ask(one, object, store, steps, request.Now, documents)
		if err != nil {
			return broken(explainEvaluation(err))
		}
	}
	return collect(s.rules, documents, request.Answers)
}

func (s *policySet) ask(one query, object *ast.Term, store *dataStore, steps *meter, now int64, into map[string]ast.Value) error {
	return topdown.NewQuery(one.body).
		WithCompiler(s.compiler).
		WithStore(store).
		WithTransaction(transaction{}).
		WithInput(object).
		WithCancel(steps).
		WithTime(time.Unix(0, now).UTC()).
		WithSeed(newSeed()).
		WithInterQueryBuiltinValueCache(s.patterns).
		Iter(context.Background(), func(result topdown.QueryResult) error {
			for _, bound := range one.bound {
				if term := result[bound.variable]; term != nil {
					into[bound.document] = term.Value
				}
			}
			return nil
		})
}

func broken(by problem) outcome { return outcome{Answers: []answer{}, Problem: &by} }

// meter ends an evaluation after a number of steps, which is the same wherever it runs. OPA asks it at every
// expression, and for every number of a range.
type meter struct{ left int64 }

// Cancelled counts a step.
func (m *meter) Cancelled() bool {
	m.left--
	return m.left < 0
}

// Cancel ends the evaluation at its next step.
func (m *meter) Cancel() { m.left = 0 }

// newSeed gives every evaluation the same random numbers.
func newSeed() *rand.ChaCha8 { return rand.NewChaCha8([32]byte{}) }
