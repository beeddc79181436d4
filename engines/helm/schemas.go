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
// own check fetches references over the network and flattens what it finds into text. layers are the files that give
// the chart values from above.
func (s *chartSet) checkSchemas(c *chart.Chart, values map[string]any, layers valuesLayers) *abi.Failure {
	layers = append(slices.Clip(layers), s.ownLayer(c)...)
	if len(c.Schema) > 0 {
		if failure := checkSchema(c, values, s.schemas[string(c.Schema)].file, layers); failure != nil {
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
			place := layers.find([]string{child.Name()})
			failure := failf(place.file, "The value %s is for the subchart of that name and has to be a mapping.", child.Name())
			failure.Line = place.line
			return failure
		}
		if failure := s.checkSchemas(child, below, layers.below(child.Name())); failure != nil {
			return failure
		}
	}
	return nil
}

// ownLayer is the chart's values.yaml, none for one without or one in an archive.
func (s *chartSet) ownLayer(c *chart.Chart) valuesLayers {
	for _, file := range c.Raw {
		if origin, isKnown := s.sources[file]; isKnown && file.Name == "values.yaml" && !origin.isArchived {
			return valuesLayers{{file: origin.file, text: file.Data}}
		}
	}
	return nil
}

func checkSchema(c *chart.Chart, values map[string]any, file string, layers valuesLayers) *abi.Failure {
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
		return refuseValues(c, err, file, layers)
	}
	return nil
}

// refuseValues names the place of the first cause; the schema's file where that cannot be told.
func refuseValues(c *chart.Chart, err error, file string, layers valuesLayers) *abi.Failure {
	causes := findCauses(err)
	failure := failf(file, "The values of %s do not fit its schema: %s.", c.Name(), tellCauses(causes))
	if place := layers.find(causes[0].path); place.file != "" {
		failure.File, failure.Line = place.file, place.line
	}
	return failure
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

// cause is a reason why values are refused. path leads to the value.
type cause struct {
	text string
	path []string
}

// findCauses gives the innermost causes, sorted, at least one. They name the path of the value and never the value.
func findCauses(err error) []cause {
	invalid, isInvalid := err.(*jsonschema.ValidationError)
	if !isInvalid {
		return []cause{{text: err.Error()}}
	}
	causes := listCauses(invalid, nil)
	slices.SortStableFunc(causes, func(a, b cause) int { return strings.Compare(a.text, b.text) })
	return slices.CompactFunc(causes, func(a, b cause) bool { return a.text == b.text })
}

func tellCauses(causes []cause) string {
	texts := []string{}
	for _, cause := range causes[:min(len(causes), maxCauses)] {
		texts = append(texts, cause.text)
	}
	if rest := len(causes) - maxCauses; rest > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", rest))
	}
	return strings.Join(texts, "; ")
}

func listCauses(err *jsonschema.ValidationError, causes []cause) []cause {
	if len(err.Causes) == 0 {
		return append(causes, cause{text: describeCause(err), path: causePath(err)})
	}
	for _, cause := range err.Causes {
		causes = listCauses(cause, causes)
	}
	return causes
}

// causePath leads to the field that is too much, where there is one.
func causePath(err *jsonschema.ValidationError) []string {
	if unknown, isUnknown := err.ErrorKind.(*kind.AdditionalProperties); isUnknown && len(unknown.Properties) == 1 {
		return append(slices.Clone(err.InstanceLocation), unknown.Properties[0])
	}
	return err.InstanceLocation
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
