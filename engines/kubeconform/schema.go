package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"text/template"

	"drydock.dev/engines/abi"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// source is one place of schemas; template is nil where the host answers by kind.
type source struct {
	template *template.Template
}

func newSource(text string) (source, error) {
	if text == "" {
		return source{}, nil
	}
	if !strings.HasSuffix(text, "json") {
		text += "/{{ .NormalizedKubernetesVersion }}-standalone{{ .StrictSuffix }}/{{ .ResourceKind }}{{ .KindSuffix }}.json"
	}
	parsed, err := template.New("schema location").Parse(text)
	if err != nil {
		return source{}, err
	}
	made := source{template: parsed}
	_, err = made.path(groupVersionKind{Version: "v1", Kind: "Deployment"}, Options{KubernetesVersion: "master"})
	return made, err
}

// path fills in a template with the variables of kubeconform's registry.
func (s source) path(gvk groupVersionKind, options Options) (string, error) {
	version := options.KubernetesVersion
	if version != "master" {
		version = "v" + version
	}
	strictSuffix := ""
	if options.Strict {
		strictSuffix = "-strict"
	}
	apiVersion := strings.Split(gvk.apiVersion(), "/")
	kindSuffix := "-" + strings.ToLower(strings.Split(apiVersion[0], ".")[0])
	if len(apiVersion) > 1 {
		kindSuffix += "-" + strings.ToLower(apiVersion[1])
	}
	var path strings.Builder
	err := s.template.Execute(&path, map[string]string{
		"NormalizedKubernetesVersion": version,
		"StrictSuffix":                strictSuffix,
		"ResourceKind":                strings.ToLower(gvk.Kind),
		"ResourceAPIVersion":          apiVersion[len(apiVersion)-1],
		"Group":                       apiVersion[0],
		"KindSuffix":                  kindSuffix,
	})
	return path.String(), err
}

// maxKnownKinds bounds the kinds remembered, for documents can name any number of kinds that nobody knows.
const maxKnownKinds = 4096

// found is a compiled schema, or the reason why there is none.
type found struct {
	compiled *jsonschema.Schema
	reason   Reason
	message  string
	// faults are the places in a schema that make it none, where they are known.
	faults []ValidationError
}

// schemaOf asks the sources in order. The first one that has a schema decides, also when that does not compile.
func (c *configuration) schemaOf(gvk groupVersionKind, tree *abi.Tree) found {
	if known, isKnown := c.known[gvk]; isKnown {
		return known
	}
	result := c.search(gvk, tree)
	if len(c.known) >= maxKnownKinds {
		clear(c.known)
	}
	c.known[gvk] = result
	return result
}

func (c *configuration) search(gvk groupVersionKind, tree *abi.Tree) found {
	for i, source := range c.sources {
		place := place{Configuration: c.id, Source: i, groupVersionKind: &gvk}
		base := fmt.Sprintf("provided:///%d/%s/%s.json", i, url.PathEscape(gvk.apiVersion()), url.PathEscape(gvk.Kind))
		if source.template != nil {
			path, err := source.path(gvk, c.options)
			if err != nil {
				return found{reason: SchemaUnreadable, message: err.Error()}
			}
			place = placeOf(c.id, i, path)
			base = urlOf(path)
		}
		text, err := place.read(tree)
		if err != nil {
			return found{reason: SchemaUnreadable, message: withoutAddresses(err.Error())}
		}
		if text != nil {
			return compile(text, base, loader{c.id, i, tree})
		}
	}
	return found{reason: SchemaMissing, message: "could not find schema for " + gvk.Kind}
}

// place is what the host is asked for: a schema by kind, or one by path.
type place struct {
	Configuration     int `json:"id"`
	Source            int `json:"source"`
	*groupVersionKind `json:",omitempty"`
	Path              string `json:"path,omitempty"`
}

func placeOf(configuration, source int, path string) place {
	return place{Configuration: configuration, Source: source, Path: path}
}

