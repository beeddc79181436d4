package yamlstream

import (
	"slices"
	"testing"
)

func TestSplit(t *testing.T) {
	cases := map[string][]string{
		"a: 1\n":                            {"a: 1\n"},
		"# c\n---\na: 1\n":                  {"\na: 1\n"},
		"%YAML 1.2\n---\na: 1\n":            {"\na: 1\n"},
		"---\na: 1\n---\n---\nb: 2":         {"\na: 1\n", "\n", "\nb: 2"},
		"a: |\n  ---\n  x\n--- # c\nb: 2\n": {"a: |\n  ---\n  x\n", " # c\nb: 2\n"},
		"a: 1\r\n---\r\nb: 2\r\n":           {"a: 1\r\n", "\r\nb: 2\r\n"},
		"---a: 1\n":                         {"---a: 1\n"},
	}
	for text, want := range cases {
		var got []string
		for _, document := range Split([]byte(text)) {
			got = append(got, string(document))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
