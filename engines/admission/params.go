package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	admissionregistration "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// params are the resources of the repository that bindings may name, by kind.
type params struct {
	resources *resources
	byKind    map[schema.GroupVersionKind][]*object
}

func readParams(subjects []subject, resources *resources) params {
	result := params{resources, map[schema.GroupVersionKind][]*object{}}
	for _, subject := range subjects {
		// One that does not fit its kind is found by the schema check and could not be in the cluster.
		if object, err := resources.read(subject, "params"); err == nil {
			object.hide(true)
			result.byKind[object.kind] = append(result.byKind[object.kind], object)
		}
	}
	return result
}

// param is one value that a policy is evaluated with. Where `ifAbsent` is set, the repository does not have it, and if
// the cluster does not have it either, that is what comes of it.
type param struct {
	value    ref.Val
	ifAbsent *decision
	trail    string
}

var noParam = param{value: types.NullValue}

// collect is the API server's CollectParams over what the repository has. What a selector finds there is taken to be
// all there is; what is not found may be in the cluster.
func (p params) collect(policy *policy, binding *binding, request *request) ([]param, error) {
	kind, wanted := policy.Spec.ParamKind, binding.Spec.ParamRef
	if kind == nil || wanted == nil {
		return []param{noParam}, nil
	}
	version, err := schema.ParseGroupVersion(kind.APIVersion)
	if err != nil {
		return nil, fmt.Errorf("paramKind has no valid apiVersion")
	}
	gvk := version.WithKind(kind.Kind)
	namespace, isKnown, err := p.namespaceOf(gvk, wanted, request)
	if err != nil {
		return nil, err
	}
	found, err := p.find(gvk, wanted, namespace, isKnown)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return []param{p.missing(gvk, wanted, namespace)}, nil
	}
	result := make([]param, len(found))
	for i, object := range found {
		result[i] = param{value: toPartialValue(object.fields)}
	}
	return result, nil
}

// namespaceOf is where to look; isKnown is false where that is the namespace of a resource whose namespace is not known.
func (p params) namespaceOf(kind schema.GroupVersionKind, wanted *admissionregistration.ParamRef, request *request) (string, bool, error) {
	isNamespaced := p.resources.isNamespaced(kind)
	switch {
	case !isNamespaced && wanted.Namespace != "":
		return "", true, errors.New("paramRef.namespace must not be provided for a cluster-scoped `paramKind`")
	case !isNamespaced:
		return "", true, nil
	case wanted.Namespace != "":
		return wanted.Namespace, true, nil
	case request.isNamespace():
		return request.name, true, nil
	case !request.isNamespaced:
		return "", true, errors.New("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources")
	}
	return request.object.namespace, request.object.namespace != "", nil
}

func (p params) find(kind schema.GroupVersionKind, wanted *admissionregistration.ParamRef, namespace string, isKnown bool) ([]*object, error) {
	var selector labels.Selector
	switch {
	case wanted.Name != "" && wanted.Selector != nil:
		return nil, errors.New("paramRef.name and paramRef.selector are mutually exclusive")
	case wanted.Name == "" && wanted.Selector == nil:
		return nil, errors.New("one of name or selector must be provided")
	case wanted.Selector != nil:
		var err error
		if selector, err = metav1.LabelSelectorAsSelector(wanted.Selector); err != nil {
			return nil, err
		}
	}
	var found []*object
	for _, object := range p.byKind[kind] {
		if !isKnown || object.namespace != namespace {
			continue
		}
		if (selector == nil && object.name == wanted.Name) || (selector != nil && selector.Matches(labels.Set(object.labels))) {
			found = append(found, object)
		}
	}
	return found, nil
}

// missing is a parameter that the cluster may have. If it has none, the binding either denies or does not apply.
func (p params) missing(kind schema.GroupVersionKind, wanted *admissionregistration.ParamRef, namespace string) param {
	name := wanted.Name
	if name == "" {
		selector, _ := json.Marshal(wanted.Selector)
		name = "that " + string(selector) + " selects"
	}
	if namespace != "" {
		name = namespace + "/" + name
	}
	trail := fmt.Sprintf("params (%s %s)", kind.Kind, name)
	absent := &decision{}
	if action := wanted.ParameterNotFoundAction; action != nil && *action == admissionregistration.DenyAction {
		absent = &decision{isDenied: true}
	}
	return param{value: newUnknown(trail), ifAbsent: absent, trail: trail}
}
