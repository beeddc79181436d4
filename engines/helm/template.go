package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"drydock.dev/engines/abi"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
)

// Request asks for what `helm template RELEASE CHART -n NAMESPACE -f … -a … --kube-version … [--include-crds]` prints.
// Chart and values files are paths in the repository.
type Request struct {
	Chart       string   `json:"chart"`
	ReleaseName string   `json:"releaseName"`
	Namespace   string   `json:"namespace"`
	ValuesFiles []string `json:"valuesFiles"`
	// APIVersions are known to templates beside ServedAPIs, or beside those that Helm assumes where these are not given.
	APIVersions []string `json:"apiVersions"`
	ServedAPIs  []string `json:"servedApis"`
	KubeVersion string   `json:"kubeVersion"`
	IncludeCRDs bool     `json:"includeCrds"`
}

// Resource is one rendered resource. File is its template, or the archive that holds the template. Hooks are the events
// it runs at, empty for what is applied as usual.
type Resource struct {
	YAML     string   `json:"yaml"`
	File     string   `json:"file"`
	Document *int     `json:"document"`
	ShapedBy []string `json:"shapedBy"`
	Hooks    []string `json:"hooks"`
}

// Output lists resources in Helm's order: CRDs, manifests, hooks.
type Output struct {
	Resources []Resource `json:"resources"`
}

// Template renders one chart. Its error is a *abi.Failure.
func Template(request Request, tree *abi.Tree) (*Output, error) {
	if err := chartutil.ValidateReleaseName(request.ReleaseName); err != nil {
		return nil, failf(request.Chart, "%q cannot be a release's name: at most 53 lower-case letters, digits, '-' and '.'.", request.ReleaseName)
	}
	charts := newChartSet(tree)
	root, err := charts.loadApplication(request.Chart)
	if err != nil {
		return nil, err
	}
	values, layers, err := readValues(tree, request.ValuesFiles)
	if err != nil {
		return nil, err
	}
	if err := chartutil.ProcessDependencies(root, values); err != nil {
		return nil, failf(path.Join(request.Chart, "Chart.yaml"), "The chart's dependencies cannot be processed: %s", err)
	}
	rendering := &rendering{request: request, charts: charts, root: root, layers: layers, sources: charts.templateSources(root, request.ValuesFiles)}
	return rendering.run(values)
}

// rendering is one chart ready to render: dependencies resolved, and the repository path of every template known.
type rendering struct {
	request Request
	charts  *chartSet
	root    *chart.Chart
	layers  valuesLayers
	sources map[string]source
}

func (r *rendering) run(values map[string]any) (*Output, error) {
	capabilities, err := makeCapabilities(r.request)
	if err != nil {
		return nil, err
	}
	scope, err := r.makeScope(values, capabilities)
	if err != nil {
		return nil, err
	}
	rendered, err := new(engine.Engine).Render(r.root, scope)
	if err != nil {
		return nil, r.templateFailure(err)
	}
	return r.collect(rendered)
}

func makeCapabilities(request Request) (*common.Capabilities, error) {
	capabilities := common.DefaultCapabilities.Copy()
	if request.KubeVersion != "" {
		version, err := common.ParseKubeVersion(request.KubeVersion)
		if err != nil {
			return nil, failf("", "%q is not a Kubernetes version.", request.KubeVersion)
		}
		capabilities.KubeVersion = *version
	}
	if len(request.ServedAPIs) > 0 {
		capabilities.APIVersions = request.ServedAPIs
	}
	capabilities.APIVersions = slices.Concat(capabilities.APIVersions, request.APIVersions)
	return capabilities, nil
}

// makeScope gives what templates see as "." and checks the values against the charts' schemas.
func (r *rendering) makeScope(values map[string]any, capabilities *common.Capabilities) (common.Values, error) {
	chartFile := path.Join(r.request.Chart, "Chart.yaml")
	wanted := r.root.Metadata.KubeVersion
	if wanted != "" && !chartutil.IsCompatibleRange(wanted, capabilities.KubeVersion.String()) {
		return nil, failf(chartFile, "The chart asks for Kubernetes %s, which %s is not.", wanted, capabilities.KubeVersion.Version)
	}
	namespace := r.request.Namespace
	if namespace == "" {
		namespace = "default"
	}
	release := common.ReleaseOptions{Name: r.request.ReleaseName, Namespace: namespace, Revision: 1, IsInstall: true}
	scope, err := util.ToRenderValuesWithSchemaValidation(r.root, values, release, capabilities, true)
	if err != nil {
		return nil, failf(chartFile, "The values cannot be merged: %s", err)
	}
	coalesced, _ := scope["Values"].(common.Values)
	if coalesced == nil {
		coalesced, _ = scope["Values"].(map[string]any)
	}
	if failure := r.charts.checkSchemas(r.root, coalesced, r.layers); failure != nil {
		return nil, failure
	}
	return scope, nil
}

// readValues merges the values files; the later ones win, and are the first of the layers.
func readValues(tree *abi.Tree, files []string) (map[string]any, valuesLayers, error) {
	merged := map[string]any{}
	layers := valuesLayers{}
	for _, file := range files {
		if isURL(file) {
			return nil, nil, &abi.Failure{Kind: abi.RemoteInput, Message: fmt.Sprintf("The values file %s has to be fetched.", file)}
		}
		node, err := tree.Lookup(file)
		if err != nil {
			return nil, nil, err
		}
		if node.Kind != abi.File {
			return nil, nil, failf(file, "There is no values file %s.", file)
		}
		values, err := loader.LoadValues(strings.NewReader(string(node.Data)))
		if err != nil {
			return nil, nil, yamlFailure(file, err)
		}
		merged = loader.MergeMaps(merged, values)
		layers = append(layers, valuesLayer{file: file, text: node.Data})
	}
	slices.Reverse(layers)
	return merged, layers, nil
}

func isURL(name string) bool { return strings.Contains(name, "://") }
