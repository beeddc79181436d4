package secrets

import (
	"strings"
	"testing"
)

func TestScrub(t *testing.T) {
	cases := []struct{ name, file, message, want string }{
		{"data of a Secret", "kind: Secret\ndata:\n  a: aHVudGVyMjI=\n", "bad value aHVudGVyMjI= or hunter22", "bad value [hidden] or [hidden]"},
		{"stringData, in base64 too", "kind: Secret\nstringData:\n  a: hunter22\n", "bad hunter22 or aHVudGVyMjI=", "bad [hidden] or [hidden]"},
		{"an invalid Secret", "kind: Secret\ndata: [hunter22]\n", "bad hunter22", "bad [hidden]"},
		{"a Secret in a List", "kind: List\nitems:\n- kind: Secret\n  stringData: {a: hunter22}\n", "bad hunter22", "bad [hidden]"},
		{"a patch without kind", "stringData: {a: hunter22}\n", "bad hunter22", "bad [hidden]"},
		{"the second document", "kind: A\n---\nkind: Secret\ndata: {a: hunter22}\n", "bad hunter22", "bad [hidden]"},
		{"a block of lines", "kind: Secret\nstringData:\n  key: |\n    first line\n    second line\n", "at 'second line'", "at '[hidden]'"},
		{"a generator's literals", "secretGenerator:\n- literals:\n  - password=hunter22\n", "bad hunter22", "bad [hidden]"},
		{"an env file", "# c\nUSER=someone\nexport PASSWORD=\"hunter22\"\n", "bad hunter22", "bad [hidden]"},
		{"a values file", "db:\n  adminPassword: hunter22\n  user: someone\n", "bad hunter22 of someone", "bad [hidden] of someone"},
		{"a secret's name is none", "tokenSecretName: my-secret\n", "my-secret is missing", "my-secret is missing"},
		{"the name of a Secret is none", "kind: Secret\nmetadata: {name: database}\n", "database is wrong", "database is wrong"},
		{"a template", "kind: Secret\nstringData:\n  a: hunter22\n  {{ if .b }}\n  b: {{ .c }}\n", "bad hunter22", "bad [hidden]"},
		{"broken YAML", "kind: Secret\ndata:\n\ta: hunter22\n", "bad hunter22", "bad [hidden]"},
		{"an alias in place of a value", "kind: Secret\nstringData:\n  a: *hunter22\n", "unknown anchor 'hunter22'", "unknown anchor '[hidden]'"},
		{"a tag before a value", "kind: Secret\nstringData:\n  a: !!int hunter22\n", "cannot read hunter22", "cannot read [hidden]"},
		{"the longest first", "kind: Secret\nstringData: {a: hunter, b: hunter22}\n", "hunter22 hunter", "[hidden] [hidden]"},
		{"short values stay", "kind: Secret\nstringData: {a: abc}\n", "abc", "abc"},
		{"plain words stay", "kind: Secret\nstringData: {a: 'true'}\n", "true", "true"},
		{"a quoted document in YAML", "", "cannot read:\napiVersion: v1\nkind: Secret\ndata: x", "cannot read: [document not shown]"},
		{"a quoted document in JSON", "", `cannot read {"apiVersion":"v1","data":"x"}: why`, "cannot read: [document not shown]"},
		{"a quoted document of Go", "", `cannot read map[apiVersion:v1 data:x]`, "cannot read: [document not shown]"},
		{"nothing secret", "kind: ConfigMap\ndata: {a: hello}\n", "bad hello", "bad hello"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Scrub(c.message, [][]byte{[]byte(c.file)}); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestScrubBoundsTheText(t *testing.T) {
	if got := Scrub(strings.Repeat("é", 5000), nil); len(got) > maxMessage+3 || !strings.HasSuffix(got, "é…") {
		t.Errorf("got %d bytes", len(got))
	}
}

func TestScrubSurvivesHostileFiles(t *testing.T) {
	for _, file := range []string{"a: &a [*a]", strings.Repeat("[", 5000), "\xff\xfe", "---\n---\n", strings.Repeat("- ", 3000)} {
		if got := Scrub("message", [][]byte{[]byte(file)}); got != "message" {
			t.Errorf("got %q for %.20q", got, file)
		}
	}
}
