package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxTold bounds the faults that a message tells.
const maxTold = 3

// notCompiling says why a document is no schema: by the places in it, where it is not what the metaschema wants.
func notCompiling(err error, document any) found {
	faults := findFaults(err, document)
	text := withoutAddresses(err.Error())
	if len(faults) > 0 {
		text = tellFaults(faults)
	}
	return found{reason: SchemaInvalid, message: "the schema does not compile: " + text, faults: faults}
}

func findFaults(err error, document any) []ValidationError {
	refused, isRefused := errors.AsType[*jsonschema.SchemaValidationError](err)
	if !isRefused {
		return nil
	}
	violation, isViolation := errors.AsType[*jsonschema.ValidationError](refused.Err)
	if !isViolation {
		return nil
	}
	faults := innermost(violation, document)
	for i, fault := range faults {
		pattern, isText := at(document, fault.Path).(string)
		if fault.Keyword != "format" || !isText {
			continue
		}
		if _, err := regexp.Compile(pattern); err != nil {
			faults[i].Message = "is not a regular expression: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		}
	}
	return faults
}

func tellFaults(faults []ValidationError) string {
	told := make([]string, 0, maxTold+1)
	for _, fault := range faults[:min(len(faults), maxTold)] {
		told = append(told, strings.TrimPrefix(dotted(fault.Path)+": "+fault.Message, ": "))
	}
	if more := len(faults) - maxTold; more > 0 {
		told = append(told, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(told, "; ")
}

func dotted(path []any) string {
	steps := make([]string, len(path))
	for i, step := range path {
		steps[i] = fmt.Sprint(step)
	}
	return strings.Join(steps, ".")
}

func at(document any, path []any) any {
	location := make([]string, len(path))
	for i, step := range path {
		location[i] = fmt.Sprint(step)
	}
	return valueAt(document, location)
}

// ownAddress is the address that search makes up for a schema which the host answers by kind.
var ownAddress = regexp.MustCompile(`provided:///[^\s"'#]*`)

// withoutAddresses takes out of a message the addresses that nobody but this program knows.
func withoutAddresses(text string) string {
	return ownAddress.ReplaceAllString(strings.ReplaceAll(text, relativeScheme, ""), "the schema")
}
