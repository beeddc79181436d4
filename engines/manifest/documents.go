package main

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// part is one document of a YAML stream.
type part struct {
	text []byte
	// line is that of the first line of text in the stream, from 1.
	line int
	// document counts from 0, empty documents included, as a YAML reader counts them.
	document int
}

// splitDocuments cuts a stream at its "---" lines, as kubectl does, so that one broken document has a line of its own.
// A part before the first separator that holds no content is no document.
func splitDocuments(stream []byte) []part {
	stream = toUTF8(stream)
	var parts []part
	begin, beginLine, line := 0, 1, 0
	isExplicit := false
	finish := func(end int) {
		text := stream[begin:end]
		if !isExplicit && !hasContent(text) {
			return
		}
		parts = append(parts, part{text: text, line: beginLine, document: len(parts)})
	}
	for offset := 0; offset < len(stream); {
		line++
		next := len(stream)
		if newline := bytes.IndexByte(stream[offset:], '\n'); newline >= 0 {
			next = offset + newline + 1
		}
		if isSeparator(stream[offset:next]) {
			finish(offset)
			begin, beginLine, isExplicit = offset+3, line, true
		}
		offset = next
	}
	finish(len(stream))
	return parts
}

func isSeparator(line []byte) bool {
	if !bytes.HasPrefix(line, []byte("---")) {
		return false
	}
	return len(line) == 3 || bytes.IndexByte([]byte(" \t\r\n"), line[3]) >= 0
}

// hasContent tells whether there is more than comments, blank lines and directives.
func hasContent(text []byte) bool {
	for line := range bytes.Lines(text) {
		trimmed := bytes.TrimSpace(line)
		if len(trimmed) > 0 && trimmed[0] != '#' && line[0] != '%' {
			return true
		}
	}
	return false
}

// toUTF8 removes the byte order mark, and turns UTF-16, which YAML allows, into UTF-8.
func toUTF8(stream []byte) []byte {
	switch {
	case bytes.HasPrefix(stream, []byte("\xef\xbb\xbf")):
		return stream[3:]
	case bytes.HasPrefix(stream, []byte("\xff\xfe")):
		return decodeUTF16(stream[2:], 0, 1)
	case bytes.HasPrefix(stream, []byte("\xfe\xff")):
		return decodeUTF16(stream[2:], 1, 0)
	}
	return stream
}

func decodeUTF16(stream []byte, low, high int) []byte {
	units := make([]uint16, 0, len(stream)/2)
	for i := 0; i+1 < len(stream); i += 2 {
		units = append(units, uint16(stream[i+low])|uint16(stream[i+high])<<8)
	}
	text := make([]byte, 0, len(units))
	for _, character := range utf16.Decode(units) {
		text = utf8.AppendRune(text, character)
	}
	return text
}
