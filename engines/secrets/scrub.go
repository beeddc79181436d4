// Package secrets keeps secret values out of error texts.
package secrets

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Hidden stands in a scrubbed text where a secret value was.
const Hidden = "[hidden]"

const (
	// minLength keeps short values, which stand in any text by chance, from making it unreadable.
	minLength = 4
	// maxMessage bounds a scrubbed text, in bytes.
	maxMessage = 2000
)

// Scrub removes from an error text every secret value that the files of a render hold, and whatever quotes a document
// as a whole. files are the contents of all files that the render has read. Secret are the values of objects of kind
// Secret, of generators' literals and env files, and of keys whose name says so (password, token, …). A value counts
// as it stands, in base64, and decoded from base64. It cannot know values that a template computes.
func Scrub(message string, files [][]byte) string {
	message = cutDocument(message)
	values := map[string]bool{}
	for _, file := range files {
		collectFile(file, values)
	}
	for _, value := range forms(values) {
		message = strings.ReplaceAll(message, value, Hidden)
	}
	return shorten(message)
}

// forms gives the texts to look for, longest first, so that none hides part of another.
func forms(values map[string]bool) []string {
	all := map[string]bool{}
	add := func(text string) {
		if len(strings.TrimSpace(text)) >= minLength {
			all[text] = true
		}
	}
	for value := range values {
		add(value)
		add(strings.TrimSpace(value))
		add(withoutMarks(value))
		if len(value) >= minLength {
			add(base64.StdEncoding.EncodeToString([]byte(value)))
		}
		if decoded, err := base64.StdEncoding.DecodeString(value); err == nil && utf8.Valid(decoded) {
			add(string(decoded))
			add(strings.TrimSpace(string(decoded)))
		}
		if strings.Contains(value, "\n") {
			for line := range strings.Lines(value) {
				add(strings.TrimSpace(line))
			}
		}
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
}

// marks are what YAML puts before a value: an anchor with the value itself after it, an alias, tags.
var marks = regexp.MustCompile(`^(?:(?:[&!][^\s]*|[*])\s*)+`)

// withoutMarks gives what an error text names when the reader of YAML refuses an alias or a tag.
func withoutMarks(value string) string {
	return marks.ReplaceAllString(strings.TrimSpace(value), "")
}

// documentStart is where a message begins to quote an object: in JSON, in YAML, or as Go prints a map.
var documentStart = regexp.MustCompile(`(?m)\{\s*\\?"apiVersion\\?"|^\s*apiVersion:|\\napiVersion:|map\[(string\]interface ?\{\}\{)?"?apiVersion`)

func cutDocument(message string) string {
	start := documentStart.FindStringIndex(message)
	if start == nil {
		return message
	}
	return strings.TrimRight(message[:start[0]], " \t\r\n'\"`:") + ": [document not shown]"
}

func shorten(message string) string {
	if len(message) <= maxMessage {
		return message
	}
	return strings.ToValidUTF8(message[:maxMessage], "") + "…"
}

// collectFile adds the secret values of one file. What is no YAML, such as a template, is read line by line.
func collectFile(file []byte, values map[string]bool) {
	isYAML := collectYAML(file, values)
	if !isYAML {
		collectLines(file, values)
	}
	collectAssignments(file, values)
}

func collectYAML(file []byte, values map[string]bool) bool {
	decoder := yaml.NewDecoder(bytes.NewReader(file))
	for {
		var document yaml.Node
		if err := decoder.Decode(&document); err != nil {
			return err.Error() == "EOF"
		}
		for _, root := range document.Content {
			collectNode(root, values, 0)
		}
	}
}

const maxDepth = 200

// collectNode goes through everything, for Secrets stand in lists and inside values too. Aliases are not followed: what
// they stand for is met at its anchor.
func collectNode(node *yaml.Node, values map[string]bool, depth int) {
	if depth > maxDepth {
		return
	}
	if node.Kind != yaml.MappingNode {
		for _, child := range node.Content {
			collectNode(child, values, depth+1)
		}
		return
	}
	isSecret := strings.EqualFold(scalarOf(node, "kind"), "Secret")
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i].Value, node.Content[i+1]
		switch {
		case isSecret && !identityFields[key], isSecretName(key), key == "stringData":
			collectScalars(value, values, depth+1)
		case key == "literals":
			collectLiterals(value, values)
		default:
			collectNode(value, values, depth+1)
		}
	}
}

