package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"drydock.dev/engines/credentials"
)

func init() { credentials.Warm() }

const (
	// maxLeaks bounds the findings about secrets of one call.
	maxLeaks = 500
	// A longer key tells nothing more about its value.
	maxKey = 200
	// maxNeedle bounds what a finding is looked for by.
	maxNeedle = 200
)

// Text is a file that is scanned as it stands.
type Text struct {
	File string `json:"file"`
	Text string `json:"text"`
}

const (
	ruleCredential = "credential"
	rulePlaintext  = "secret-plaintext"
	ruleEntropy    = "high-entropy"
)

// unnamed kinds hold texts whose names say nothing about them: descriptions, and values that are encrypted.
var unnamed = map[string]bool{"CustomResourceDefinition": true, "SealedSecret": true, "EncryptedSecret": true}

// leak is a finding about a secret, which holds no part of it, and the pieces by which the secret is found in files.
type leak struct {
	Finding
	needles []string
}

// findCredentials looks through all values of an object as it was decoded. Beside its findings it gives the pointers of
// all values that hold a credential of a known format.
func findCredentials(fields map[string]any, id ResourceID) (leaks []leak, exposed []string) {
	if isSops(fields) {
		return nil, nil
	}
	search := &search{id: id, isSecret: strings.EqualFold(id.Kind, "Secret") && id.Group == "", isGeneric: !unnamed[id.Kind]}
	search.visit(fields, "", nil)
	return search.leaks, search.exposed
}

type search struct {
	id        ResourceID
	isSecret  bool
	isGeneric bool
	leaks     []leak
	exposed   []string
}

// visit goes through everything below a field. key is the name that tells the meaning of a value.
func (s *search) visit(value any, key string, path []any) {
	switch value := value.(type) {
	case string:
		s.scan(value, key, path)
	case []any:
		for i, item := range value {
			s.visit(item, key, append(path, i))
		}
	case map[string]any:
		s.visitFields(value, path)
	}
}

func (s *search) visitFields(fields map[string]any, path []any) {
	named, _ := fields["name"].(string)
	for _, key := range sortedKeys(fields) {
		value := fields[key]
		text, isText := value.(string)
		switch {
		case len(path) == 0 && (isIdentity(key) || key == "type"), len(path) == 1 && path[0] == "metadata" && (key == "name" || key == "namespace"):
		case !isText:
			s.visit(value, key, append(path, key))
		case s.isSecret && len(path) == 1 && path[0] == "data":
			s.visitData(text, key, append(path, key))
		case s.isSecret && len(path) == 1 && path[0] == "stringData":
			s.visitSecret(text, key, []string{text}, append(path, key))
		case len(path) == 1 && path[0] == "binaryData":
			if decoded, isEncoded := decodeText64(text); isEncoded {
				s.scan(decoded, key, append(path, key))
			}
		case appliedAnnotations[key]:
			s.visitApplied(text, append(path, key))
		case key == "value" && named != "":
			// A variable of a container, or another named value.
			s.scan(text, named, append(path, key))
		default:
			s.scan(text, key, append(path, key))
		}
	}
}

func decodeText64(text string) (string, bool) {
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || !utf8.Valid(decoded) {
		return "", false
	}
	return string(decoded), true
}

func (s *search) visitData(text, key string, path []any) {
	decoded, isEncoded := decodeText64(text)
	if !isEncoded {
		// Bytes that are no text are a secret too; text that is no base64 is what was meant to be encoded.
		decoded = text
	}
	s.visitSecret(decoded, key, []string{decoded, text}, path)
}

// visitSecret judges a value of a Secret, which is told apart from others: that it looks like a secret is no news.
func (s *search) visitSecret(value, key string, forms []string, path []any) {
	s.scanAs(value, key, path, forms[1:], false)
	if !credentials.IsSecretValue(value) || !credentials.IsSecretValue(forms[len(forms)-1]) {
		return
	}
	finding := s.finding(rulePlaintext, "warning", path)
	finding.Message = "This value of a Secret stands in the repository unencrypted. Encrypt it (SOPS, Sealed Secrets), or have it fetched from a secret store (External Secrets)."
	for _, form := range forms {
		finding.needles = append(finding.needles, needleOf(form))
	}
	s.add(finding)
}

// visitApplied looks into a copy of an object that a tool keeps. Everything it finds stands at the annotation.
func (s *search) visitApplied(text string, path []any) {
	var copied any
	if json.Unmarshal([]byte(text), &copied) != nil {
		s.scan(text, "", path)
		return
	}
	if fields, isObject := copied.(map[string]any); isObject {
		// The annotation is sealed as a whole.
		inner, _ := findCredentials(fields, identify(fields))
		for _, finding := range inner {
			finding.Resource, finding.Path = &s.id, append([]any{}, path...)
			s.add(finding)
		}
	}
}

