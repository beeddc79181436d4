package main

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	crdvalidation "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	schemacel "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// resources are the kinds that the server would serve: the built-in ones and those of the tree's CRDs.
type resources struct {
	custom map[schema.GroupKind]*customKind
}

// customKind is a CustomResourceDefinition.
type customKind struct {
	source   *apiextensionsv1.CustomResourceDefinition
	versions map[string]*customVersion
	hasRules bool
	// isBroken: a rule does not compile or costs too much, which was told when it was loaded.
	isBroken bool
}

// customVersion is one served version with a schema.
type customVersion struct {
	structural *structuralschema.Structural
	properties *apiextensions.JSONSchemaProps
	hasStatus  bool
	// Compiled when first needed.
	rules     *schemacel.Validator
	schema    validation.SchemaValidator
	isChecked bool
}

func loadResources(crds []string) (*resources, []problem) {
	result := &resources{custom: map[schema.GroupKind]*customKind{}}
	var problems []problem
	for _, text := range crds {
		source := &apiextensionsv1.CustomResourceDefinition{}
		if err := utiljson.Unmarshal([]byte(text), source); err != nil {
			problems = append(problems, unreadableCRD(text)...)
			continue
		}
		custom, bad := readCRD(source, strings.Contains(text, `"x-kubernetes-validations"`))
		problems = append(problems, bad...)
		result.custom[schema.GroupKind{Group: source.Spec.Group, Kind: source.Spec.Names.Kind}] = custom
	}
	return result, problems
}

// unreadableCRD is a problem of policies only where the CRD has rules; the schema check tells of all.
func unreadableCRD(text string) []problem {
	if !strings.Contains(text, `"x-kubernetes-validations"`) {
		return nil
	}
	bad := unreadable("CustomResourceDefinition", subject{JSON: text})
	bad.Message = "This is no CustomResourceDefinition of apiextensions.k8s.io/v1: a field has the wrong type."
	return []problem{bad}
}

func readCRD(source *apiextensionsv1.CustomResourceDefinition, hasRules bool) (*customKind, []problem) {
	apiextensionsv1.SetDefaults_CustomResourceDefinition(source)
	custom := &customKind{source: source, versions: map[string]*customVersion{}, hasRules: hasRules}
	var problems []problem
	name := "CustomResourceDefinition/" + source.Name
	for i, version := range source.Spec.Versions {
		if version.Schema == nil || version.Schema.OpenAPIV3Schema == nil {
			continue
		}
		read, err := readVersion(version)
		if err != nil {
			custom.isBroken = true
			if hasRules {
				path := fmt.Sprintf("spec.versions[%d].schema.openAPIV3Schema", i)
				problems = append(problems, problem{name, path, "This schema is not structural: " + err.Error()})
			}
			continue
		}
		custom.versions[version.Name] = read
	}
	if hasRules && !custom.isBroken {
		problems = append(problems, validateRules(source, name)...)
		custom.isBroken = len(problems) > 0
	}
	return custom, problems
}

func readVersion(version apiextensionsv1.CustomResourceDefinitionVersion) (*customVersion, error) {
	internal := &apiextensions.JSONSchemaProps{}
	err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(version.Schema.OpenAPIV3Schema, internal, nil)
	if err != nil {
		return nil, err
	}
	structural, err := structuralschema.NewStructural(internal)
	if err != nil {
		return nil, err
	}
	structural = structural.DeepCopy()
	if err := defaulting.PruneDefaults(structural); err != nil {
		return nil, err
	}
	hasStatus := version.Subresources != nil && version.Subresources.Status != nil
	return &customVersion{structural: structural, properties: internal, hasStatus: hasStatus}, nil
}

