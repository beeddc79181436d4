package main

import (
	"bytes"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"drydock.dev/engines/abi"
)

var (
	lineOfError = regexp.MustCompile(`^yaml: line (\d+): `)
	// yaml.v2 gives these, which are its parser's, with the line before; its scanner's messages have the right one.
	parserMessage = regexp.MustCompile(`^(did not find expected (<|node content|'-' indicator|key|',' or)|found undefined tag handle|found duplicate %|found incompatible YAML document)`)
	unknownAnchor = regexp.MustCompile(`(?s)^unknown anchor '(.*)' referenced`)
	selfAnchor    = regexp.MustCompile(`(?s)^anchor '(.*)' value contains itself`)
	wrongTag      = regexp.MustCompile("(?s)^cannot decode \\S+ `(.*)` as a (\\S+)$")
)

// syntaxFailure says where a document is no YAML. It quotes none of the text, for that may hold secret values.
func syntaxFailure(part part, err error) *abi.Failure {
	text := err.Error()
	line := 1
	if match := lineOfError.FindStringSubmatch(text); match != nil {
		line, _ = strconv.Atoi(match[1])
		text = text[len(match[0]):]
		if parserMessage.MatchString(text) {
			line++
		}
	}
	text = strings.TrimPrefix(text, "yaml: ")
	switch {
	case strings.HasPrefix(text, "document contains excessive aliasing"):
		return &abi.Failure{Kind: abi.Limit, Message: "The aliases of this document expand to too much."}
	case strings.HasPrefix(text, "exceeded max depth"):
		return tooDeep()
	case strings.HasPrefix(text, "invalid map key"):
		text = "a mapping or a list cannot be a key"
		line = max(1, findTemplate(part.text))
	case unknownAnchor.MatchString(text):
		line = max(1, lineOf(part.text, "*"+unknownAnchor.FindStringSubmatch(text)[1]))
		text = "an alias stands here for an anchor that is not set before"
	case selfAnchor.MatchString(text):
		line = max(1, lineOf(part.text, "&"+selfAnchor.FindStringSubmatch(text)[1]))
		text = "the value of an anchor contains itself"
	case wrongTag.MatchString(text):
		found := wrongTag.FindStringSubmatch(text)
		line = max(1, lineOf(part.text, found[1]))
		text = "a value cannot be read as " + found[2]
	case strings.Contains(text, "control characters") || strings.Contains(text, "UTF-8"):
		line = max(1, findControlCharacter(part.text))
	}
	return renderFailure(part, line, text)
}

// conversionFailure is for YAML that has no form in JSON.
func conversionFailure(part part, err error) *abi.Failure {
	if errors.Is(err, errTooDeep) {
		return tooDeep()
	}
	failure := renderFailure(part, 1, err.Error())
	failure.Message = "This cannot be read as a Kubernetes object: " + err.Error() + "."
	return failure
}

func tooDeep() *abi.Failure {
	return &abi.Failure{Kind: abi.Limit, Message: "This document is nested too deep."}
}

func renderFailure(part part, line int, text string) *abi.Failure {
	message := "This is not valid YAML: " + text + "."
	if template := findTemplate(part.text); template > 0 {
		message += " It looks like a template that was not rendered."
	}
	// What ends too early is found missing after the last line.
	lines := 1 + bytes.Count(bytes.TrimRight(part.text, "\r\n"), []byte("\n"))
	return &abi.Failure{Kind: abi.Render, Message: message, Line: part.line + min(line, lines) - 1}
}

// findTemplate gives the first line with a placeholder of Go templates or Jinja, 0 for none.
func findTemplate(text []byte) int {
	if line := lineOf(text, "{{"); line > 0 {
		return line
	}
	return lineOf(text, "{%")
}

func lineOf(text []byte, needle string) int {
	at := bytes.Index(text, []byte(needle))
	if at < 0 {
		return 0
	}
	return 1 + bytes.Count(text[:at], []byte("\n"))
}

// findControlCharacter gives the first line with a character that YAML does not allow, or with broken UTF-8.
func findControlCharacter(text []byte) int {
	line := 1
	for rest := text; len(rest) > 0; {
		character, size := utf8.DecodeRune(rest)
		isControl := character < 0x20 && character != '\t' && character != '\n' && character != '\r'
		if isControl || character == 0x7f || (character == utf8.RuneError && size == 1) {
			return line
		}
		if character == '\n' {
			line++
		}
		rest = rest[size:]
	}
	return 0
}
