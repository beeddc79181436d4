// Command rego is the engine that judges resources by Rego policies as conftest does: ops "load", "evaluate", "combine"
// and "test". Sets are named by the host and stay loaded. What is judged comes through lookups: the resource of the
// i-th input is the file "object/<i>", and what it was before is "before/<i>", both as JSON.
package main

import (
	"encoding/json"
	"fmt"

	"drydock.dev/engines/abi"
)

func main() {}

// sets are the loaded policies by the id that the host gave them.
var sets = map[string]*policySet{}

func init() {
	abi.Handle("load", handle(func(request loadRequest, _ *abi.Tree) (any, error) {
		set, answer := load(request.source)
		if set != nil {
			sets[request.ID] = set
		}
		return answer, nil
	}))
	abi.Handle("evaluate", handle(func(request evaluateRequest, tree *abi.Tree) (any, error) {
		set, isLoaded := sets[request.Set]
		if !isLoaded {
			return nil, fmt.Errorf("the set %q is not loaded", request.Set)
		}
		return evaluateAll(set, request, tree)
	}))
	abi.Handle("combine", handle(func(request evaluateRequest, tree *abi.Tree) (any, error) {
		set, isLoaded := sets[request.Set]
		if !isLoaded {
			return nil, fmt.Errorf("the set %q is not loaded", request.Set)
		}
		return evaluateCombined(set, request, tree)
	}))
	abi.Handle("unload", handle(func(request loadRequest, _ *abi.Tree) (any, error) {
		delete(sets, request.ID)
		return struct{}{}, nil
	}))
	abi.Handle("test", handle(func(request testRequest, _ *abi.Tree) (any, error) { return runTests(request) }))
}

func handle[Request any](carryOut func(Request, *abi.Tree) (any, error)) abi.Handler {
	return func(text []byte, tree *abi.Tree) (any, error) {
		var request Request
		if err := json.Unmarshal(text, &request); err != nil {
			return nil, err
		}
		return carryOut(request, tree)
	}
}
