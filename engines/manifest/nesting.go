package main

import "bytes"

// maxNesting is what the YAML readers, which call themselves at each level, can take in a thread with a stack of 1 MB.
const maxNesting = 2_000

// isTooDeep estimates, without reading the YAML, whether a document is nested beyond what can be read. It is a guard for
// the stack, not a bound that nobody can get around: what gets around it ends the instance.
func isTooDeep(text []byte) bool {
	return flowDepth(text) > maxNesting || blockDepth(text) > maxNesting
}

// flowDepth counts the brackets that can open a list or a mapping: those at the start of a value.
func flowDepth(text []byte) int {
	depth, deepest := 0, 0
	for i, character := range text {
		switch character {
		case '[', '{':
			if startsValue(text[:i], depth > 0) {
				depth++
				deepest = max(deepest, depth)
			}
		case ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return deepest
}

// startsValue looks at what stands before a value: an indicator, a line's start, or an anchor or tag.
func startsValue(before []byte, isInFlow bool) bool {
	trimmed := bytes.TrimRight(before, " \t\r\n")
	if len(trimmed) == 0 {
		return true
	}
	switch trimmed[len(trimmed)-1] {
	case '-', ':', '?':
		return true
	case ',', '[', '{':
		return isInFlow
	}
	if bytes.IndexByte(before[len(trimmed):], '\n') >= 0 {
		return true
	}
	word := trimmed[bytes.LastIndexAny(trimmed, " \t\n,[{")+1:]
	return len(word) > 0 && (word[0] == '&' || word[0] == '!')
}

// blockDepth takes each column of indentation, and each "- " in it, for a level.
func blockDepth(text []byte) int {
	deepest := 0
	for line := range bytes.Lines(text) {
		depth := 0
		for i := 0; i+1 < len(line); i++ {
			isIndicator := (line[i] == '-' || line[i] == '?') && line[i+1] == ' '
			if line[i] != ' ' && !isIndicator {
				break
			}
			depth++
		}
		deepest = max(deepest, depth)
	}
	return deepest
}
