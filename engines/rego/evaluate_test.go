package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"drydock.dev/engines/abi"
	"drydock.dev/engines/abi/abitest"
)

// judgeText evaluates one policy on one object; `before` is what it was, if anything.
func judgeText(t *testing.T, policy, object string, change func(*evaluateRequest)) outcome {
	t.Helper()
	set, answer := load(sourceOf("package main\n\n" + policy + "\n"))
	if set == nil {
		t.Fatalf("%q", messages(answer.Problems))
	}
	request := evaluateRequest{Inputs: []input{{}}, Context: map[string]any{"app": "plain:a"}, Steps: 100_000, Answers: 5, Now: 1_700_000_000_000_000_000}
	if change != nil {
		change(&request)
	}
	files := abitest.Repository{"object/0": object, "before/0": `{"was": true}`}
	given, err := evaluateAll(set, request, abi.NewTree(files))
	if err != nil {
		t.Fatal(err)
	}
	return given.(evaluateAnswer).Outcomes[0]
}

func TestResultsThatAreNoMessagesAreBroken(t *testing.T) {
	cases := map[string]string{
		`deny contains 1 if input.a`:                "rego/main/deny gives a result that is number, where a message or an object with one is expected",
		`deny contains null if input.a`:             "rego/main/deny gives a result that is null, where a message or an object with one is expected",
		`deny contains {"message": "x"} if input.a`: `rego/main/deny gives a result without "msg": a string that says what is wrong`,
		`deny contains {"msg": 3} if input.a`:       `rego/main/deny gives a result without "msg": a string that says what is wrong`,
		`warn_x contains "" if input.a`:             "rego/main/warn_x gives a result without a message",
		`deny if input.a`:                           "rego/main/deny gives boolean where a set of messages is expected; write `contains msg if`",
		`violation := "said" if input.a`:            "rego/main/violation gives string where a set of messages is expected; write `contains msg if`",
		`deny[x] := 1 if { x := "key"; input.a }`:   "rego/main/deny gives object where a set of messages is expected; write `contains msg if`",
	}
	for policy, want := range cases {
		given := judgeText(t, policy, `{"a": true}`, nil)
		if given.Problem == nil || given.Problem.Message != want || given.Problem.File != "a.rego" || given.Problem.Line != 3 {
			t.Errorf("%s: %+v", policy, given.Problem)
		}
		if silent := judgeText(t, policy, `{}`, nil); silent.Problem != nil || len(silent.Answers) > 0 {
			t.Errorf("%s: says something of nothing", policy)
		}
	}
}

