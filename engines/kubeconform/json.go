package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// maxDepth bounds the nesting of a document; the API server's own bound is far above any real object.
const maxDepth = 2_000

// jsonReader reads JSON values that stand one after the other. encoding/json reads each value three times before it
// is an any, which was half of the time a validation took. Strings without escapes share the text's memory.
type jsonReader struct {
	text string
	at   int
}

func (r *jsonReader) hasMore() bool {
	r.skipSpace()
	return r.at < len(r.text)
}

func (r *jsonReader) read() (any, error) { return r.value(0) }

func (r *jsonReader) skipSpace() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}

func (r *jsonReader) fail(what string) error {
	return fmt.Errorf("this is not valid JSON: %s at byte %d", what, r.at)
}

func (r *jsonReader) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, r.fail("nested too deep")
	}
	r.skipSpace()
	if r.at >= len(r.text) {
		return nil, r.fail("unexpected end")
	}
	switch r.text[r.at] {
	case '{':
		return r.object(depth)
	case '[':
		return r.list(depth)
	case '"':
		return r.string()
	case 't':
		return true, r.word("true")
	case 'f':
		return false, r.word("false")
	case 'n':
		return nil, r.word("null")
	}
	return r.number()
}

func (r *jsonReader) word(word string) error {
	if !strings.HasPrefix(r.text[r.at:], word) {
		return r.fail("unexpected character")
	}
	r.at += len(word)
	return nil
}

// next tells whether the list or object goes on, and reads the comma between its items.
func (r *jsonReader) next(isFirst bool, end byte) (bool, error) {
	r.skipSpace()
	if r.at >= len(r.text) {
		return false, r.fail("unexpected end")
	}
	if r.text[r.at] == end {
		r.at++
		return false, nil
	}
	if isFirst {
		return true, nil
	}
	if r.text[r.at] != ',' {
		return false, r.fail("expected a comma")
	}
	r.at++
	r.skipSpace()
	return true, nil
}

func (r *jsonReader) object(depth int) (any, error) {
	r.at++
	fields := map[string]any{}
	for isFirst := true; ; isFirst = false {
		goesOn, err := r.next(isFirst, '}')
		if err != nil || !goesOn {
			return fields, err
		}
		if r.at >= len(r.text) || r.text[r.at] != '"' {
			return nil, r.fail("expected a key")
		}
		key, err := r.string()
		if err != nil {
			return nil, err
		}
		r.skipSpace()
		if err := r.word(":"); err != nil {
			return nil, err
		}
		if fields[key], err = r.value(depth + 1); err != nil {
			return nil, err
		}
	}
}

func (r *jsonReader) list(depth int) (any, error) {
	r.at++
	items := []any{}
	for isFirst := true; ; isFirst = false {
		goesOn, err := r.next(isFirst, ']')
		if err != nil || !goesOn {
			return items, err
		}
		item, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
}

func (r *jsonReader) string() (string, error) {
	start := r.at
	hasEscapes := false
	for r.at++; r.at < len(r.text); r.at++ {
		switch character := r.text[r.at]; {
		case character == '\\':
			hasEscapes = true
			r.at++
		case character < 0x20:
			return "", r.fail("control character in a string")
		case character == '"':
			r.at++
			if !hasEscapes {
				return r.text[start+1 : r.at-1], nil
			}
			var text string
			if err := json.Unmarshal([]byte(r.text[start:r.at]), &text); err != nil {
				return "", r.fail("broken escape")
			}
			return text, nil
		}
	}
	return "", r.fail("unexpected end")
}

// number gives an int64, a uint64 or a float64. Text is no choice: the schema library makes a fraction of it, which for
// 1e999999999 has a billion digits.
func (r *jsonReader) number() (any, error) {
	start := r.at
	for r.at < len(r.text) && strings.IndexByte("+-.0123456789Ee", r.text[r.at]) >= 0 {
		r.at++
	}
	text := r.text[start:r.at]
	if !json.Valid([]byte(text)) {
		r.at = start
		return nil, r.fail("unexpected character")
	}
	if value, err := strconv.ParseInt(text, 10, 64); err == nil {
		return value, nil
	}
	if value, err := strconv.ParseUint(text, 10, 64); err == nil {
		return value, nil
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, r.fail("number out of range")
	}
	return value, nil
}
