package main

import (
	"errors"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// object is a resource as a validating policy would see it in the API server: decoded, its defaults filled in, and with
// an unknown wherever the server's value cannot be told.
type object struct {
	kind         schema.GroupVersionKind
	name         string
	namespace    string
	labels       map[string]string
	fields       map[string]any
	isNamespaced bool
	// hasStatus: whoever applies the resource cannot set its status.
	hasStatus bool
	// root is the name of the variable that it becomes.
	root   string
	sealed []string
}

var errNoObject = errors.New("this is no object with apiVersion and kind")

// decodeObject gives the fields of any resource. Whole numbers become int64, as in the API server.
func decodeObject(text string) (map[string]any, schema.GroupVersionKind, error) {
	fields := map[string]any{}
	if err := utiljson.Unmarshal([]byte(text), &fields); err != nil {
		return nil, schema.GroupVersionKind{}, errNoObject
	}
	apiVersion, _ := fields["apiVersion"].(string)
	kind, _ := fields["kind"].(string)
	version, err := schema.ParseGroupVersion(apiVersion)
	if err != nil || kind == "" || version.Version == "" {
		return nil, schema.GroupVersionKind{}, errNoObject
	}
	return fields, version.WithKind(kind), nil
}

// describe fills in what is known of any object from its metadata.
func (o *object) describe() {
	metadata, _ := o.fields["metadata"].(map[string]any)
	o.name, _ = metadata["name"].(string)
	o.namespace, _ = metadata["namespace"].(string)
	o.labels = map[string]string{}
	labels, _ := metadata["labels"].(map[string]any)
	for key, value := range labels {
		if text, isString := value.(string); isString {
			o.labels[key] = text
		}
	}
}

// readBuiltIn decodes an object of a kind that Kubernetes itself has, through its Go type: what the type does not have
// is dropped, quantities are written in their canonical form, and structs that are always written are there.
func readBuiltIn(text string, fields map[string]any, kind schema.GroupVersionKind) (map[string]any, error) {
	typed, err := builtIn.New(kind)
	if err != nil {
		return nil, err
	}
	if err := utiljson.Unmarshal([]byte(text), typed); err != nil {
		return nil, errors.New("a field of this " + kind.Kind + " has the wrong type")
	}
	typed.GetObjectKind().SetGroupVersionKind(kind)
	result, err := runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
	if err != nil {
		return nil, errors.New("this " + kind.Kind + " cannot be converted")
	}
	if kind.Group == "" && kind.Kind == "Secret" {
		mergeStringData(result, fields)
	}
	return result, nil
}

// mergeStringData does what the API server does before anything else sees a Secret.
func mergeStringData(secret, source map[string]any) {
	given, _ := source["stringData"].(map[string]any)
	delete(secret, "stringData")
	if len(given) == 0 {
		return
	}
	data, isThere := secret["data"].(map[string]any)
	if !isThere {
		data = map[string]any{}
		secret["data"] = data
	}
	for key := range given {
		// Its value is sealed, wherever it came from.
		data[key] = unknown{trail: "object.data[\"" + key + "\"]", isPresent: true}
	}
}

// serverMetadata is written by the API server whatever a manifest says.
var serverMetadata = []string{"uid", "creationTimestamp", "generation", "managedFields", "selfLink"}

// hide puts unknowns where the server's value is not Git's: secret values, what the server writes itself, the status,
// a name or namespace that is made up later. isUpdate: the server has the object already, and a version of it.
func (o *object) hide(isUpdate bool) {
	for _, pointer := range o.sealed {
		putUnknown(o.fields, pointer, o.root)
	}
	metadata, isMap := o.fields["metadata"].(map[string]any)
	if !isMap {
		metadata = map[string]any{}
		o.fields["metadata"] = metadata
	}
	for _, name := range serverMetadata {
		metadata[name] = unknown{trail: o.root + ".metadata." + name, isPresent: name == "uid" || name == "creationTimestamp"}
	}
	if isUpdate {
		metadata["resourceVersion"] = unknown{trail: o.root + ".metadata.resourceVersion", isPresent: true}
	}
	if o.name == "" {
		metadata["name"] = unknown{trail: o.root + ".metadata.name", isPresent: true}
	}
	if o.isNamespaced && o.namespace == "" {
		metadata["namespace"] = unknown{trail: o.root + ".metadata.namespace", isPresent: true}
	}
	if o.hasStatus {
		o.fields["status"] = unknown{trail: o.root + ".status"}
	}
}
