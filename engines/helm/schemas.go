package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"drydock.dev/engines/abi"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	chart "helm.sh/helm/v4/pkg/chart/v2"
)

const schemaURL = "file:///values.schema.json"

// checkSchemas checks the values against values.schema.json of the chart and of its dependencies, as Helm does. Helm's
// own check fetches references over the network and flattens what it finds into text.
func (s *chartSet) checkSchemas(c *chart.Chart, values map[string]any) *abi.Failure {
	if len(c.Schema) > 0 {
		if failure := checkSchema(c, values, s.schemas[string(c.Schema)].file); failure != nil {
			return failure
		}
	}
	for _, child := range c.Dependencies() {
		given, isGiven := values[child.Name()]
		if !isGiven || given == nil {
			continue
		}
		below, isMap := given.(map[string]any)
		if !isMap {
			return failf("", "The value %s is for the subchart of that name and has to be a mapping.", child.Name())
		}
		if failure := s.checkSchemas(child, below); failure != nil {
			return failure
		}
	}
	return nil
}

func checkSchema(c *chart.Chart, values map[string]any, file string) *abi.Failure {
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(c.Schema))
	if err != nil {
		return failf(file, "The chart's values schema is not JSON: %s.", err)
	}
	references := &schemaReferences{file: file}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(references)
	if err := compiler.AddResource(schemaURL, schema); err != nil {
		return failf(file, "The chart's values schema cannot be used: %s.", err)
	}
	compiled, err := compiler.Compile(schemaURL)
	if references.failure != nil {
		return references.failure
	}
	if err != nil {
		return &abi.Failure{Kind: abi.SchemaCompile, File: file, Message: fmt.Sprintf("The chart's values schema does not compile: %s.", err)}
	}
	if err := compiled.Validate(values); err != nil {
		return failf(file, "The values of %s do not fit its schema: %s.", c.Name(), describeCauses(err))
	}
	return nil
}

// schemaReferences answers `$ref`s to other documents. None of them can be read here: http ones have to be fetched, and
// file ones are relative to the root of the machine Helm runs on. Helm takes every urn for "anything goes".
type schemaReferences struct {
	file    string
	failure *abi.Failure
}

func (r *schemaReferences) Load(url string) (any, error) {
	if strings.HasPrefix(url, "urn:") {
		return true, nil
	}
	kind := abi.RemoteInput
	message := fmt.Sprintf("The chart's values schema refers to %s, which has to be fetched.", url)
	if strings.HasPrefix(url, "file:") {
		kind, message = abi.Render, fmt.Sprintf("The chart's values schema refers to %s, a file that Helm does not find.", url)
	}
	r.failure = &abi.Failure{Kind: kind, File: r.file, Message: message}
	return nil, r.failure
}

// maxCauses bounds a message; one mistake in a deep schema can have hundreds of causes.
const maxCauses = 5

// describeCauses names the innermost causes by the path of the value, and never the value itself.
func describeCauses(err error) string {
	invalid, isInvalid := err.(*jsonschema.ValidationError)
	if !isInvalid {
		return err.Error()
	}
	causes := slices.Compact(slices.Sorted(slices.Values(listCauses(invalid, nil))))
	if len(causes) > maxCauses {
		rest := len(causes) - maxCauses
		causes = append(causes[:maxCauses], fmt.Sprintf("and %d more", rest))
	}
	return strings.Join(causes, "; ")
}

func listCauses(err *jsonschema.ValidationError, causes []string) []string {
	if len(err.Causes) == 0 {
		return append(causes, describeCause(err))
	}
	for _, cause := range err.Causes {
		causes = listCauses(cause, causes)
	}
	return causes
}

func describeCause(err *jsonschema.ValidationError) string {
	name := strings.Join(err.InstanceLocation, ".")
	if name == "" {
		name = "the values"
	}
	switch cause := err.ErrorKind.(type) {
	case *kind.Pattern:
		return fmt.Sprintf("%s does not match the pattern %s", name, cause.Want)
	case *kind.Format:
		return fmt.Sprintf("%s is not a valid %s", name, cause.Want)
	case *kind.Minimum, *kind.Maximum, *kind.ExclusiveMinimum, *kind.ExclusiveMaximum, *kind.MultipleOf:
		return fmt.Sprintf("%s is outside its %s", name, strings.Join(err.ErrorKind.KeywordPath(), " "))
	default:
		return fmt.Sprintf("%s: %s", name, err.ErrorKind.LocalizedString(message.NewPrinter(language.English)))
	}
}
