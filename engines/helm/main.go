// Command helm is the engine that renders Helm charts: op "template".
package main

import (
	"encoding/json"
	"io"
	"log"
	"log/slog"

	"drydock.dev/engines/abi"
	"drydock.dev/engines/secrets"
)

func main() {}

func init() {
	// Helm's libraries log warnings about charts; nobody reads them here.
	slog.SetDefault(slog.New(slog.DiscardHandler))
	log.SetOutput(io.Discard)
	abi.Handle("template", secrets.Guard(func(text []byte, tree *abi.Tree) (any, error) {
		var request Request
		if err := json.Unmarshal(text, &request); err != nil {
			return nil, err
		}
		return Template(request, tree)
	}))
}