// validateRules is the API server's check of a CRD when it is written, of which only what concerns rules is kept: that
// they compile, and what they may cost at worst.
func validateRules(source *apiextensionsv1.CustomResourceDefinition, name string) (problems []problem) {
	internal := &apiextensions.CustomResourceDefinition{}
	if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(source.DeepCopy(), internal, nil); err != nil {
		return []problem{{name, "", "This CustomResourceDefinition cannot be read: " + err.Error()}}
	}
	for _, failure := range crdvalidation.ValidateCustomResourceDefinition(context.Background(), internal) {
		isOfRules := strings.Contains(failure.Field, "x-kubernetes-validations") || strings.Contains(failure.Detail, "estimated rule cost")
		if !isOfRules {
			continue
		}
		// Schemas that are alike in all versions are moved to one place in the internal form.
		path := strings.Replace(failure.Field, "spec.validation.openAPIV3Schema", "spec.versions[0].schema.openAPIV3Schema", 1)
		problems = append(problems, problem{name, path, selfTypeName.ReplaceAllString(failure.Detail, "self")})
	}
	return problems
}

// read decodes a resource as the API server would, with its defaults.
func (r *resources) read(subject subject, root string) (*object, error) {
	fields, kind, err := decodeObject(subject.JSON)
	if err != nil {
		return nil, err
	}
	result := &object{kind: kind, root: root, sealed: subject.Sealed}
	switch version := r.version(kind); {
	case version != nil:
		for _, pointer := range subject.Sealed {
			putUnknown(fields, pointer, root)
		}
		version.complete(fields)
		result.fields, result.hasStatus = fields, version.hasStatus
	case builtIn.Recognizes(kind):
		if result.fields, err = readBuiltIn(subject.JSON, fields, kind); err != nil {
			return nil, err
		}
		result.hasStatus = hasStatus(result.fields, kind)
		fillDefaults(result.fields, kind, root)
	default:
		result.fields = fields
	}
	result.describe()
	return result, nil
}

func (r *resources) version(kind schema.GroupVersionKind) *customVersion {
	custom := r.custom[kind.GroupKind()]
	if custom == nil {
		return nil
	}
	return custom.versions[kind.Version]
}

// complete does to a custom resource what the API server does before anything looks at it: defaults, then what the
// schema does not have is dropped.
func (v *customVersion) complete(fields map[string]any) {
	defaulting.Default(fields, v.structural)
	defaulting.PruneNonNullableNullsWithoutDefaults(fields, v.structural)
	pruning.Prune(fields, v.structural, true)
}

func (v *customVersion) compile() error {
	if v.isChecked {
		return nil
	}
	schemaValidator, _, err := validation.NewSchemaValidator(v.properties)
	if err != nil {
		return err
	}
	v.schema = schemaValidator
	v.rules = schemacel.NewValidator(v.structural, true, celconfig.PerCallLimit)
	v.isChecked = true
	return nil
}

// equivalents are the other versions under which an object of a kind can be seen.
func (r *resources) equivalents(kind schema.GroupVersionKind, plural string) (others []equivalent) {
	add := func(version string) {
		if version != kind.Version {
			other := schema.GroupVersion{Group: kind.Group, Version: version}
			others = append(others, equivalent{other.WithKind(kind.Kind), other.WithResource(plural)})
		}
	}
	if custom := r.custom[kind.GroupKind()]; custom != nil {
		for _, version := range custom.source.Spec.Versions {
			if version.Served {
				add(version.Name)
			}
		}
		return others
	}
	for _, version := range builtIn.VersionsForGroupKind(kind.GroupKind()) {
		add(version.Version)
	}
	return others
}

// isNamespaced is true for kinds that nothing is known of: most are.
func (r *resources) isNamespaced(kind schema.GroupVersionKind) bool {
	if custom := r.custom[kind.GroupKind()]; custom != nil {
		return custom.source.Spec.Scope == apiextensionsv1.NamespaceScoped
	}
	return !clusterScoped[kind.GroupKind()]
}

func (r *resources) kindsWithRules() (kinds []string) {
	for kind, custom := range r.custom {
		if custom.hasRules {
			kinds = append(kinds, kind.Group+"/"+kind.Kind)
		}
	}
	return kinds
}
