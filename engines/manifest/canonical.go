package main

import (
	"encoding/json"
	"maps"
	"slices"
	"unicode/utf8"
)

// writeCanonical appends a value as JSON with sorted keys and no spaces.
func writeCanonical(text []byte, value any) []byte {
	switch value := value.(type) {
	case nil:
		return append(text, "null"...)
	case bool:
		if value {
			return append(text, "true"...)
		}
		return append(text, "false"...)
	case number:
		return append(text, value...)
	case string:
		return writeString(text, value)
	case []any:
		text = append(text, '[')
		for i, item := range value {
			if i > 0 {
				text = append(text, ',')
			}
			text = writeCanonical(text, item)
		}
		return append(text, ']')
	case map[string]any:
		text = append(text, '{')
		for i, key := range sortedKeys(value) {
			if i > 0 {
				text = append(text, ',')
			}
			text = writeString(text, key)
			text = append(text, ':')
			text = writeCanonical(text, value[key])
		}
		return append(text, '}')
	}
	panic("a value that convert does not make")
}

func sortedKeys(fields map[string]any) []string {
	return slices.Sorted(maps.Keys(fields))
}

const hexDigits = "0123456789abcdef"

// writeString escapes what JSON requires and no more; broken UTF-8, which only !!binary can make, becomes U+FFFD.
func writeString(text []byte, value string) []byte {
	text = append(text, '"')
	start := 0
	for i := 0; i < len(value); {
		character := value[i]
		if character >= 0x20 && character != '"' && character != '\\' && character < utf8.RuneSelf {
			i++
			continue
		}
		if character >= utf8.RuneSelf {
			decoded, size := utf8.DecodeRuneInString(value[i:])
			if decoded == utf8.RuneError && size == 1 {
				text = append(text, value[start:i]...)
				text = append(text, "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		text = append(text, value[start:i]...)
		text = writeEscape(text, character)
		i++
		start = i
	}
	text = append(text, value[start:]...)
	return append(text, '"')
}

func writeEscape(text []byte, character byte) []byte {
	switch character {
	case '"', '\\':
		return append(text, '\\', character)
	case '\n':
		return append(text, '\\', 'n')
	case '\r':
		return append(text, '\\', 'r')
	case '\t':
		return append(text, '\\', 't')
	}
	return append(text, '\\', 'u', '0', '0', hexDigits[character>>4], hexDigits[character&15])
}

// mustJSON writes what cannot fail to be written: strings and lists of them.
func mustJSON(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}
