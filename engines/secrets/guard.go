package secrets

import (
	"errors"
	"fmt"

	"drydock.dev/engines/abi"
)

// Guard wraps the handler of an operation so that no error text leaves it, a panic's included, with a secret value of a
// file that the call has read.
func Guard(handler abi.Handler) abi.Handler {
	return func(request []byte, tree *abi.Tree) (result any, err error) {
		defer func() {
			if cause := recover(); cause != nil {
				err = &abi.Failure{Kind: abi.Engine, Message: fmt.Sprintf("The engine broke: %v", cause)}
			}
			err = scrubError(err, tree)
		}()
		return handler(request, tree)
	}
}

func scrubError(err error, tree *abi.Tree) error {
	// The tree's own failure is reported in place of err.
	if failure := tree.Failure(); failure != nil {
		failure.Message = Scrub(failure.Message, tree.Files())
	}
	if err == nil {
		return nil
	}
	if failure := abi.AsFailure(err); failure != nil {
		scrubbed := *failure
		scrubbed.Message = Scrub(failure.Message, tree.Files())
		return &scrubbed
	}
	return errors.New(Scrub(err.Error(), tree.Files()))
}
