package main

import (
	"slices"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

func TestEveryBuiltinOfThisOPAWasLookedAt(t *testing.T) {
	for _, builtin := range ast.CapabilitiesForThisVersion().Builtins {
		_, isRefused := refusedBuiltins[builtin.Name]
		if allowedBuiltins[builtin.Name] == isRefused {
			t.Errorf("%s is neither allowed nor refused, or both", builtin.Name)
		}
	}
}

func TestABuiltinThatNobodyListedIsOff(t *testing.T) {
	capabilities := ast.CapabilitiesForThisVersion()
	capabilities.Builtins = append(capabilities.Builtins, &ast.Builtin{Name: "future.send"})
	restricted := restrictCapabilities(capabilities)
	for _, name := range []string{"future.send", "http.send", "opa.runtime", "net.lookup_ip_addr", "rego.parse_module"} {
		if slices.ContainsFunc(restricted.Builtins, func(one *ast.Builtin) bool { return one.Name == name }) {
			t.Errorf("%s is on", name)
		}
	}
	if restricted.AllowNet == nil || len(restricted.AllowNet) > 0 {
		t.Error("schemas may be read from any address")
	}
}

// T42
func TestWhatReachesOutsideIsRefusedWithAReason(t *testing.T) {
	calls := map[string]string{
		`http.send({"method": "get", "url": "http://169.254.169.254"})`: "http.send is not available: policies reach nothing outside of what they judge",
		`opa.runtime().env.HOME`:              "opa.runtime is not available: policies do not see the machine or its environment",
		`net.lookup_ip_addr("example.com")`:   "net.lookup_ip_addr is not available: policies reach nothing outside of what they judge",
		`rego.parse_module("a", "")`:          "rego.parse_module is not available: policies do not read other policies",
		`parse_config_file("/etc/passwd")`:    "parse_config_file is not available: it reads a file, and what policies judge comes from no file",
		`json.match_schema({}, {"$ref": ""})`: "json.match_schema is not available: schemas may lead to an address; policies reach nothing outside of what they judge",
	}
	for call, reason := range calls {
		set, answer := load(sourceOf("package main\n\ndeny contains msg if {\n\tmsg := " + call + "\n}\n"))
		if set != nil || len(answer.Problems) == 0 {
			t.Fatalf("%s compiles", call)
		}
		if got := answer.Problems[0]; got.Message != reason || got.File != "a.rego" || got.Line != 4 || got.Column == 0 {
			t.Errorf("%s: %+v", call, got)
		}
	}
}
