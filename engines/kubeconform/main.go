// Command kubeconform validates Kubernetes objects against JSON schemas with the verdicts of kubeconform. Its pieces
// that read schemas by themselves, from disk or over HTTP, are replaced by the host's lookup.
package main

import (
	"encoding/json"
	"fmt"

	"drydock.dev/engines/abi"
)

// configurations are the validators that share this instance, by the id the host gave them.
var configurations = map[int]*configuration{}

type configureRequest struct {
	ID int `json:"id"`
	Options
}

type validateRequest struct {
	ID int `json:"id"`
	// IsStream says that the documents are YAML text; else they are JSON values, one after the other.
	IsStream bool `json:"isStream"`
}

func init() {
	abi.Handle("configure", func(request []byte, _ *abi.Tree) (any, error) {
		var decoded configureRequest
		if err := json.Unmarshal(request, &decoded); err != nil {
			return nil, err
		}
		configured, err := configure(decoded.ID, decoded.Options)
		if err != nil {
			return nil, &abi.Failure{Kind: abi.Render, Message: err.Error()}
		}
		configurations[decoded.ID] = configured
		return true, nil
	})
	abi.Handle("forget", func(request []byte, _ *abi.Tree) (any, error) {
		var decoded configureRequest
		err := json.Unmarshal(request, &decoded)
		delete(configurations, decoded.ID)
		return true, err
	})
	abi.Handle("validate", func(request []byte, tree *abi.Tree) (any, error) {
		var decoded validateRequest
		if err := json.Unmarshal(request, &decoded); err != nil {
			return nil, err
		}
		configured, isKnown := configurations[decoded.ID]
		if !isKnown {
			return nil, fmt.Errorf("there is no configuration %d", decoded.ID)
		}
		// The documents come by lookup, not in the request: a large JSON request would be read several times over.
		documents, err := tree.Lookup("documents")
		if err != nil {
			return nil, err
		}
		if decoded.IsStream {
			return configured.validateStream(documents.Data, tree)
		}
		return configured.validateDocuments(documents.Data, tree)
	})
}

func main() {}
