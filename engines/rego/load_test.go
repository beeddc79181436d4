package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func sourceOf(texts ...string) source {
	var from source
	for index, text := range texts {
		from.Modules = append(from.Modules, sourceFile{File: string(rune('a'+index)) + ".rego", Text: text})
	}
	return from
}

func messages(problems []problem) []string {
	said := []string{}
	for _, one := range problems {
		said = append(said, fmt.Sprintf("%s:%d:%d: %s", one.File, one.Line, one.Column, one.Message))
	}
	return said
}

func TestRulesAreThoseThatConftestKnows(t *testing.T) {
	_, answer := load(sourceOf(`package main

# METADATA
# title: First
# description: Why
deny contains "a" if input.a

deny contains "b" if input.b
deny_long_name contains "c" if input.c
violation_X9 contains "d" if input.d
warn contains "e" if input.e
denyall contains "no" if input.a
deny_ contains "no" if input.a
deny_a__b contains "no" if input.a
deny_f(x) := "no" if x
allow if input.a
`, "package second.part\n\nwarn_x[msg] { msg := \"old\" }\n"))
	var got []string
	for _, one := range answer.Rules {
		got = append(got, fmt.Sprintf("%s %s %s:%d", one.ID, one.Kind, one.File, one.Line))
	}
	want := []string{
		"rego/main/deny deny a.rego:6", "rego/main/deny_long_name deny a.rego:9", "rego/main/violation_X9 violation a.rego:10",
		"rego/main/warn warn a.rego:11", "rego/second.part/warn_x warn b.rego:3",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, problems %q", got, messages(answer.Problems))
	}
	if len(answer.Rules) > 0 && (answer.Rules[0].Title != "First" || answer.Rules[0].Description != "Why") {
		t.Errorf("annotations: %+v", answer.Rules[0])
	}
}

func TestNothingIsLoadedWhereAnythingIsWrong(t *testing.T) {
	cases := map[string]struct {
		from source
		want string
	}{
		"syntax":        {sourceOf("package main\n\ndeny contains msg if {\n"), "a.rego:4:"},
		"several files": {sourceOf("package a\n\nx := y\n", "package b\n\nx := z\n"), "b.rego:3:"},
		"unsafe":        {sourceOf("package main\n\ndeny contains msg if input.a\n"), "var msg is unsafe"},
		"recursion":     {sourceOf("package main\n\ndeny contains \"x\" if p\np if q\nq if p\n"), "is recursive"},
		"unknown":       {sourceOf("package main\n\ndeny contains \"x\" if nosuch(input)\n"), "undefined function nosuch"},
		"types":         {sourceOf("package main\n\ndeny contains \"x\" if count(1) > 0\n"), "invalid argument"},
		"empty":         {sourceOf(""), "a.rego"},
		"no contains":   {sourceOf("package main\n\ndeny.msg if input.a\n"), "uses `if` without `contains`"},
		"ours":          {sourceOf("package drydock\n\nbefore := 1\n"), "is what Drydock itself tells"},
		"file info":     {sourceOf("package main\n\ndeny contains \"x\" if data.conftest.file.name == \"a\"\n"), "comes from no file"},
		"old and wrong": {sourceOf("package main\n\ndeny[msg] { msg := nosuch }\n"), "var nosuch is unsafe"},
		"conflict":      {sourceOf("package main\n\nx := 1\nx(a) := 2\n"), "conflicting rules"},
	}
	for name, one := range cases {
		set, answer := load(one.from)
		said := strings.Join(messages(answer.Problems), "\n")
		if set != nil || !strings.Contains(said, one.want) {
			t.Errorf("%s: %q", name, said)
		}
	}
}

func TestProblemsOfAllFilesAreToldAtOnceAndBounded(t *testing.T) {
	_, answer := load(sourceOf("package a\n\nx := nosuch1\n\ny := nosuch2\n", "package b\n\nz := nosuch3\n"))
	if len(answer.Problems) != 3 || answer.Problems[2].File != "b.rego" {
		t.Errorf("%q", messages(answer.Problems))
	}
	many := "package a\n"
	for index := range 80 {
		many += fmt.Sprintf("x%d := nosuch%d\n", index, index)
	}
	_, answer = load(sourceOf(many))
	if last := answer.Problems[len(answer.Problems)-1]; len(answer.Problems) != mostProblems+1 || last.Message != "there are 30 more problems" {
		t.Errorf("%d problems, the last: %q", len(answer.Problems), last.Message)
	}
}

