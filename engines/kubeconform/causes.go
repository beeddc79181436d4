package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// ValidationError is one innermost cause. Path leads from the document's root to the field, list indexes as numbers.
// Message names fields, types and what the schema expects, and no value of the document.
type ValidationError struct {
	Path    []any  `json:"path"`
	Message string `json:"message"`
	Keyword string `json:"keyword"`

	// wanted lists the types of an error of the keyword "type", or the fields of one of "required".
	wanted []string
}

// maxErrors bounds the errors of one document.
const maxErrors = 100

// innermost gives the causes at the leaves of an error, sorted by path, because the library walks maps in any order.
func innermost(root *jsonschema.ValidationError, document any) []ValidationError {
	leaves := collect(root, document)
	slices.SortStableFunc(leaves, func(a, b ValidationError) int {
		return cmp.Or(comparePaths(a.Path, b.Path), cmp.Compare(a.Keyword, b.Keyword), cmp.Compare(a.Message, b.Message))
	})
	leaves = slices.CompactFunc(leaves, func(a, b ValidationError) bool {
		return comparePaths(a.Path, b.Path) == 0 && a.Message == b.Message
	})
	return leaves[:min(len(leaves), maxErrors)]
}

func collect(node *jsonschema.ValidationError, document any) []ValidationError {
	switch reason := node.ErrorKind.(type) {
	case *kind.AnyOf:
		return closest(node, "anyOf", document)
	case *kind.OneOf:
		if len(reason.Subschemas) == 0 {
			return closest(node, "oneOf", document)
		}
	case *kind.Schema, *kind.Reference, *kind.AllOf, *kind.Group:
		var leaves []ValidationError
		for _, cause := range node.Causes {
			leaves = append(leaves, collect(cause, document)...)
		}
		return leaves
	}
	return describe(node, document)
}

// closest picks what to say when none of several forms fits: the types wanted, where the value is of none of them;
// the fields wanted, where each form wants one; else the causes of the form that comes nearest.
func closest(node *jsonschema.ValidationError, keyword string, document any) []ValidationError {
	path := instancePath(node.InstanceLocation, document)
	branches := make([][]ValidationError, 0, len(node.Causes))
	for _, cause := range node.Causes {
		if leaves := collect(cause, document); len(leaves) > 0 {
			branches = append(branches, leaves)
		}
	}
	fitting := slices.DeleteFunc(slices.Clone(branches), func(leaves []ValidationError) bool {
		return isOnly("type", leaves) && len(leaves[0].Path) == len(path)
	})
	switch {
	case len(branches) == 0:
		return []ValidationError{{Path: path, Message: "matches none of the allowed forms", Keyword: keyword}}
	case len(fitting) == 0:
		return []ValidationError{typeError(path, merge(branches), valueAt(document, node.InstanceLocation))}
	case len(fitting) > 1 && !slices.ContainsFunc(fitting, func(leaves []ValidationError) bool { return !isOnly("required", leaves) }):
		return []ValidationError{{Path: path, Message: "missing one of the required fields " + quoteAll(merge(fitting)), Keyword: keyword}}
	}
	return slices.MinFunc(fitting, compareBranches)
}

func isOnly(keyword string, leaves []ValidationError) bool {
	return len(leaves) == 1 && leaves[0].Keyword == keyword
}

func merge(branches [][]ValidationError) []string {
	var wanted []string
	for _, leaves := range branches {
		for _, want := range leaves[0].wanted {
			if !slices.Contains(wanted, want) {
				wanted = append(wanted, want)
			}
		}
	}
	return wanted
}

// compareBranches puts first the form whose errors are fewest, a wrong discriminator (enum, const) counting heavily,
// and then the one whose errors lie deepest.
func compareBranches(a, b []ValidationError) int {
	return cmp.Or(cmp.Compare(distance(a), distance(b)), cmp.Compare(depth(b), depth(a)))
}

func distance(leaves []ValidationError) int {
	total := 0
	for _, leaf := range leaves {
		total++
		if leaf.Keyword == "enum" || leaf.Keyword == "const" {
			total += 100
		}
	}
	return total
}

func depth(leaves []ValidationError) int {
	least := len(leaves[0].Path)
	for _, leaf := range leaves {
		least = min(least, len(leaf.Path))
	}
	return least
}

// describe turns one cause into plain words, several for a cause that names several fields.
func describe(node *jsonschema.ValidationError, document any) []ValidationError {
	path := instancePath(node.InstanceLocation, document)
	keyword := strings.Join(node.ErrorKind.KeywordPath()[:min(1, len(node.ErrorKind.KeywordPath()))], "")
	switch reason := node.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		return eachField(path, reason.Properties, "unknown field %q", keyword)
	case *kind.Required:
		return eachField(path, reason.Missing, "missing required field %q", keyword)
	case *kind.Dependency:
		return eachField(path, reason.Missing, "missing field %q, which is required with "+strconv.Quote(reason.Prop), keyword)
	case *kind.DependentRequired:
		return eachField(path, reason.Missing, "missing field %q, which is required with "+strconv.Quote(reason.Prop), keyword)
	case *kind.PropertyNames:
		return eachField(path, []string{reason.Property}, "the key %q is not allowed", keyword)
	case *kind.Type:
		return []ValidationError{typeError(path, reason.Want, valueAt(document, node.InstanceLocation))}
	}
	return []ValidationError{{Path: path, Message: plainMessage(node.ErrorKind), Keyword: keyword}}
}

