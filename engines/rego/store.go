package main

import (
	"context"
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
)

// dataStore is `data` as one evaluation sees it: the data files, and what Drydock says under its own key. Nothing is
// copied or written.
type dataStore struct {
	storage.TriggersNotSupported
	storage.PolicyNotSupported
	storage.WritesNotSupported
	files   ast.Object
	context *ast.Term
}

var contextKey = ast.StringTerm(contextRoot)

type transaction struct{}

func (transaction) ID() uint64 { return 1 }

func (s *dataStore) NewTransaction(context.Context, ...storage.TransactionParams) (storage.Transaction, error) {
	return transaction{}, nil
}
func (s *dataStore) Commit(context.Context, storage.Transaction) error { return nil }
func (s *dataStore) Abort(context.Context, storage.Transaction)        {}
func (s *dataStore) Truncate(context.Context, storage.Transaction, storage.TransactionParams, storage.Iterator) error {
	return &storage.Error{Code: storage.WritesNotSupportedErr}
}

// Read gives the value at a path, or an error that says that there is none.
func (s *dataStore) Read(_ context.Context, _ storage.Transaction, path storage.Path) (any, error) {
	if len(path) == 0 {
		return s.whole(), nil
	}
	node, steps := ast.Value(s.files), path
	if path[0] == contextRoot && s.context != nil {
		node, steps = s.context.Value, path[1:]
	}
	for _, step := range steps {
		below := child(node, step)
		if below == nil {
			return nil, &storage.Error{Code: storage.NotFoundErr, Message: path.String()}
		}
		node = below.Value
	}
	return node, nil
}

func (s *dataStore) whole() ast.Value {
	if s.context == nil {
		return s.files
	}
	whole := s.files.Copy()
	whole.Insert(contextKey, s.context)
	return whole
}

func child(node ast.Value, step string) *ast.Term {
	switch node := node.(type) {
	case ast.Object:
		return node.Get(intern(step))
	case *ast.Array:
		if index, err := strconv.Atoi(step); err == nil && index >= 0 && index < node.Len() {
			return node.Elem(index)
		}
	}
	return nil
}
