package main

import (
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

func TestValuesAreReadAsRegoReadsThem(t *testing.T) {
	for _, text := range []string{
		`null`, `true`, `[]`, `{}`, `""`, `0`, `-1.5e3`, `123456789012345678901234567890`, `1.10`,
		`{"a":{"__proto__":[1,"\u00e4\n\"",false,null]},"b":"` + strings.Repeat("long ", 50) + `"}`, ` { "a" : [ 1 , 2 ] } `, `"\ud83d\ude80"`,
	} {
		got, err := readValue([]byte(text), nil)
		want := ast.MustParseTerm(text)
		if err != nil || !got.Equal(want) {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
}

func TestWhatIsNoJSONIsRefused(t *testing.T) {
	for _, text := range []string{
		``, `{`, `[1`, `[1,]`, `[1 2]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `"a`, `"\x"`, `nul`, `tru`, `1 2`, `--1`, `1e`, `{}}`, "\"\\",
		strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
	} {
		if got, err := readValue([]byte(text), nil); err == nil {
			t.Errorf("%.20s: %v", text, got)
		}
	}
}

func FuzzReadValue(f *testing.F) {
	f.Add([]byte(`{"a":[1,"b\n",null,true,{"c":-1.5e3}]}`))
	f.Fuzz(func(_ *testing.T, text []byte) { _, _ = readValue(text, readSeals([]string{"/a/2", ""})) })
}