func (s *search) scan(value, key string, path []any) {
	if !credentials.IsTooShort(value) {
		s.scanAs(value, key, path, nil, s.isGeneric && !s.isSecret && mayNameSecret(key))
	}
}

// scanAs looks at a value under its name. others are further texts by which the value is found in files.
func (s *search) scanAs(value, key string, path []any, others []string, isGeneric bool) {
	key = key[:min(len(key), maxKey)]
	prefix := key + ": "
	for _, match := range credentials.Scan(prefix+value, isGeneric) {
		start, end := max(0, match.Start-len(prefix)), max(0, match.End-len(prefix))
		rule, level := ruleEntropy, "warning"
		if match.IsKnown {
			rule, level = ruleCredential, "error"
			s.exposed = append(s.exposed, pointerOf(path))
		}
		finding := s.finding(rule, level, path)
		finding.Message = describeCredential(match, lineWithin(value, start))
		finding.needles = []string{needleOf(value[start:end])}
		for _, other := range others {
			finding.needles = append(finding.needles, needleOf(other))
		}
		s.add(finding)
	}
}

func (s *search) finding(rule, level string, path []any) leak {
	return leak{Finding: Finding{Rule: rule, Level: level, Resource: &s.id, Path: append([]any{}, path...)}}
}

func (s *search) add(finding leak) {
	if len(s.leaks) < maxLeaks {
		s.leaks = append(s.leaks, finding)
	}
}

func pointerOf(path []any) string {
	var pointer strings.Builder
	for _, step := range path {
		pointer.WriteByte('/')
		pointer.WriteString(escapePointer(fmt.Sprint(step)))
	}
	return pointer.String()
}

// describeCredential holds nothing of the value. where is a place within it, or empty.
func describeCredential(match credentials.Match, where string) string {
	if !match.IsKnown {
		return "A value that looks like a secret stands in plain text" + where + ". Keep it in a Secret that is encrypted (SOPS, Sealed Secrets) or fetched from a secret store (External Secrets)."
	}
	noun := strings.ToUpper(match.Noun[:1]) + match.Noun[1:]
	return noun + " stands in plain text" + where + ". Revoke it, for whoever can read the repository has it, and keep the new one in a secret store (External Secrets) or encrypted (SOPS, Sealed Secrets)."
}

func lineWithin(value string, start int) string {
	if !strings.Contains(strings.TrimRight(value, "\n"), "\n") {
		return ""
	}
	return fmt.Sprintf(" in line %s of this value", strconv.Itoa(1+strings.Count(value[:start], "\n")))
}

// needleOf gives the longest piece without blanks: it stands in a file as it is, however the file is indented.
func needleOf(text string) string {
	longest := ""
	for piece := range strings.FieldsSeq(text) {
		if len(piece) > len(longest) {
			longest = piece
		}
	}
	return longest[:min(len(longest), maxNeedle)]
}

// Names of fields that say where something is and what it is called, not what it is.
var plainNames = []string{"name", "names", "ref", "path", "file", "url", "uri", "host", "image", "namespace", "id", "ids", "digest", "checksum", "hash",
	"version", "class", "type", "kind", "mode", "key", "keys", "selector", "issuer", "domain", "endpoint", "format", "regex", "pattern", "description", "fingerprint", "cabundle"}

// mayNameSecret is false for names of fields whose values are references, such as secretName or checksum/secret.
func mayNameSecret(key string) bool {
	lower := strings.ToLower(key)
	if strings.HasPrefix(lower, "checksum") {
		return false
	}
	for _, name := range plainNames {
		if !strings.HasSuffix(lower, name) {
			continue
		}
		// apiKey and API_KEY name secrets, a key of a Secret does not.
		if strings.HasPrefix(name, "key") && len(lower) > len(name) {
			continue
		}
		return false
	}
	return true
}

// findInTexts looks through files as they stand: comments count too.
func findInTexts(texts []Text) []leak {
	var leaks []leak
	for _, text := range texts {
		isEncrypted := strings.Contains(text.Text, "ENC[AES256_GCM,")
		for _, match := range credentials.Scan(text.Text, !isEncrypted) {
			rule, level := ruleEntropy, "warning"
			if match.IsKnown {
				rule, level = ruleCredential, "error"
			}
			newline := strings.LastIndexByte(text.Text[:match.Start], '\n')
			finding := Finding{
				Rule: rule, Level: level, Message: describeCredential(match, ""), Path: []any{}, File: text.File,
				Line:   1 + strings.Count(text.Text[:match.Start], "\n"),
				Column: 1 + utf16Length(text.Text[newline+1:match.Start]),
			}
			leaks = append(leaks, leak{finding, []string{needleOf(text.Text[match.Start:match.End])}})
		}
	}
	return leaks
}

func utf16Length(text string) int {
	length := 0
	for _, character := range text {
		length++
		if character > 0xffff {
			length++
		}
	}
	return length
}
