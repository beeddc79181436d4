// Command manifest decodes YAML as the cluster reads it and seals the secret values in it.
package main

import (
	"encoding/json"

	"drydock.dev/engines/abi"
)

func init() {
	abi.Handle("decode", func(request []byte, _ *abi.Tree) (any, error) {
		var decoded Request
		if err := json.Unmarshal(request, &decoded); err != nil {
			return nil, err
		}
		return Decode(decoded)
	})
}

func main() {}
