package abi_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"drydock.dev/engines/abi"
	"drydock.dev/engines/abi/abitest"
)

var hugeSize = math.MaxInt

func init() {
	abi.Handle("read", func(_ []byte, tree *abi.Tree) (any, error) {
		node, err := tree.Lookup("here/file")
		if err != nil {
			return nil, fmt.Errorf("as a library would say it: %s", err)
		}
		return map[string]string{"text": string(node.Data)}, nil
	})
	abi.Handle("panic", func([]byte, *abi.Tree) (any, error) { panic("overboard") })
	abi.Handle("huge", func([]byte, *abi.Tree) (any, error) { return make([]byte, hugeSize), nil })
	abi.Handle("plain-error", func([]byte, *abi.Tree) (any, error) { return nil, errors.New("no type") })
}

func TestAnswer(t *testing.T) {
	cases := []struct {
		name, op   string
		repository abitest.Repository
		want       string
		kind       abi.FailureKind
		message    string
	}{
		{"a file", "read", abitest.Repository{"here/file": "hello <&>"}, `{"text":"hello <&>"}`, "", ""},
		{"a linked file", "read", abitest.Repository{"here/file": abitest.Link("there"), "there": "x"}, `{"text":"x"}`, "", ""},
		{"a file below a linked directory", "read",
			abitest.Repository{"here": abitest.Link("there"), "there/file": "y"}, `{"text":"y"}`, "", ""},
		{"links in a circle", "read",
			abitest.Repository{"here/file": abitest.Link("a"), "a": abitest.Link("here/file")},
			"", abi.OutsideRepository, "The symbolic links on the way to this path go in a circle."},
		{"a failure of the host keeps its kind", "read",
			abitest.Repository{"here/file": abitest.Failure(abi.LFS, "stored elsewhere")}, "", abi.LFS, "stored elsewhere"},
		{"an unknown operation", "sail", nil, "", abi.Engine, `This engine has no operation "sail".`},
		{"a value beyond all memory", "huge", nil, "", abi.Limit, "The engine needed more memory than an app is given. Split the app, or make its output smaller."},
		{"a panic", "panic", nil, "", abi.Engine, "The engine broke: overboard"},
		{"an error without a kind", "plain-error", nil, "", abi.Engine, "no type"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			response := abitest.Call(c.repository, map[string]string{"op": c.op})
			if string(response.Ok) != c.want {
				t.Errorf("ok: got %s, want %s", response.Ok, c.want)
			}
			if c.kind == "" {
				return
			}
			if response.Error == nil || response.Error.Kind != c.kind || response.Error.Message != c.message {
				t.Errorf("error: got %+v, want %s: %s", response.Error, c.kind, c.message)
			}
		})
	}
}

func TestAnswerNamesThePathOfAHostFailure(t *testing.T) {
	repository := abitest.Repository{"here/file": abitest.Failure(abi.Submodule, "a submodule")}
	response := abitest.Call(repository, map[string]string{"op": "read"})
	if response.Error == nil || response.Error.File != "here/file" {
		t.Errorf("got %+v", response.Error)
	}
}

func TestClean(t *testing.T) {
	for name, want := range map[string]string{"": "", ".": "", "a/./b/../c/": "a/c", "a/../b": "b"} {
		if got, failure := abi.Clean(name); failure != nil || got != want {
			t.Errorf("Clean(%q) = %q, %v; want %q", name, got, failure, want)
		}
	}
	for _, name := range []string{"/etc/passwd", "..", "a/../../b", "../x"} {
		if got, failure := abi.Clean(name); failure == nil || failure.Kind != abi.OutsideRepository {
			t.Errorf("Clean(%q) = %q, %v; want a failure", name, got, failure)
		}
	}
}

func TestLookupAsksTheHostOnce(t *testing.T) {
	host := &countingHost{}
	tree := abi.NewTree(host)
	for range 3 {
		if _, err := tree.Lookup("a/../b"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := tree.Lookup("../b"); err == nil || host.count != 1 {
		t.Errorf("asked %d times, last error %v", host.count, err)
	}
}

type countingHost struct{ count int }

func (h *countingHost) Lookup(string) []byte { h.count++; return []byte("a") }