func TestAnswersCarryThePathThatAPolicyGives(t *testing.T) {
	cases := map[string]string{
		`["spec", "containers", 0]`: `["spec","containers",0]`,
		`"/spec/a~1b/3"`:            `["spec","a/b",3]`,
		`"spec.containers"`:         `[]`,
		`["a", {}]`:                 `[]`,
		`[1.5]`:                     `[]`,
		`3`:                         `[]`,
	}
	for path, want := range cases {
		given := judgeText(t, `deny contains {"msg": "x", "path": `+path+`}`, `{}`, nil)
		got, _ := json.Marshal(given.Answers[0].Path)
		if string(got) != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestAHundredThousandViolationsAreCounted(t *testing.T) {
	given := judgeText(t, `deny contains sprintf("%06d", [x]) if some x in numbers.range(1, 100000)`, `{}`, func(request *evaluateRequest) {
		request.Steps = 10_000_000
	})
	if len(given.Answers) != 6 || given.Answers[4].Message != "000005" {
		t.Fatalf("%+v", given)
	}
	if last := given.Answers[5]; last.Message != "There are 99995 more results of this rule for this resource." || last.Effect != "deny" || last.Rule != "rego/main/deny" || last.Rest != 99995 {
		t.Errorf("%+v", last)
	}
}

func TestManyResultsOfOneRuleHideNoneOfAnother(t *testing.T) {
	given := judgeText(t, "warn contains sprintf(\"%d\", [x]) if some x in numbers.range(1, 9)\n\ndeny contains \"first\"\n\nwarn_z contains \"last\"", `{}`, nil)
	told := []string{}
	for _, one := range given.Answers {
		told = append(told, one.Effect+" "+one.Message)
	}
	want := []string{"deny first", "warn 1", "warn 2", "warn 3", "warn 4", "warn 5", "warn There are 4 more results of this rule for this resource.", "warn last"}
	if !slices.Equal(told, want) {
		t.Errorf("%q", told)
	}
}

func TestWhatDoesNotEndIsEndedAfterItsSteps(t *testing.T) {
	for _, policy := range []string{
		`deny contains "x" if count(numbers.range(1, 100000000)) == 3`,
		`deny contains "x" if { some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); a + b == 0 }`,
		`deny contains "x" if { x := [concat(",", [c | some n in numbers.range(1, 1000); c := sprintf("%d", [n])]) | some b in numbers.range(1, 1000)]; count(x) == 1 }`,
		`deny contains "x" if { walk(input, [p, v]); walk(input, [q, w]); walk(input, [r, u]); p == ["none"] }`,
	} {
		given := judgeText(t, policy, `{"a": [`+strings.Repeat(`1,`, 400)+`1]}`, nil)
		if given.Problem == nil || !strings.Contains(given.Problem.Message, "needs more steps") {
			t.Errorf("%s: %+v", policy, given)
		}
	}
}

func TestConflictingRulesAreBrokenAndNameThePlace(t *testing.T) {
	given := judgeText(t, "f := 1 if input.a\n\nf := 2 if input.a\n\ndeny contains \"x\" if f == 1", `{"a": true}`, nil)
	if given.Problem == nil || given.Problem.Line != 5 || !strings.Contains(given.Problem.Message, "conflicting values") {
		t.Errorf("%+v", given.Problem)
	}
}

func TestExceptionsTakeARuleOut(t *testing.T) {
	policy := "deny_a contains \"a\"\n\ndeny contains \"plain\"\n\nwarn_b contains \"b\"\n\nexception contains rules if { input.a; rules := [\"a\", \"\"] }"
	given := judgeText(t, policy, `{"a": true}`, nil)
	if len(given.Answers) != 1 || given.Answers[0].Rule != "rego/main/warn_b" || fmt.Sprint(given.Excepted) != "[rego/main/deny rego/main/deny_a]" {
		t.Errorf("%+v", given)
	}
	if given = judgeText(t, policy, `{}`, nil); len(given.Answers) != 3 || given.Excepted != nil {
		t.Errorf("%+v", given)
	}
}

func TestPoliciesSeeWhatAPullRequestKnows(t *testing.T) {
	policy := `deny contains sprintf("%v %v", [data.drydock.app, object.get(data.drydock, "before", "nothing")])`
	said := func(change func(*evaluateRequest)) string {
		return judgeText(t, policy, `{"now": 1}`, change).Answers[0].Message
	}
	if got := said(nil); got != "plain:a nothing" {
		t.Error(got)
	}
	if got := said(func(request *evaluateRequest) { request.Inputs[0].Before = "own" }); got != `plain:a {"was": true}` {
		t.Error(got)
	}
	if got := said(func(request *evaluateRequest) { request.Inputs[0].Before = "same" }); got != `plain:a {"now": 1}` {
		t.Error(got)
	}
}

func TestClockAndChanceAreGiven(t *testing.T) {
	policy := `deny contains sprintf("%d %d %s", [time.now_ns(), rand.intn("x", 1000000), uuid.rfc4122("k")])`
	first, second := judgeText(t, policy, `{}`, nil), judgeText(t, policy, `{}`, nil)
	if !strings.HasPrefix(first.Answers[0].Message, "1700000000000000000 ") || first.Answers[0].Message != second.Answers[0].Message {
		t.Errorf("%q %q", first.Answers[0].Message, second.Answers[0].Message)
	}
}

// T44
func TestSealedValuesAreSeenAsAPlaceholder(t *testing.T) {
	policy := `deny contains concat(" ", [base64.decode(input.data["a/b"]), input.stringData.c, type_name(input.data.empty), input.list[1]])`
	given := judgeText(t, policy, `{"data": {"a/b": null, "empty": null}, "list": [null, null], "stringData": {"c": null}}`, func(request *evaluateRequest) {
		request.Inputs[0].Sealed = []string{"/data/a~1b", "/stringData/c", "/list/1"}
	})
	if given.Problem != nil || given.Answers[0].Message != "sealed sealed null sealed" {
		t.Errorf("%+v", given)
	}
}

func TestLongMessagesAreCut(t *testing.T) {
	given := judgeText(t, `deny contains concat("", [x | some i in numbers.range(1, 1500); x := sprintf("ä%d", [i])])`, `{}`, nil)
	if got := given.Answers[0].Message; len(got) > mostMessage+3 || !strings.HasSuffix(got, "…") {
		t.Errorf("%d bytes", len(got))
	}
}
