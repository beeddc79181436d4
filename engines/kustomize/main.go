// Command kustomize is the engine that builds kustomizations: op "build".
package main

import (
	"encoding/json"

	"drydock.dev/engines/abi"
	"drydock.dev/engines/secrets"
)

func main() {}

func init() {
	abi.Handle("build", secrets.Guard(func(text []byte, tree *abi.Tree) (any, error) {
		var request Request
		if err := json.Unmarshal(text, &request); err != nil {
			return nil, err
		}
		return Build(request, tree)
	}))
}
