package main

import (
	"github.com/google/cel-go/common/types/ref"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// namespaceFacts are what is known of a namespace: all of its labels if the repository has it, its name if something
// is put into it, nothing if the manifest leaves the namespace to whoever applies it.
type namespaceFacts struct {
	name        string
	isThere     bool
	labels      map[string]string
	annotations map[string]string
}

// Every namespace carries its name in this label: the API server puts it there.
const nameLabel = "kubernetes.io/metadata.name"

const namespaceLabels = "namespaceObject.metadata.labels"

func readNamespaces(subjects []subject) map[string]*namespaceFacts {
	namespaces := map[string]*namespaceFacts{}
	for _, subject := range subjects {
		var source core.Namespace
		// One that cannot be read is found by the schema check; here it is as good as not there.
		if err := utiljson.Unmarshal([]byte(subject.JSON), &source); err != nil || source.Name == "" {
			continue
		}
		facts := newNamespaceFacts(source.Name)
		facts.isThere = true
		for key, value := range source.Labels {
			facts.labels[key] = value
		}
		facts.annotations = source.Annotations
		namespaces[source.Name] = facts
	}
	return namespaces
}

func newNamespaceFacts(name string) *namespaceFacts {
	facts := &namespaceFacts{name: name, labels: map[string]string{}}
	if name != "" {
		facts.labels[nameLabel] = name
	}
	return facts
}

func (n *namespaceFacts) matches(requirement labels.Requirement) certainty {
	_, isKnown := n.labels[requirement.Key()]
	if !isKnown && !n.isThere {
		return maybe(namespaceLabels)
	}
	return certainOf(requirement.Matches(labels.Set(n.labels)))
}

// value is `namespaceObject`.
func (n *namespaceFacts) value() ref.Val {
	if n.name == "" {
		return newUnknown("namespaceObject")
	}
	metadata := map[string]any{"name": n.name, "labels": n.mapping(n.labels, namespaceLabels)}
	if !n.isThere || len(n.annotations) > 0 {
		metadata["annotations"] = n.mapping(n.annotations, "namespaceObject.metadata.annotations")
	}
	// What the API server and the namespace controller keep there.
	for _, name := range []string{"uid", "creationTimestamp", "resourceVersion", "generation"} {
		metadata[name] = unknown{trail: "namespaceObject.metadata." + name}
	}
	for _, name := range []string{"finalizers", "deletionTimestamp"} {
		if !n.isThere {
			metadata[name] = unknown{trail: "namespaceObject.metadata." + name}
		}
	}
	return &partialMap{fields: map[string]any{
		"metadata": metadata,
		"spec":     unknown{trail: "namespaceObject.spec", isPresent: true},
		"status":   unknown{trail: "namespaceObject.status", isPresent: true},
	}}
}

// mapping may have other keys where the repository does not have the namespace.
func (n *namespaceFacts) mapping(known map[string]string, trail string) any {
	fields := make(map[string]any, len(known))
	for key, value := range known {
		fields[key] = value
	}
	if n.isThere {
		return fields
	}
	return &partialMap{fields: fields, rest: trail}
}