func eachField(path []any, fields []string, format, keyword string) []ValidationError {
	described := make([]ValidationError, 0, len(fields))
	for _, field := range fields {
		described = append(described, ValidationError{
			Path: append(slices.Clone(path), field), Message: fmt.Sprintf(format, field), Keyword: keyword, wanted: []string{field},
		})
	}
	return described
}

func typeError(path []any, wanted []string, value any) ValidationError {
	named := slices.DeleteFunc(slices.Clone(wanted), func(name string) bool { return name == "null" })
	if len(named) == 0 {
		named = wanted
	}
	return ValidationError{
		Path: path, Message: fmt.Sprintf("expected %s, got %s", strings.Join(named, " or "), typeName(value)),
		Keyword: "type", wanted: named,
	}
}

func typeName(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case int64, uint64:
		return "integer"
	}
	return "number"
}

var printer = message.NewPrinter(language.English)

func plainMessage(errorKind jsonschema.ErrorKind) string {
	switch reason := errorKind.(type) {
	case *kind.Enum:
		return "must be one of " + listValues(reason.Want)
	case *kind.Const:
		return "must be " + listValues([]any{reason.Want})
	case *kind.Format:
		return "is not a valid " + reason.Want
	case *kind.Pattern:
		return "does not match the pattern " + shorten(reason.Want)
	case *kind.MinLength:
		return fmt.Sprintf("must be at least %d characters long", reason.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("must be at most %d characters long", reason.Want)
	case *kind.MinItems:
		return fmt.Sprintf("must have at least %d items, has %d", reason.Want, reason.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("must have at most %d items, has %d", reason.Want, reason.Got)
	case *kind.MinProperties:
		return fmt.Sprintf("must have at least %d fields, has %d", reason.Want, reason.Got)
	case *kind.MaxProperties:
		return fmt.Sprintf("must have at most %d fields, has %d", reason.Want, reason.Got)
	case *kind.Minimum:
		return "must be at least " + reason.Want.RatString()
	case *kind.Maximum:
		return "must be at most " + reason.Want.RatString()
	case *kind.ExclusiveMinimum:
		return "must be more than " + reason.Want.RatString()
	case *kind.ExclusiveMaximum:
		return "must be less than " + reason.Want.RatString()
	case *kind.MultipleOf:
		return "must be a multiple of " + reason.Want.RatString()
	case *kind.UniqueItems:
		return fmt.Sprintf("items %d and %d are equal", reason.Duplicates[0], reason.Duplicates[1])
	case *kind.AdditionalItems:
		return fmt.Sprintf("the last %d items are not allowed", reason.Count)
	case *kind.OneOf:
		return "matches more than one of the allowed forms"
	case *kind.Not:
		return "has a form that is not allowed"
	case *kind.FalseSchema:
		return "is not allowed"
	case *kind.ContentEncoding, *kind.ContentMediaType, *kind.ContentSchema:
		return "does not have the required content"
	}
	return errorKind.LocalizedString(printer)
}

// maxListed bounds the values that a message lists.
const maxListed = 12

func listValues(values []any) string {
	var texts []string
	for _, value := range values {
		if text, err := json.Marshal(value); err == nil && value != nil {
			texts = append(texts, shorten(string(text)))
		}
	}
	if more := len(texts) - maxListed; more > 0 {
		texts = append(texts[:maxListed], fmt.Sprintf("and %d more", more))
	}
	if len(texts) == 0 {
		return "null"
	}
	return strings.Join(texts, ", ")
}

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = strconv.Quote(name)
	}
	return strings.Join(quoted, ", ")
}

func shorten(text string) string {
	const limit = 120
	if characters := []rune(text); len(characters) > limit {
		return string(characters[:limit]) + "…"
	}
	return text
}

// instancePath tells list indexes from keys that look like numbers by walking the document.
func instancePath(location []string, document any) []any {
	path := make([]any, 0, len(location)+1)
	for _, step := range location {
		switch value := document.(type) {
		case []any:
			index, _ := strconv.Atoi(step)
			path = append(path, index)
			if index < len(value) {
				document = value[index]
			}
		case map[string]any:
			path = append(path, step)
			document = value[step]
		default:
			path = append(path, step)
		}
	}
	return path
}

func valueAt(document any, location []string) any {
	for _, step := range location {
		switch value := document.(type) {
		case []any:
			index, err := strconv.Atoi(step)
			if err != nil || index >= len(value) {
				return nil
			}
			document = value[index]
		case map[string]any:
			document = value[step]
		}
	}
	return document
}

func comparePaths(a, b []any) int {
	return slices.CompareFunc(a, b, func(x, y any) int {
		xIndex, xIsIndex := x.(int)
		yIndex, yIsIndex := y.(int)
		if xIsIndex && yIsIndex {
			return cmp.Compare(xIndex, yIndex)
		}
		return cmp.Compare(fmt.Sprint(x), fmt.Sprint(y))
	})
}
