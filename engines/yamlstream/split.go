// Package yamlstream cuts streams of YAML documents without parsing them.
package yamlstream

import "bytes"

// Split cuts a stream at its markers, so that the index of a document is the one that YAML gives it. Inside a document no line that starts with "---" can stand at the first
// column. What stands before the first marker counts as a document only if it is more than comments and directives.
func Split(content []byte) [][]byte {
	var documents [][]byte
	start := 0
	isFirst := true
	cut := func(end int) {
		text := content[start:end]
		if !isFirst || hasContent(text) {
			documents = append(documents, text)
		}
		isFirst = false
	}
	for line := 0; line < len(content); {
		end := line + bytes.IndexByte(content[line:], '\n') + 1
		if end == line {
			end = len(content)
		}
		if isMarker(content[line:end]) {
			cut(line)
			start = line + len("---")
		}
		line = end
	}
	cut(len(content))
	return documents
}

func isMarker(line []byte) bool {
	rest, isMarked := bytes.CutPrefix(line, []byte("---"))
	return isMarked && (len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r' || rest[0] == '\n')
}

func hasContent(text []byte) bool {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' && line[0] != '%' {
			return true
		}
	}
	return false
}
