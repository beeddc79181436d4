package main

import (
	"encoding/json"
	"errors"
	"strings"
	"unsafe"

	"github.com/open-policy-agent/opa/v1/ast"
)

const (
	// Deeper than any resource; each level takes some of the stack.
	mostNesting = 1000
	// Strings of resources recur: keys, kinds, labels. As many as this are kept, up to a length.
	mostInterned, longestInterned = 16384, 64
)

// What policies see where a value is sealed. In the data of a Secret it decodes, as any value there does.
const (
	sealedText   = "sealed"
	sealedBase64 = "c2VhbGVk"
)

var (
	errJSON    = errors.New("the resource is not canonical JSON")
	errNesting = errors.New("the resource is nested too deep for policies")
	interned   = map[string]*ast.Term{}
	nullTerm   = ast.NullTerm()
)

// seals are sealed values as a tree of the steps that lead to them.
type seals struct {
	below       map[string]*seals
	replacement *ast.Term
}

// readSeals takes JSON pointers (RFC 6901).
func readSeals(pointers []string) *seals {
	if len(pointers) == 0 {
		return nil
	}
	root := &seals{}
	for _, pointer := range pointers {
		steps := strings.Split(pointer, "/")
		node := root
		for _, step := range steps[1:] {
			node = node.enter(strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~"))
		}
		node.replacement = ast.StringTerm(sealedText)
		if len(steps) > 2 && steps[len(steps)-2] == "data" {
			node.replacement = ast.StringTerm(sealedBase64)
		}
	}
	return root
}

func (s *seals) enter(step string) *seals {
	if s.below == nil {
		s.below = map[string]*seals{}
	}
	if s.below[step] == nil {
		s.below[step] = &seals{}
	}
	return s.below[step]
}

func (s *seals) at(step string) *seals {
	if s == nil {
		return nil
	}
	return s.below[step]
}

// readValue reads canonical JSON, whose keys are unique, straight into the values that Rego works with. The text must
// not change afterwards: strings are parts of it.
func readValue(text []byte, sealed *seals) (*ast.Term, error) {
	reader := valueReader{text: unsafe.String(unsafe.SliceData(text), len(text))}
	term, err := reader.value(sealed, 0)
	if err != nil {
		return nil, err
	}
	if reader.skipSpace(); reader.at != len(reader.text) {
		return nil, errJSON
	}
	return term, nil
}

type valueReader struct {
	text string
	at   int
}

func (r *valueReader) value(sealed *seals, depth int) (*ast.Term, error) {
	if depth > mostNesting {
		return nil, errNesting
	}
	r.skipSpace()
	if r.at >= len(r.text) {
		return nil, errJSON
	}
	switch r.text[r.at] {
	case '{':
		return r.object(sealed, depth)
	case '[':
		return r.array(sealed, depth)
	case '"':
		text, err := r.str()
		return intern(text), err
	case 'n':
		if sealed != nil && sealed.replacement != nil {
			return sealed.replacement, r.word("null")
		}
		return nullTerm, r.word("null")
	case 't':
		return ast.InternedTerm(true), r.word("true")
	case 'f':
		return ast.InternedTerm(false), r.word("false")
	}
	return r.number()
}

func (r *valueReader) object(sealed *seals, depth int) (*ast.Term, error) {
	var buffer [16][2]*ast.Term
	items := buffer[:0]
	r.at++
	for first := true; ; first = false {
		isEnd, err := r.next(first, '}')
		if err != nil {
			return nil, err
		}
		if isEnd {
			return ast.ObjectTerm(items...), nil
		}
		key, err := r.str()
		if err != nil {
			return nil, err
		}
		if r.skipSpace(); r.at >= len(r.text) || r.text[r.at] != ':' {
			return nil, errJSON
		}
		r.at++
		item, err := r.value(sealed.at(key), depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, [2]*ast.Term{intern(key), item})
	}
}

func (r *valueReader) array(sealed *seals, depth int) (*ast.Term, error) {
	var items []*ast.Term
	r.at++
	for first := true; ; first = false {
		isEnd, err := r.next(first, ']')
		if err != nil {
			return nil, err
		}
		if isEnd {
			return ast.ArrayTerm(items...), nil
		}
		var below *seals
		if sealed != nil {
			below = sealed.at(ast.IntNumberTerm(len(items)).String())
		}
		item, err := r.value(below, depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
}

// next goes to the next item of a list, or past its end.
func (r *valueReader) next(isFirst bool, end byte) (isEnd bool, err error) {
	r.skipSpace()
	if r.at >= len(r.text) {
		return false, errJSON
	}
	if r.text[r.at] == end {
		r.at++
		return true, nil
	}
	if isFirst {
		return false, nil
	}
	if r.text[r.at] != ',' {
		return false, errJSON
	}
	r.at++
	r.skipSpace()
	return false, nil
}

func (r *valueReader) str() (string, error) {
	if r.at >= len(r.text) || r.text[r.at] != '"' {
		return "", errJSON
	}
	start := r.at + 1
	for end := start; end < len(r.text); end++ {
		switch r.text[end] {
		case '"':
			r.at = end + 1
			return r.text[start:end], nil
		case '\\':
			return r.escaped(start - 1)
		}
	}
	return "", errJSON
}

// escaped reads a string that says something by backslashes.
func (r *valueReader) escaped(start int) (string, error) {
	for end := start + 1; end < len(r.text); end++ {
		switch r.text[end] {
		case '\\':
			end++
		case '"':
			r.at = end + 1
			var text string
			err := json.Unmarshal([]byte(r.text[start:r.at]), &text)
			return text, err
		}
	}
	return "", errJSON
}

func (r *valueReader) number() (*ast.Term, error) {
	start := r.at
	for r.at < len(r.text) && strings.IndexByte("+-.0123456789eE", r.text[r.at]) >= 0 {
		r.at++
	}
	text := r.text[start:r.at]
	if !json.Valid([]byte(text)) {
		return nil, errJSON
	}
	if known := ast.InternedIntNumberTermFromString(text); known != nil {
		return known, nil
	}
	return &ast.Term{Value: ast.Number(text)}, nil
}

func (r *valueReader) word(word string) error {
	if !strings.HasPrefix(r.text[r.at:], word) {
		return errJSON
	}
	r.at += len(word)
	return nil
}

func (r *valueReader) skipSpace() {
	for r.at < len(r.text) && (r.text[r.at] == ' ' || r.text[r.at] == '\n' || r.text[r.at] == '\t' || r.text[r.at] == '\r') {
		r.at++
	}
}

func intern(text string) *ast.Term {
	if len(text) > longestInterned {
		return &ast.Term{Value: ast.String(text)}
	}
	if known, isKnown := interned[text]; isKnown {
		return known
	}
	// A part of the text would keep all of it.
	text = strings.Clone(text)
	term := &ast.Term{Value: ast.String(text)}
	if len(interned) < mostInterned {
		interned[text] = term
	}
	return term
}