// identityFields of a Secret are in every message about it.
var identityFields = map[string]bool{"apiVersion": true, "kind": true, "metadata": true, "type": true, "immutable": true}

func scalarOf(mapping *yaml.Node, key string) string {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1].Value
		}
	}
	return ""
}

func collectScalars(node *yaml.Node, values map[string]bool, depth int) {
	if depth > maxDepth {
		return
	}
	if node.Kind == yaml.ScalarNode && !isPlainWord(node.Value) {
		values[node.Value] = true
	}
	for i, child := range node.Content {
		if node.Kind != yaml.MappingNode || i%2 == 1 {
			collectScalars(child, values, depth+1)
		}
	}
}

// isPlainWord is true for values that hide nothing and stand in most messages.
func isPlainWord(value string) bool {
	return value == "true" || value == "false" || value == "null"
}

// collectLiterals reads the literals of a generator: KEY=value.
func collectLiterals(list *yaml.Node, values map[string]bool) {
	for _, item := range list.Content {
		if _, value, hasValue := strings.Cut(item.Value, "="); hasValue {
			values[strings.Trim(value, `'"`)] = true
		}
	}
}

var (
	secretName = regexp.MustCompile(`(?i)(passw(or)?d|passphrase|secret|token|credential|private.?key|api.?key|access.?key|encryption.?key|signing.?key|connection.?string|htpasswd)`)
	// Names of objects and places, which hold no secret value themselves.
	secretReference = regexp.MustCompile(`(?i)(name|names|ref|refs|path|file|mount|enabled|generator|provider|store|type|namespace|kind)$`)
)

// isSecretName tells by a key of a values file whether its value is secret.
func isSecretName(key string) bool {
	return secretName.MatchString(key) && !secretReference.MatchString(key)
}

var (
	assignment = regexp.MustCompile(`(?m)^[ \t]*(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_.-]*=([^\r\n]+)\r?$`)
	entry      = regexp.MustCompile(`^([ \t]*)(?:- )?["']?([A-Za-z0-9_.-]+)["']?:[ \t]*([^\r\n]*)`)
)

// collectAssignments reads env files. A file of another kind that holds such lines loses no more than some words of its
// error texts.
func collectAssignments(file []byte, values map[string]bool) {
	for _, match := range assignment.FindAllSubmatch(file, -1) {
		values[strings.Trim(strings.TrimSpace(string(match[1])), `'"`)] = true
	}
}

// collectLines reads what YAML cannot: templates, and broken files. In a document of kind Secret every value counts.
func collectLines(file []byte, values map[string]bool) {
	for _, document := range regexp.MustCompile(`(?m)^---`).Split(string(file), -1) {
		isSecret := regexp.MustCompile(`(?mi)^\s*(- )?kind:\s*["']?Secret(List)?["']?\s*$`).MatchString(document)
		for line := range strings.Lines(document) {
			match := entry.FindStringSubmatch(line)
			switch {
			case match == nil:
				if text := strings.TrimSpace(line); isSecret && text != "" && !strings.Contains(text, "{{") {
					values[strings.TrimPrefix(text, "- ")] = true
				}
			case isSecretName(match[2]), isSecret && !identityFields[match[2]] && match[2] != "name" && match[2] != "namespace":
				addLineValue(match[3], values)
			}
		}
	}
}

func addLineValue(text string, values map[string]bool) {
	text = strings.Trim(strings.TrimSpace(text), `'"`)
	if text != "" && !isPlainWord(text) && !strings.HasPrefix(text, "{{") && text != "|" && text != ">" {
		values[text] = true
	}
}