func TestNamespacesThatNoPolicyHasAreAProblem(t *testing.T) {
	from := sourceOf("package kubernetes.images\n\ndeny contains \"x\" if input.a\n", "package other\n\ndeny contains \"x\" if input.a\n")
	from.Namespaces = []string{"kubernetes.*"}
	if _, answer := load(from); len(answer.Rules) != 1 || answer.Rules[0].ID != "rego/kubernetes.images/deny" {
		t.Errorf("%+v", answer)
	}
	from.Namespaces = []string{"other", "kubernets"}
	if set, answer := load(from); set != nil || answer.Problems[0].Message != `no policy has the package "kubernets"; there are kubernetes.images, other` {
		t.Errorf("%q", messages(answer.Problems))
	}
}

func TestDataFilesStandWhereTheirFoldersAre(t *testing.T) {
	file := func(name, text string, at ...string) dataFile {
		return dataFile{sourceFile: sourceFile{File: name, Text: text}, At: at}
	}
	data, problems := readData([]dataFile{
		file("a.json", `{"x": {"y": 1}}`), file("x/b.yaml", "z: [1, 2]", "x"), file("list.yml", "- 1", "lists"),
	})
	if problems != nil || data.String() != `{"lists": [1], "x": {"y": 1, "z": [1, 2]}}` {
		t.Errorf("%v %q", data, messages(problems))
	}
	for text, want := range map[string]string{"[1]": "must hold an object", "{": "neither JSON nor YAML", "drydock: 1": "what Drydock itself tells"} {
		if _, problems := readData([]dataFile{file("a.yaml", text)}); len(problems) != 1 || !strings.Contains(problems[0].Message, want) {
			t.Errorf("%s: %q", text, messages(problems))
		}
	}
	_, problems = readData([]dataFile{file("a.json", `{"x": {"y": 1}}`), file("b.json", `{"x": {"y": 2}}`)})
	if len(problems) != 1 || problems[0].File != "b.json" || problems[0].Message != "data.x.y is defined by another data file too" {
		t.Errorf("%q", messages(problems))
	}
}

func TestADataFileThatLosesAPartIsAProblemOnItsLine(t *testing.T) {
	cases := map[string]string{
		"a: 1\nb: {c: 1,\n  c: 2}\n":        `d.yaml:3:0: this data file sets the key "c" twice`,
		`{"a": 1, "a": 2}`:                  `d.yaml:1:0: this data file sets the key "a" twice`,
		"a: 1\n---\nb: 2\n":                 "d.yaml:2:0: this data file holds more than one document, and only the first would count",
		"a:\n  - b: [\n":                    "d.yaml:2:0: this data file is neither JSON nor YAML: yaml: line 2: did not find expected node content",
		"drydock: {environment: prod}\n":    "d.yaml:1:0: data.drydock is what Drydock itself tells policies; no data file may define it",
		"- 1\n":                             "d.yaml:1:0: a data file at the top of the policy folder must hold an object",
		"a: &a {x: 1}\nb: {<<: *a, x: 2}\n": "",
		"# nothing but: this\na: {a: 1}\n":  "",
	}
	for text, want := range cases {
		_, answer := load(source{
			Modules: []sourceFile{{"a.rego", "package main\n\ndeny contains \"a\" if data.a\n"}},
			Data:    []dataFile{{sourceFile: sourceFile{"d.yaml", text}}},
		})
		if got := strings.Join(messages(answer.Problems), "\n"); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestAnEmptyFileIsAProblemOnItsFirstLine(t *testing.T) {
	_, answer := load(sourceOf("# nothing\n"))
	if got := messages(answer.Problems); !slices.Equal(got, []string{"a.rego:1:0: empty module"}) {
		t.Errorf("%q", got)
	}
}

func TestUsesAreFoundInTheCompiledPolicies(t *testing.T) {
	cases := map[string]uses{
		`deny contains "x" if input.a`:                                                       {},
		`deny contains "x" if data.drydock.before.a`:                                         {Before: true},
		`deny contains "x" if data.drydock["app"] == "a"`:                                    {App: true},
		`deny contains "x" if { d := data.drydock; d.environment == "a" }`:                   {Before: true, App: true, Environment: true, PullRequest: true},
		`deny contains "x" if data[_].a`:                                                     {Before: true, App: true, Environment: true, PullRequest: true},
		`deny contains "x" if { walk(data.drydock, [_, 1]) }`:                                {Before: true, App: true, Environment: true, PullRequest: true},
		`deny contains "x" if time.now_ns() > 1`:                                             {Clock: true},
		`test_x if deny with data.drydock.before as {}`:                                      {},
		"import data.drydock.pullRequest as asked\ndeny contains \"x\" if asked.author == 1": {PullRequest: true},
	}
	for text, want := range cases {
		text = strings.Replace(text, "test_x if", "deny contains \"x\" if input.a\n\ntest_x if", 1)
		set, answer := load(sourceOf("package main\n\n" + text + "\n"))
		if set == nil || answer.Uses != want {
			t.Errorf("%s: %+v %q", text, answer.Uses, messages(answer.Problems))
		}
	}
}
