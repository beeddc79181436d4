package secrets_test

import (
	"errors"
	"testing"

	"drydock.dev/engines/abi"
	"drydock.dev/engines/abi/abitest"
	"drydock.dev/engines/secrets"
)

const secret = "kind: Secret\nstringData: {a: hunter22}\n"

func TestGuard(t *testing.T) {
	repository := abitest.Repository{"s.yaml": secret, "lfs": abitest.Failure(abi.LFS, "hunter22 is stored elsewhere")}
	read := func(tree *abi.Tree) { tree.Lookup("s.yaml") }
	abi.Handle("failure", secrets.Guard(func(_ []byte, tree *abi.Tree) (any, error) {
		read(tree)
		return nil, &abi.Failure{Kind: abi.Render, Message: "bad hunter22", File: "s.yaml", Line: 2}
	}))
	abi.Handle("error", secrets.Guard(func(_ []byte, tree *abi.Tree) (any, error) {
		read(tree)
		return nil, errors.New("bad hunter22")
	}))
	abi.Handle("panic", secrets.Guard(func(_ []byte, tree *abi.Tree) (any, error) {
		read(tree)
		panic("bad hunter22")
	}))
	abi.Handle("lookup", secrets.Guard(func(_ []byte, tree *abi.Tree) (any, error) {
		read(tree)
		_, err := tree.Lookup("lfs")
		return nil, err
	}))
	abi.Handle("fine", secrets.Guard(func([]byte, *abi.Tree) (any, error) { return "hunter22", nil }))

	want := map[string]abi.Failure{
		"failure": {Kind: abi.Render, Message: "bad [hidden]", File: "s.yaml", Line: 2},
		"error":   {Kind: abi.Engine, Message: "bad [hidden]"},
		"panic":   {Kind: abi.Engine, Message: "The engine broke: bad [hidden]"},
		"lookup":  {Kind: abi.LFS, Message: "[hidden] is stored elsewhere", File: "lfs"},
	}
	for op, failure := range want {
		if got := abitest.Call(repository, map[string]string{"op": op}).Error; got == nil || *got != failure {
			t.Errorf("%s: got %+v, want %+v", op, got, failure)
		}
	}
	if got := abitest.Call(repository, map[string]string{"op": "fine"}); got.Error != nil || string(got.Ok) != `"hunter22"` {
		t.Errorf("got %+v", got)
	}
}
