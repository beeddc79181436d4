package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	yaml2 "go.yaml.in/yaml/v2"
)

// What template engines and substitutions begin with.
var placeholders = []string{"{{", "${", "{%", "<%"}

func hasPlaceholder(text string) bool {
	return slices.ContainsFunc(placeholders, func(opening string) bool { return strings.Contains(text, opening) })
}

// findEmbeddedSyntax looks at the files that a ConfigMap carries. One that is filled in later by a template engine is
// left alone.
func findEmbeddedSyntax(fields map[string]any, id ResourceID) []Finding {
	if id.Kind != "ConfigMap" || id.Group != "" {
		return nil
	}
	files, _ := fields["data"].(map[string]any)
	var findings []Finding
	for _, name := range sortedKeys(files) {
		text, isText := files[name].(string)
		if !isText || strings.TrimSpace(text) == "" || hasPlaceholder(text) {
			continue
		}
		language, line, isBroken := checkEmbedded(name, text)
		if !isBroken {
			continue
		}
		message := fmt.Sprintf("The value of %q is not valid %s", name, language)
		if line > 0 {
			message += fmt.Sprintf(": see its line %d", line)
		}
		findings = append(findings, Finding{
			Rule: "embedded-syntax", Level: "warning", Message: message + ".", Resource: &id, Path: []any{"data", name},
		})
	}
	return findings
}

func checkEmbedded(name, text string) (language string, line int, isBroken bool) {
	switch {
	case strings.HasSuffix(name, ".json"):
		line, isBroken = checkJSON(text)
		return "JSON", line, isBroken
	case strings.HasSuffix(name, ".yaml"), strings.HasSuffix(name, ".yml"):
		line, isBroken = checkYAML(text)
		return "YAML", line, isBroken
	}
	return "", 0, false
}

func checkJSON(text string) (line int, isBroken bool) {
	if json.Valid([]byte(text)) {
		return 0, false
	}
	var ignored any
	if err, isSyntax := json.Unmarshal([]byte(text), &ignored).(*json.SyntaxError); isSyntax {
		return 1 + strings.Count(text[:min(int(err.Offset), len(text))], "\n"), true
	}
	return 0, true
}

func checkYAML(text string) (line int, isBroken bool) {
	if isTooDeep([]byte(text)) {
		return 0, false
	}
	for _, part := range splitDocuments([]byte(text)) {
		var ignored any
		if err := yaml2.Unmarshal(part.text, &ignored); err != nil {
			return syntaxFailure(part, err).Line, true
		}
	}
	return 0, false
}

var substitution = regexp.MustCompile(`\$\{[^}]*\}`)

// findSubstituted gives the pointers of the strings that Flux puts values into.
func findSubstituted(fields map[string]any) []string {
	found := []string{}
	var visit func(value any, pointer string)
	visit = func(value any, pointer string) {
		switch value := value.(type) {
		case string:
			if substitution.MatchString(value) {
				found = append(found, pointer)
			}
		case []any:
			for i, item := range value {
				visit(item, pointer+"/"+strconv.Itoa(i))
			}
		case map[string]any:
			for _, key := range sortedKeys(value) {
				visit(value[key], pointer+"/"+escapePointer(key))
			}
		}
	}
	visit(fields, "")
	return found
}
