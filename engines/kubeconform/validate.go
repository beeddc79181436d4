package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"drydock.dev/engines/abi"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/yannh/kubeconform/pkg/resource"
	"sigs.k8s.io/yaml"
)

// Options are those of kubeconform's validator, and the places of schemas in the order in which they are asked.
type Options struct {
	KubernetesVersion    string   `json:"kubernetesVersion"`
	Strict               bool     `json:"strict"`
	IgnoreMissingSchemas bool     `json:"ignoreMissingSchemas"`
	Skip                 []string `json:"skip"`
	Reject               []string `json:"reject"`
	// Sources holds a path template of kubeconform for each place, "" for one that the host answers by kind.
	Sources []string `json:"sources"`
}

// configuration is one validator.
type configuration struct {
	id      int
	options Options
	sources []source
	known   map[groupVersionKind]found
}

// Status is kubeconform's verdict on one document.
type Status string

// The verdicts.
const (
	Valid   Status = "valid"
	Invalid Status = "invalid"
	Skipped Status = "skipped"
	Error   Status = "error"
	Empty   Status = "empty"
)

// Reason tells apart why a document was skipped or could not be judged.
type Reason string

// The reasons. SchemaInvalid is a schema that exists and does not compile, which kubeconform treats as missing.
const (
	KindSkipped      Reason = "kind-skipped"
	KindRejected     Reason = "kind-rejected"
	SchemaMissing    Reason = "schema-missing"
	SchemaInvalid    Reason = "schema-invalid"
	SchemaUnreadable Reason = "schema-unreadable"
	Unreadable       Reason = "unreadable"
	NoIdentity       Reason = "no-identity"
)

// Result is the verdict on one document. Where a schema does not compile, Errors are the places in the schema that are
// at fault.
type Result struct {
	Resource Resource          `json:"resource"`
	Status   Status            `json:"status"`
	Reason   Reason            `json:"reason,omitempty"`
	Message  string            `json:"message,omitempty"`
	Errors   []ValidationError `json:"errors,omitempty"`
}

// Resource says which object a result is about.
type Resource struct {
	groupVersionKind
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

type groupVersionKind struct {
	Group   string `json:"group"`
	Version string `json:"version"`
	Kind    string `json:"kind"`
}

func (g groupVersionKind) apiVersion() string {
	if g.Group == "" {
		return g.Version
	}
	return g.Group + "/" + g.Version
}

func configure(id int, options Options) (*configuration, error) {
	if options.KubernetesVersion == "" {
		options.KubernetesVersion = "master"
	}
	configured := &configuration{id: id, options: options, known: map[groupVersionKind]found{}}
	for _, text := range options.Sources {
		source, err := newSource(text)
		if err != nil {
			return nil, err
		}
		configured.sources = append(configured.sources, source)
	}
	return configured, nil
}

// validateDocuments judges JSON values that stand one after the other.
func (c *configuration) validateDocuments(text []byte, tree *abi.Tree) ([]Result, error) {
	results := []Result{}
	reader := jsonReader{text: string(text)}
	for reader.hasMore() {
		value, err := reader.read()
		if err != nil {
			return nil, err
		}
		results = append(results, c.judge(value, tree))
	}
	return results, nil
}

// maxDocumentBytes is kubeconform's bound on one document of a stream.
const maxDocumentBytes = 256 << 20

// validateStream reads a YAML stream as kubeconform does, lists unrolled.
func (c *configuration) validateStream(stream []byte, tree *abi.Tree) ([]Result, error) {
	results := []Result{}
	scanner := bufio.NewScanner(bytes.NewReader(stream))
	scanner.Buffer(make([]byte, 0, min(len(stream)+1, 4<<20)), maxDocumentBytes)
	scanner.Split(resource.SplitYAMLDocument)
	for scanner.Scan() {
		document := resource.Resource{Bytes: scanner.Bytes()}
		for _, item := range document.Resources() {
			results = append(results, c.judgeYAML(item.Bytes, tree))
		}
	}
	return results, scanner.Err()
}

func (c *configuration) judgeYAML(text []byte, tree *abi.Tree) Result {
	toJSON := yaml.YAMLToJSON
	if c.options.Strict {
		toJSON = yaml.YAMLToJSONStrict
	}
	converted, err := toJSON(text)
	if err != nil {
		return Result{Status: Error, Reason: Unreadable, Message: "error unmarshalling resource: " + err.Error()}
	}
	reader := jsonReader{text: string(converted)}
	value, err := reader.read()
	if err != nil {
		return Result{Status: Error, Reason: Unreadable, Message: "error unmarshalling resource: " + err.Error()}
	}
	return c.judge(value, tree)
}

// judge follows validator.ValidateResource of kubeconform step by step.
func (c *configuration) judge(value any, tree *abi.Tree) Result {
	if value == nil {
		return Result{Status: Empty}
	}
	fields, isObject := value.(map[string]any)
	if !isObject {
		return Result{Status: Error, Reason: Unreadable, Message: "the document is not an object"}
	}
	id, missing := identify(fields)
	if missing != "" {
		return Result{Resource: id, Status: Error, Reason: NoIdentity, Message: fmt.Sprintf("missing '%s' key", missing)}
	}
	if names(c.options.Skip, id.groupVersionKind) {
		return Result{Resource: id, Status: Skipped, Reason: KindSkipped}
	}
	if names(c.options.Reject, id.groupVersionKind) {
		return Result{Resource: id, Status: Error, Reason: KindRejected, Message: "prohibited resource kind " + id.Kind}
	}
	schema := c.schemaOf(id.groupVersionKind, tree)
	switch {
	case schema.reason == SchemaMissing && c.options.IgnoreMissingSchemas:
		return Result{Resource: id, Status: Skipped, Reason: SchemaMissing}
	case schema.reason != "":
		return Result{Resource: id, Status: Error, Reason: schema.reason, Message: schema.message, Errors: schema.faults}
	}
	err := schema.compiled.Validate(value)
	if err == nil {
		return Result{Resource: id, Status: Valid}
	}
	violation, isViolation := errors.AsType[*jsonschema.ValidationError](err)
	if !isViolation {
		return Result{Resource: id, Status: Error, Reason: SchemaInvalid, Message: withoutAddresses(err.Error())}
	}
	return Result{Resource: id, Status: Invalid, Errors: innermost(violation, value)}
}

// identify gives also the first key that is missing, "" if none.
func identify(fields map[string]any) (id Resource, missing string) {
	metadata, _ := fields["metadata"].(map[string]any)
	id.Namespace, _ = metadata["namespace"].(string)
	id.Name, _ = metadata["name"].(string)
	apiVersion, hasVersion := fields["apiVersion"].(string)
	id.Version = apiVersion
	if group, version, hasGroup := strings.Cut(apiVersion, "/"); hasGroup {
		id.Group, id.Version = group, version
	}
	kind, hasKind := fields["kind"].(string)
	id.Kind = kind
	switch {
	case !hasKind:
		return id, "kind"
	case !hasVersion:
		return id, "apiVersion"
	}
	return id, ""
}

// names tells whether a list holds the kind, alone ("Deployment") or with its version ("apps/v1/Deployment").
func names(list []string, gvk groupVersionKind) bool {
	return slices.Contains(list, gvk.Kind) || slices.Contains(list, gvk.apiVersion()+"/"+gvk.Kind)
}
