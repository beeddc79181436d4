package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"drydock.dev/engines/abi"
)

func failf(file, format string, arguments ...any) *abi.Failure {
	return &abi.Failure{Kind: abi.Render, Message: fmt.Sprintf(format, arguments...), File: file}
}

// yamlLine is how both YAML libraries name a line.
var yamlLine = regexp.MustCompile(`\bline (\d+): ?`)

// yamlFailure says that a file is not the YAML it should be, with the line where the parser names one.
func yamlFailure(file string, err error) *abi.Failure {
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		return failf(file, "%s stands where %s should be.", article(mistyped.Value), describeField(mistyped.Field))
	}
	text, line := cutYAMLError(err)
	failure := failf(file, "This is not valid YAML: %s.", text)
	failure.Line = line
	return failure
}

// article makes "An array" of encoding/json's "array".
func article(kind string) string {
	if strings.ContainsAny(kind[:1], "aeiou") {
		return "An " + kind
	}
	return "A " + kind
}

func describeField(field string) string {
	if field == "" {
		return "a mapping"
	}
	return "something else (" + field + ")"
}

// cutYAMLError takes the prefixes of the layers above the YAML parser, and the line, off its message.
func cutYAMLError(err error) (text string, line int) {
	text = err.Error()
	if at := yamlLine.FindStringSubmatchIndex(text); at != nil {
		line, _ = strconv.Atoi(text[at[2]:at[3]])
		return strings.TrimSuffix(text[at[1]:], "."), line
	}
	for _, prefix := range []string{"cannot unmarshal yaml document: ", "error converting YAML to JSON: ", "error unmarshaling JSON: ", "yaml: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return strings.TrimSuffix(text, "."), 0
}

// place is where text/template names a template: "name:line" or "name:line:column".
var place = regexp.MustCompile(`([^\s():]+):(\d+)(?::\d+)?`)

// executing matches what Helm puts between a place and the cause it leads to.
var executing = regexp.MustCompile(`executing "[^"]*" at <.*?>:\s*`)

// templateFailure turns the engine's text, which names templates by their path in the chart, into the innermost place
// and cause. Helm joins the places of an error from the outermost to the innermost.
func (r *rendering) templateFailure(err error) *abi.Failure {
	text := err.Error()
	failure := failf(r.request.Chart, "%s", cutCause(text))
	outermost := ""
	for _, match := range place.FindAllStringSubmatch(text, -1) {
		origin, isTemplate := r.sources[match[1]]
		if !isTemplate {
			continue
		}
		failure.File = origin.file
		failure.Line = 0
		if !origin.isArchived {
			failure.Line, _ = strconv.Atoi(match[2])
		}
		if outermost == "" {
			outermost = match[1] + ":" + match[2]
		}
	}
	if inner := lastPlace(text, r.sources); outermost != "" && inner != outermost {
		failure.Message += fmt.Sprintf(" (in %s, reached from %s)", inner, outermost)
	}
	return failure
}

func lastPlace(text string, sources map[string]source) (last string) {
	for _, match := range place.FindAllStringSubmatch(text, -1) {
		if _, isTemplate := sources[match[1]]; isTemplate {
			last = match[1] + ":" + match[2]
		}
	}
	return last
}

// calling is how text/template says which function gave the error.
var calling = regexp.MustCompile(`^(?:error calling \w+: )+`)

// cutCause keeps what stands after the last place.
func cutCause(text string) string {
	return calling.ReplaceAllString(cutPlaces(text), "")
}

func cutPlaces(text string) string {
	for _, prefix := range []string{"parse error at (", "execution error at ("} {
		if rest, isPlain := strings.CutPrefix(text, prefix); isPlain {
			_, cause, _ := strings.Cut(rest, "): ")
			return strings.TrimSpace(cause)
		}
	}
	if all := executing.FindAllStringIndex(text, -1); all != nil {
		return strings.TrimSpace(text[all[len(all)-1][1]:])
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimPrefix(strings.TrimSpace(lines[len(lines)-1]), "template: ")
}
