package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
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
	search.visitFields(fields, nil)
	// Maps have no order of their own.
	slices.SortStableFunc(search.leaks, func(a, b leak) int { return strings.Compare(pointerOf(a.Path), pointerOf(b.Path)) })
	return search.leaks, search.exposed
}

type search struct {
	id        ResourceID
	isSecret  bool
	isGeneric bool
	leaks     []leak
	exposed   []string
}

// place is a field on the way to which the search is. It becomes a path when something is found there.
type place struct {
	parent *place
	key    string
	// index counts from 1; 0 is for fields of a mapping.
	index int
	depth int
}

func (p *place) path() []any {
	if p == nil {
		return []any{}
	}
	if p.index > 0 {
		return append(p.parent.path(), p.index-1)
	}
	return append(p.parent.path(), p.key)
}

// isBelow tells whether this is a field of a field at the top.
func (p *place) isBelow(top string) bool { return p.depth == 2 && p.parent.key == top }

// visit goes through everything below a field. name tells the meaning of a value.
func (s *search) visit(value any, name string, at *place) {
	switch value := value.(type) {
	case string:
		s.scan(value, name, at)
	case []any:
		for i, item := range value {
			s.visit(item, name, &place{parent: at, index: i + 1, depth: at.depth + 1})
		}
	case map[string]any:
		s.visitFields(value, at)
	}
}

func (s *search) visitFields(fields map[string]any, parent *place) {
	depth := 1
	if parent != nil {
		depth = parent.depth + 1
	}
	for key, value := range fields {
		at := &place{parent: parent, key: key, depth: depth}
		text, isText := value.(string)
		if !isText {
			s.visit(value, key, at)
			continue
		}
		// A variable of a container, or another named value.
		if key == "value" {
			if name, _ := fields["name"].(string); name != "" {
				s.scan(text, name, at)
				continue
			}
		}
		s.visitText(text, key, at)
	}
}

func (s *search) visitText(text, key string, at *place) {
	switch {
	case at.depth == 1 && (isIdentity(key) || key == "type"), at.isBelow("metadata") && (key == "name" || key == "namespace"):
	case s.isSecret && at.isBelow("data"):
		s.visitData(text, key, at)
	case s.isSecret && at.isBelow("stringData"):
		s.visitSecret(text, key, []string{text}, at)
	case at.isBelow("binaryData"):
		if decoded, isEncoded := decodeText64(text); isEncoded {
			s.scan(decoded, key, at)
		}
	case appliedAnnotations[key]:
		s.visitApplied(text, at)
	default:
		s.scan(text, key, at)
	}
}

func decodeText64(text string) (string, bool) {
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || !utf8.Valid(decoded) {
		return "", false
	}
	return string(decoded), true
}

func (s *search) visitData(text, key string, at *place) {
	decoded, isEncoded := decodeText64(text)
	if !isEncoded {
		// Bytes that are no text are a secret too; text that is no base64 is what was meant to be encoded.
		decoded = text
	}
	s.visitSecret(decoded, key, []string{decoded, text}, at)
}

// visitSecret judges a value of a Secret, which is told apart from others: that it looks like a secret is no news.
func (s *search) visitSecret(value, key string, forms []string, at *place) {
	s.scanAs(value, key, at, forms[1:], false)
	if !credentials.IsSecretValue(value) || !credentials.IsSecretValue(forms[len(forms)-1]) {
		return
	}
	finding := s.finding(rulePlaintext, "warning", at)
	finding.Message = "This value of a Secret stands in the repository unencrypted. Encrypt it (SOPS, Sealed Secrets), or have it fetched from a secret store (External Secrets)."
	for _, form := range forms {
		finding.needles = append(finding.needles, needleOf(form))
	}
	s.add(finding)
}

// visitApplied looks into a copy of an object that a tool keeps. Everything it finds stands at the annotation.
func (s *search) visitApplied(text string, at *place) {
	var copied any
	if json.Unmarshal([]byte(text), &copied) != nil {
		s.scan(text, "", at)
		return
	}
	if fields, isObject := copied.(map[string]any); isObject {
		// The annotation is sealed as a whole.
		inner, _ := findCredentials(fields, identify(fields))
		for _, finding := range inner {
			finding.Resource, finding.Path = &s.id, at.path()
			s.add(finding)
		}
	}
}

func (s *search) scan(value, key string, at *place) {
	if !credentials.IsTooShort(value) {
		s.scanAs(value, key, at, nil, s.isGeneric && !s.isSecret && mayNameSecret(key))
	}
}

// scanAs looks at a value under its name. others are further texts by which the value is found in files.
func (s *search) scanAs(value, key string, at *place, others []string, isGeneric bool) {
	key = key[:min(len(key), maxKey)]
	prefix := key + ": "
	for _, match := range credentials.Scan(prefix+value, isGeneric) {
		start, end := max(0, match.Start-len(prefix)), max(0, match.End-len(prefix))
		rule, level := ruleEntropy, "warning"
		if match.IsKnown {
			rule, level = ruleCredential, "error"
			s.exposed = append(s.exposed, pointerOf(at.path()))
		}
		finding := s.finding(rule, level, at)
		finding.Message = describeCredential(match, lineWithin(value, start))
		finding.needles = []string{needleOf(value[start:end])}
		for _, other := range others {
			finding.needles = append(finding.needles, needleOf(other))
		}
		s.add(finding)
	}
}

func (s *search) finding(rule, level string, at *place) leak {
	return leak{Finding: Finding{Rule: rule, Level: level, Resource: &s.id, Path: at.path()}}
}

func (s *search) add(finding leak) {
	s.leaks = append(s.leaks, finding)
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

// lineName is the name at the beginning of a line of YAML.
var lineName = regexp.MustCompile(`^[\s#-]*["']?([\w./-]+)["']?\s*:`)

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
			if name := lineName.FindStringSubmatch(text.Text[newline+1 : match.Start]); !match.IsKnown && name != nil && !mayNameSecret(name[1]) {
				continue
			}
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
