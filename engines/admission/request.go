package main

import (
	"errors"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
)

// request is the admission request that applying a resource would come to: a creation where there was nothing before,
// else an update.
type request struct {
	kind           schema.GroupVersionKind
	resource       schema.GroupVersionResource
	equivalents    []equivalent
	attributes     admission.Attributes
	name           string
	isNamespaced   bool
	namespaceFacts *namespaceFacts
	// before is nil for a creation.
	object, before *object
	// What expressions see of them.
	objectValue, beforeValue ref.Val
	set                      *policySet
	// changed is what mutations may make of it, once asked.
	changed       *mutated
	isChangeKnown bool
}

// equivalent is another version under which the API server serves the same resource.
type equivalent struct {
	kind     schema.GroupVersionKind
	resource schema.GroupVersionResource
}

// Where the namespace of a resource is not known, rules about scope have to see that it has one.
const someNamespace = "unknown"

func (s *policySet) newRequest(input input) (*request, error) {
	object, err := s.resources.read(input.Object, "object")
	if err != nil {
		return nil, err
	}
	r := &request{object: object, kind: object.kind, isNamespaced: input.IsNamespaced, set: s}
	operation := admission.Create
	if input.Before != nil {
		// The version may have changed; the server would have converted the stored object, which only it can do.
		before, err := s.resources.read(*input.Before, "oldObject")
		if err != nil || before.kind.GroupKind() != object.kind.GroupKind() {
			return nil, errors.New("the object before the change cannot be read as its kind")
		}
		r.before, operation = before, admission.Update
	}
	r.resource = r.kind.GroupVersion().WithResource(input.Plural)
	r.equivalents = s.resources.equivalents(r.kind, input.Plural)
	r.name = object.name
	namespace := r.findNamespace(s.namespaces)
	r.attributes = admission.NewAttributesRecord(nil, nil, r.kind, namespace, r.name, r.resource, "", operation, nil, false, nil)
	r.finish()
	return r, nil
}

// findNamespace gives the namespace for rules about scope. For a Namespace it is its own name.
func (r *request) findNamespace(namespaces map[string]*namespaceFacts) string {
	switch {
	case r.isNamespace():
		return r.name
	case !r.isNamespaced:
		return ""
	}
	name := r.object.namespace
	r.namespaceFacts = namespaces[name]
	if r.namespaceFacts == nil {
		r.namespaceFacts = newNamespaceFacts(name)
	}
	if name == "" {
		return someNamespace
	}
	return name
}

func (r *request) isNamespace() bool { return r.kind.Group == "" && r.kind.Kind == "Namespace" }

// finish notes in the objects what the server would know of them.
func (r *request) finish() {
	for _, object := range []*object{r.object, r.before} {
		if object == nil {
			continue
		}
		object.isNamespaced = r.isNamespaced
		object.hide(r.before != nil)
	}
	r.objectValue, r.beforeValue = toPartialValue(r.object.fields), types.NullValue
	if r.before != nil {
		r.beforeValue = toPartialValue(r.before.fields)
	}
}

// values are the variables of expressions, but for params.
func (r *request) values() *values {
	values := &values{
		object:    r.objectValue,
		oldObject: r.beforeValue,
		params:    types.NullValue,
		namespace: types.NullValue,
		request: map[string]ref.Val{
			"userInfo": newUnknown("request.userInfo"),
			"options":  newUnknown("request.options"),
		},
	}
	if r.name == "" {
		values.request["name"] = newUnknown("request.name")
	}
	if r.isNamespaced && !r.isNamespace() {
		values.namespace = r.namespaceFacts.value()
		if r.namespaceFacts.name == "" {
			values.request["namespace"] = newUnknown("request.namespace")
		}
	}
	return values
}
