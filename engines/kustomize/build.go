package main

import (
	"path"

	"drydock.dev/engines/abi"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
)

// Request asks for what `kustomize build PATH` prints. IsLoadUnrestricted is `--load-restrictor LoadRestrictionsNone`.
type Request struct {
	Path               string `json:"path"`
	IsLoadUnrestricted bool   `json:"isLoadUnrestricted"`
}

// Resource is one rendered resource and where it came from. Document counts from 0 and is nil where the resource does
// not stand in File as a document of its own. ShapedBy are the files of patches and of generated data, in the order in
// which they were applied.
type Resource struct {
	YAML     string   `json:"yaml"`
	File     string   `json:"file"`
	Document *int     `json:"document"`
	ShapedBy []string `json:"shapedBy"`
}

// Output lists the resources in kustomize's order. Taint says that the build chose its own `openapi:`, which
// kustomize keeps for the rest of the process's life: this instance must not build anything else.
type Output struct {
	Resources []Resource `json:"resources"`
	Findings  []Finding  `json:"findings,omitempty"`
	Taint     bool       `json:"taint,omitempty"`
}

// Build renders one kustomization. Its error is a *abi.Failure.
func Build(request Request, tree *abi.Tree) (*Output, error) {
	inspection, root, failure := inspect(request, tree)
	if failure != nil {
		return nil, failure
	}
	resources, err := run(request, fileSystem{tree: tree})
	if err != nil {
		return nil, inspection.failureOf(err, root)
	}
	output := &Output{Resources: make([]Resource, 0, resources.Size()), Taint: inspection.loadsSchema}
	for _, resource := range resources.Resources() {
		text, err := resource.AsYAML()
		if err != nil {
			return nil, inspection.failureOf(err, root)
		}
		output.Resources = append(output.Resources, Resource{YAML: string(text), File: root.file, ShapedBy: []string{}})
	}
	inspection.traceOrigins(root, resources, output)
	return output, nil
}

func run(request Request, files fileSystem) (resmap.ResMap, error) {
	options := krusty.MakeDefaultOptions()
	// What the command line does when neither the flag nor `sortOptions` says anything.
	options.Reorder = krusty.ReorderOptionUnspecified
	if request.IsLoadUnrestricted {
		options.LoadRestrictions = types.LoadRestrictionsNone
	}
	return krusty.MakeKustomizer(options).Run(files, path.Join(mountPoint, request.Path))
}
