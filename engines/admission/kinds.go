package main

import (
	admissionregistration "k8s.io/api/admissionregistration/v1"
	apps "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	batch "k8s.io/api/batch/v1"
	certificates "k8s.io/api/certificates/v1"
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	flowcontrol "k8s.io/api/flowcontrol/v1"
	networking "k8s.io/api/networking/v1"
	node "k8s.io/api/node/v1"
	disruption "k8s.io/api/policy/v1"
	rbac "k8s.io/api/rbac/v1"
	scheduling "k8s.io/api/scheduling/v1"
	storage "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
)

// builtIn knows the kinds of Kubernetes that are stable and that people keep in repositories. An object of any other
// built-in version is taken as its manifest has it.
var builtIn = newBuiltIn()

func newBuiltIn() *runtime.Scheme {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		admissionregistration.AddToScheme, apps.AddToScheme, autoscalingv1.AddToScheme, autoscaling.AddToScheme,
		batch.AddToScheme, certificates.AddToScheme, coordination.AddToScheme, core.AddToScheme, discovery.AddToScheme,
		flowcontrol.AddToScheme, networking.AddToScheme, node.AddToScheme, disruption.AddToScheme, rbac.AddToScheme,
		scheduling.AddToScheme, storage.AddToScheme,
	} {
		utilruntime.Must(add(scheme))
	}
	return scheme
}

// clusterScoped are the built-in kinds that have no namespace.
var clusterScoped = map[schema.GroupKind]bool{
	{Kind: "ComponentStatus"}: true, {Kind: "Namespace"}: true, {Kind: "Node"}: true, {Kind: "PersistentVolume"}: true,
	{Group: "admissionregistration.k8s.io", Kind: "MutatingWebhookConfiguration"}:     true,
	{Group: "admissionregistration.k8s.io", Kind: "ValidatingAdmissionPolicy"}:        true,
	{Group: "admissionregistration.k8s.io", Kind: "ValidatingAdmissionPolicyBinding"}: true,
	{Group: "admissionregistration.k8s.io", Kind: "ValidatingWebhookConfiguration"}:   true,
	{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}:                 true,
	{Group: "apiregistration.k8s.io", Kind: "APIService"}:                             true,
	{Group: "certificates.k8s.io", Kind: "CertificateSigningRequest"}:                 true,
	{Group: "flowcontrol.apiserver.k8s.io", Kind: "FlowSchema"}:                       true,
	{Group: "flowcontrol.apiserver.k8s.io", Kind: "PriorityLevelConfiguration"}:       true,
	{Group: "networking.k8s.io", Kind: "IngressClass"}:                                true,
	{Group: "networking.k8s.io", Kind: "IPAddress"}:                                   true,
	{Group: "networking.k8s.io", Kind: "ServiceCIDR"}:                                 true,
	{Group: "node.k8s.io", Kind: "RuntimeClass"}:                                      true,
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole"}:                         true,
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRoleBinding"}:                  true,
	{Group: "scheduling.k8s.io", Kind: "PriorityClass"}:                               true,
	{Group: "storage.k8s.io", Kind: "CSIDriver"}:                                      true,
	{Group: "storage.k8s.io", Kind: "CSINode"}:                                        true,
	{Group: "storage.k8s.io", Kind: "StorageClass"}:                                   true,
	{Group: "storage.k8s.io", Kind: "VolumeAttachment"}:                               true,
	{Group: "storage.k8s.io", Kind: "VolumeAttributesClass"}:                          true,
}

// hasStatus tells whether a built-in kind has a status, which those who apply it cannot set.
func hasStatus(fields map[string]any, kind schema.GroupVersionKind) bool {
	_, isWritten := fields["status"]
	return isWritten && builtIn.Recognizes(kind)
}

// kinds are all that the set can say anything about; nil where a policy names a resource whose kind is not known here.
func (s *policySet) kinds() []string {
	named := s.resources.kindsWithRules()
	plurals := s.resources.plurals()
	for _, policy := range s.policies {
		for _, rule := range policy.constraints.ResourceRules {
			for _, group := range rule.APIGroups {
				for _, resource := range rule.Resources {
					kind, isKnown := plurals[schema.GroupResource{Group: group, Resource: resource}]
					if !isKnown {
						return nil
					}
					named = append(named, group+"/"+kind)
				}
			}
		}
	}
	if named == nil {
		return []string{}
	}
	return sortedUnique(named)
}

func (r *resources) plurals() map[schema.GroupResource]string {
	plurals := map[schema.GroupResource]string{}
	for kind := range builtIn.AllKnownTypes() {
		plural, _ := meta.UnsafeGuessKindToResource(kind)
		plurals[plural.GroupResource()] = kind.Kind
	}
	for kind, custom := range r.custom {
		plurals[schema.GroupResource{Group: kind.Group, Resource: custom.source.Spec.Names.Plural}] = kind.Kind
	}
	return plurals
}
