import type { PolicyObject } from "./rule.ts";

const BUILT_IN_GROUPS = new Set([
  "",
  "apps",
  "autoscaling",
  "batch",
  "extensions",
  "policy",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "certificates.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "internal.apiserver.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
  "storagemigration.k8s.io",
]);

/**
 * Custom kinds that are known to make neither pods nor workloads, as whole groups or `<group>/<kind>`: rules about
 * pods that are missing speak in spite of them.
 */
const PODLESS = new Set([
  "acme.cert-manager.io",
  "autoscaling.k8s.io",
  "bitnami.com",
  "cert-manager.io",
  "cilium.io",
  "configuration.konghq.com",
  "crd.projectcalico.org",
  "external-secrets.io",
  "externaldns.k8s.io",
  "gateway.envoyproxy.io",
  "isindir.github.com",
  "k8s.nginx.org",
  "karpenter.sh",
  "karpenter.k8s.aws",
  "kyverno.io",
  "linkerd.io",
  "metallb.io",
  "networking.gke.io",
  "networking.istio.io",
  "onepassword.com",
  "policy.linkerd.io",
  "policy.networking.k8s.io",
  "projectcalico.org",
  "secrets.hashicorp.com",
  "secrets-store.csi.x-k8s.io",
  "security.istio.io",
  "snapshot.storage.k8s.io",
  "telemetry.istio.io",
  "traefik.containo.us",
  "traefik.io",
  "trust.cert-manager.io",
  "argoproj.io/AnalysisTemplate",
  "argoproj.io/AppProject",
  "argoproj.io/ClusterAnalysisTemplate",
  "argoproj.io/Rollout",
  "apps.openshift.io/DeploymentConfig",
  "gateway.networking.k8s.io/BackendTLSPolicy",
  "gateway.networking.k8s.io/GRPCRoute",
  "gateway.networking.k8s.io/GatewayClass",
  "gateway.networking.k8s.io/HTTPRoute",
  "gateway.networking.k8s.io/ReferenceGrant",
  "gateway.networking.k8s.io/TCPRoute",
  "gateway.networking.k8s.io/TLSRoute",
  "gateway.networking.k8s.io/UDPRoute",
  "grafana.integreatly.org/GrafanaDashboard",
  "grafana.integreatly.org/GrafanaDatasource",
  "grafana.integreatly.org/GrafanaFolder",
  "keda.sh/ClusterTriggerAuthentication",
  "keda.sh/ScaledJob",
  "keda.sh/ScaledObject",
  "keda.sh/TriggerAuthentication",
  "monitoring.coreos.com/AlertmanagerConfig",
  "monitoring.coreos.com/PodMonitor",
  "monitoring.coreos.com/Probe",
  "monitoring.coreos.com/PrometheusRule",
  "monitoring.coreos.com/ScrapeConfig",
  "monitoring.coreos.com/ServiceMonitor",
  "monitoring.googleapis.com/PodMonitoring",
  "operator.victoriametrics.com/VMPodScrape",
  "operator.victoriametrics.com/VMRule",
  "operator.victoriametrics.com/VMServiceScrape",
]);

export function isCustomKind({ manifest }: PolicyObject): boolean {
  return !BUILT_IN_GROUPS.has(manifest.resource.group);
}

/** Whether the object may lead to pods whose labels nobody knows: an operator's kind, an agent's, Knative's. */
export function mayMakeUnknownPods(object: PolicyObject): boolean {
  const { group, kind } = object.manifest.resource;
  return isCustomKind(object) && !PODLESS.has(group) && !PODLESS.has(`${group}/${kind}`);
}

/** Groups that make no pods and yet make ConfigMaps or Secrets, whose names their objects mention. */
const MAKERS = new Set(["cert-manager.io", "kyverno.io"]);

/** Whether the object may lead to ConfigMaps, Secrets or claims that the app does not show. */
export function mayMakeUnknownObjects(object: PolicyObject): boolean {
  return mayMakeUnknownPods(object) || MAKERS.has(object.manifest.resource.group);
}

/** Kinds that bring whole sets of other objects: nothing is missing for certain beside one of them. */
const BRINGERS = new Set([
  "app.k8s.io/Application",
  "argoproj.io/Application",
  "argoproj.io/ApplicationSet",
  "fleet.cattle.io/Bundle",
  "helm.cattle.io/HelmChart",
  "helm.toolkit.fluxcd.io/HelmRelease",
  "kustomize.toolkit.fluxcd.io/Kustomization",
]);

export function bringsOtherObjects({ manifest }: PolicyObject): boolean {
  return BRINGERS.has(`${manifest.resource.group}/${manifest.resource.kind}`);
}

/** Network policies of other makers, whose selectors have forms of their own. */
const OTHER_NETWORK_POLICIES = new Set([
  "cilium.io/CiliumClusterwideNetworkPolicy",
  "cilium.io/CiliumNetworkPolicy",
  "crd.projectcalico.org/GlobalNetworkPolicy",
  "crd.projectcalico.org/NetworkPolicy",
  "networking.gke.io/FQDNNetworkPolicy",
  "policy.networking.k8s.io/AdminNetworkPolicy",
  "policy.networking.k8s.io/BaselineAdminNetworkPolicy",
  "policy.networking.k8s.io/ClusterNetworkPolicy",
  "projectcalico.org/GlobalNetworkPolicy",
  "projectcalico.org/NetworkPolicy",
]);

/** Whether the object is a network policy of another maker than Kubernetes: for a namespace, or the whole cluster. */
export function otherNetworkPolicy({ manifest }: PolicyObject): "namespace" | "cluster" | undefined {
  const { group, kind } = manifest.resource;
  if (!OTHER_NETWORK_POLICIES.has(`${group}/${kind}`)) return undefined;
  return /Clusterwide|^(?:Global|Admin|Baseline|Cluster)/u.test(kind) ? "cluster" : "namespace";
}
