package main

import (
	"fmt"
	"strings"
)

// ResourceID is what the cluster tells objects apart by; what is absent is "".
type ResourceID struct {
	Group     string `json:"group"`
	Version   string `json:"version"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// listed is an object and the path to it from the root of its YAML document.
type listed struct {
	value any
	path  []any
}

// maxListDepth bounds lists in lists. The API server knows none; kubectl unrolls them.
const maxListDepth = 8

// unrollList gives the objects of a List, and of a list of one kind such as ConfigMapList, whose items may leave out
// what the list says. Anything else is given back as it is.
func unrollList(root map[string]any, path []any, depth int) []listed {
	kind, _ := root["kind"].(string)
	items, hasItems := root["items"].([]any)
	if !hasItems || !strings.HasSuffix(kind, "List") || depth >= maxListDepth {
		return []listed{{root, path}}
	}
	var objects []listed
	for i, item := range items {
		itemPath := join(join(path, "items"), i)
		fields, isObject := item.(map[string]any)
		if !isObject {
			objects = append(objects, listed{item, itemPath})
			continue
		}
		itemKind := strings.TrimSuffix(kind, "List")
		if _, hasKind := fields["kind"]; !hasKind && itemKind != "" {
			fields["kind"] = itemKind
			if _, hasVersion := fields["apiVersion"]; !hasVersion {
				fields["apiVersion"] = root["apiVersion"]
			}
		}
		objects = append(objects, unrollList(fields, itemPath, depth+1)...)
	}
	return objects
}

// ownerOf finds the object that a path of the YAML document leads into, and the path inside it.
func ownerOf(objects []listed, path []any) (listed, []any) {
	for _, object := range objects {
		if isPrefix(object.path, path) {
			return object, path[len(object.path):]
		}
	}
	return listed{}, path
}

func isPrefix(prefix, path []any) bool {
	if len(prefix) > len(path) {
		return false
	}
	for i := range prefix {
		if prefix[i] != path[i] {
			return false
		}
	}
	return true
}

func identify(fields map[string]any) ResourceID {
	apiVersion, _ := fields["apiVersion"].(string)
	group, version, hasGroup := strings.Cut(apiVersion, "/")
	if !hasGroup {
		group, version = "", apiVersion
	}
	id := ResourceID{Group: group, Version: version}
	id.Kind, _ = fields["kind"].(string)
	metadata, _ := fields["metadata"].(map[string]any)
	id.Namespace, _ = metadata["namespace"].(string)
	id.Name, _ = metadata["name"].(string)
	return id
}

// findMissingIdentity tells what an object lacks to be applied, nil if nothing.
func findMissingIdentity(fields map[string]any, id ResourceID) *Finding {
	var missing []string
	if id.Version == "" {
		missing = append(missing, "apiVersion")
	}
	if id.Kind == "" {
		missing = append(missing, "kind")
	}
	metadata, _ := fields["metadata"].(map[string]any)
	generateName, _ := metadata["generateName"].(string)
	if id.Name == "" && generateName == "" && !isNameless(id) {
		missing = append(missing, "metadata.name")
	}
	if len(missing) == 0 {
		return nil
	}
	finding := &Finding{
		Rule: "missing-identity", Level: "error", Resource: &id,
		Message: fmt.Sprintf("This object has no %s; the cluster refuses it.", strings.Join(missing, " and no ")),
	}
	if missing[0] == "metadata.name" {
		finding.Path = []any{"metadata", "name"}
	}
	return finding
}

// isNameless is true for kinds that are read by tools, or answered at once, and never stored under a name.
func isNameless(id ResourceID) bool {
	switch {
	case strings.HasSuffix(id.Group, ".config.k8s.io"), strings.HasSuffix(id.Kind, "List"):
		return true
	case strings.HasSuffix(id.Kind, "Review") && (id.Group == "authentication.k8s.io" || id.Group == "authorization.k8s.io"):
		return true
	case id.Group == "kubeadm.k8s.io", id.Group == "kind.x-k8s.io", id.Group == "audit.k8s.io":
		return true
	}
	return id.Group == "" && id.Kind == "Config"
}

func notAnObject(value any) Finding {
	what := "a single value"
	switch value.(type) {
	case []any:
		what = "a list"
	case nil:
		what = "empty"
	}
	return Finding{
		Rule: "missing-identity", Level: "error",
		Message: "This is not a Kubernetes object but " + what + "; an object has apiVersion, kind and metadata.name.",
	}
}