// read gives the text of a schema, nil if there is none. The host's answer is "s" and the text, or "e" and a message.
func (p place) read(tree *abi.Tree) ([]byte, error) {
	asked, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	node, err := tree.Lookup("schema/" + base64.RawURLEncoding.EncodeToString(asked))
	switch {
	case err != nil:
		return nil, err
	case node.Kind != abi.File || len(node.Data) == 0:
		return nil, nil
	case node.Data[0] == 'e':
		return nil, errors.New(string(node.Data[1:]))
	}
	return node.Data[1:], nil
}

// loader answers references from one schema to another, by the source that the first one came from.
type loader struct {
	configuration int
	source        int
	tree          *abi.Tree
}

func (l loader) Load(address string) (any, error) {
	text, err := placeOf(l.configuration, l.source, pathOf(address)).read(l.tree)
	if err != nil {
		return nil, err
	}
	if text == nil {
		return nil, errors.New("there is no such schema")
	}
	return jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
}

// A relative path gets a scheme of its own, so that references resolve without a working directory.
const relativeScheme = "relative:///"

func urlOf(path string) string {
	if strings.HasPrefix(path, "http://") || strings.HasPrefix(path, "https://") {
		return path
	}
	escaped := (&url.URL{Path: path}).EscapedPath()
	if strings.HasPrefix(path, "/") {
		return "file://" + escaped
	}
	return relativeScheme + escaped
}

func pathOf(address string) string {
	for _, prefix := range []string{relativeScheme, "file://"} {
		if rest, isLocal := strings.CutPrefix(address, prefix); isLocal {
			if path, err := url.PathUnescape(rest); err == nil {
				return path
			}
		}
	}
	return address
}

// Compiled schemas are shared between configurations by their text. A schema that refers to others depends on more
// than its text, and stays with its configuration.
var (
	compiledByText = map[[sha256.Size]byte]found{}
	compiledBytes  int
)

// maxCompiledBytes bounds the texts of the schemas remembered; compiled they take about forty times that. All kinds of
// one Kubernetes version have 1.7 MB.
const maxCompiledBytes = 2 << 20

func compile(text []byte, base string, loader loader) found {
	digest := sha256.Sum256(text)
	if known, isKnown := compiledByText[digest]; isKnown {
		return known
	}
	counter := &countingLoader{loader: loader}
	result := compileWith(text, base, counter)
	if compiledBytes += len(text); compiledBytes > maxCompiledBytes {
		forgetCompiled()
		compiledBytes = len(text)
	}
	if counter.loads == 0 {
		compiledByText[digest] = result
	}
	return result
}

func forgetCompiled() {
	clear(compiledByText)
	for _, configured := range configurations {
		clear(configured.known)
	}
}

type countingLoader struct {
	loader loader
	loads  int
}

func (c *countingLoader) Load(address string) (any, error) {
	c.loads++
	return c.loader.Load(address)
}

// compileWith sets the options of kubeconform's compiler. The compiler panics on some documents that are no schemas.
func compileWith(text []byte, base string, urlLoader jsonschema.URLLoader) (result found) {
	defer func() {
		if cause := recover(); cause != nil {
			result = found{reason: SchemaInvalid, message: fmt.Sprintf("the schema does not compile: %v", cause)}
		}
	}()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		return found{reason: SchemaInvalid, message: "the schema is not JSON: " + err.Error()}
	}
	if document == nil {
		return found{reason: SchemaInvalid, message: "the schema is null"}
	}
	compiler := jsonschema.NewCompiler()
	compiler.RegisterFormat(&jsonschema.Format{Name: "duration", Validate: validateDuration})
	compiler.UseLoader(urlLoader)
	compiler.DefaultDraft(jsonschema.Draft4)
	if err := compiler.AddResource(base, document); err != nil {
		return notCompiling(err, document)
	}
	schema, err := compiler.Compile(base)
	if err != nil {
		return notCompiling(err, document)
	}
	return found{compiled: schema}
}
