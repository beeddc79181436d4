package abi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
)

// Handler carries out one operation. request is the whole JSON request. An error that is not a *Failure is reported as
// a fault of the engine.
type Handler func(request []byte, tree *Tree) (any, error)

var handlers = map[string]Handler{"settle": settle}

// settle leaves no garbage behind, so that a state that is kept is small. Every engine knows this operation.
func settle([]byte, *Tree) (any, error) {
	runtime.GC()
	return struct{}{}, nil
}

// Handle names the handler of an operation. Engines call it from init, before the host can call.
func Handle(op string, handler Handler) { handlers[op] = handler }

// Answer carries out one request and gives the JSON response. It never panics on account of a handler.
func Answer(request []byte, host Host) (response []byte) {
	defer func() {
		if cause := recover(); cause != nil {
			if isTooLarge(cause) {
				response = encodeFailure(&Failure{Kind: Limit, Message: tooLarge})
				return
			}
			response = encodeFailure(&Failure{Kind: Engine, Message: fmt.Sprintf("The engine broke: %v", cause)})
		}
	}()
	var head struct {
		Op string `json:"op"`
	}
	if err := json.Unmarshal(request, &head); err != nil {
		return encodeFailure(&Failure{Kind: Engine, Message: "The request is not JSON: " + err.Error()})
	}
	handler, isKnown := handlers[head.Op]
	if !isKnown {
		return encodeFailure(&Failure{Kind: Engine, Message: fmt.Sprintf("This engine has no operation %q.", head.Op)})
	}
	return respond(handler, request, NewTree(host))
}

// respond prefers the failure of a lookup to whatever the handler made of it: only the lookup knows its kind.
func respond(handler Handler, request []byte, tree *Tree) []byte {
	result, err := handler(request, tree)
	if failure := tree.Failure(); failure != nil {
		return encodeFailure(failure)
	}
	if err == nil {
		return encode(map[string]any{"ok": result})
	}
	if failure := AsFailure(err); failure != nil {
		return encodeFailure(failure)
	}
	return encodeFailure(&Failure{Kind: Engine, Message: err.Error()})
}

const tooLarge = "The engine needed more memory than an app is given. Split the app, or make its output smaller."

// isTooLarge knows what Go says of one value that does not fit into memory at all.
func isTooLarge(cause any) bool {
	text := fmt.Sprint(cause)
	return cause == bytes.ErrTooLarge || strings.HasSuffix(text, "len out of range") || strings.HasSuffix(text, "output length overflow")
}

func encodeFailure(failure *Failure) []byte {
	return encode(map[string]any{"error": failure})
}

func encode(value any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return []byte(`{"error":{"kind":"engine","message":"The response cannot be written as JSON."}}`)
	}
	return buffer.Bytes()
}
