import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { diffManifests } from "../../../src/diff/index.ts";
import { usualListKeys } from "../../fakes/list-keys.ts";
import { buildManifests } from "../../fakes/manifests.ts";

function tellRisks(base: string, head: string): string[] {
  const changes = diffManifests(buildManifests(base), buildManifests(head), { listKeys: usualListKeys });
  return changes.flatMap((change) => change.risks.map((risk) => `${risk.level} ${risk.id}`));
}

/** One object of a kind, given as `group/version/Kind`, with the rest of its body in flow style. */
function object(type: string, body: string, metadata = ""): string {
  const [kind = "", ...version] = type.split("/").reverse();
  const apiVersion = version.reverse().join("/");
  return `---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: web${metadata === "" ? "" : `, ${metadata}`}}\n${body}\n`;
}

const pod = (container: string, spec = "x: y") =>
  object(
    "apps/v1/Deployment",
    `spec: {template: {spec: {${spec}, containers: [{name: main, image: a, ${container}}]}}}`,
  );
const rbac = (kind: string, body: string) => object(`rbac.authorization.k8s.io/v1/${kind}`, body);
const role = (rules: string) => rbac("ClusterRole", `rules: [${rules}]`);
const binding = (name: string, subjects: string) =>
  rbac("ClusterRoleBinding", `roleRef: {kind: ClusterRole, name: ${name}}\nsubjects: [${subjects}]`);
const crd = (versions: string, spec = "scope: Namespaced") =>
  object("apiextensions.k8s.io/v1/CustomResourceDefinition", `spec: {${spec}, versions: [${versions}]}`);
const claim = (size: string, spec = "storageClassName: fast") =>
  object("v1/PersistentVolumeClaim", `spec: {${spec}, resources: {requests: {storage: ${size}}}}`);
const service = (spec: string, metadata = "") => object("v1/Service", `spec: {${spec}}`, metadata);
const app = (prune: string) =>
  object("argoproj.io/v1alpha1/Application", `spec: {syncPolicy: {automated: {prune: ${prune}}}}`);

type Case = readonly [title: string, base: string, head: string, risks: readonly string[]];
const NONE = "";

const deletions: readonly Case[] = [
  ...["v1/PersistentVolumeClaim", "v1/PersistentVolume", "v1/Namespace", "apps/v1/StatefulSet"].map((type): Case => [
    `a deleted ${type}`,
    object(type, "spec: {a: 1}"),
    NONE,
    ["high prune-data"],
  ]),
  ["a deleted CRD", crd("{name: v1}"), NONE, ["high prune-data"]],
  ["a deleted Secret", object("v1/Secret", "data: {a: Yg==}"), NONE, ["high delete"]],
  ["a deleted Deployment", pod("x: y"), NONE, ["medium delete"]],
  ["a deleted ConfigMap", object("v1/ConfigMap", "data: {a: b}"), NONE, ["medium delete"]],
  [
    "a deleted privileged Deployment is told as deleted only",
    pod("securityContext: {privileged: true}"),
    NONE,
    ["medium delete"],
  ],
  ["a deleted NetworkPolicy", object("networking.k8s.io/v1/NetworkPolicy", "spec: {}"), NONE, ["high guard-removed"]],
  [
    "a deleted PodDisruptionBudget",
    object("policy/v1/PodDisruptionBudget", "spec: {}"),
    NONE,
    ["medium guard-removed"],
  ],
  [
    "a deleted claim that Helm keeps",
    object("v1/PersistentVolumeClaim", "spec: {}", 'annotations: {"helm.sh/resource-policy": keep}'),
    NONE,
    ["medium delete"],
  ],
  [
    "a deleted claim that Argo CD keeps",
    object(
      "v1/PersistentVolumeClaim",
      "spec: {}",
      'annotations: {"argocd.argoproj.io/sync-options": "Prune=false,Validate=false"}',
    ),
    NONE,
    ["medium delete"],
  ],
  [
    "a removed hook is not deleted",
    object("batch/v1/Job", "spec: {}", 'annotations: {"helm.sh/hook": post-install}'),
    NONE,
    [],
  ],
  [
    "a deleted Application that cascades",
    object("argoproj.io/v1alpha1/Application", "spec: {}", "finalizers: [resources-finalizer.argocd.argoproj.io]"),
    NONE,
    ["high prune-data"],
  ],
  [
    "a deleted Application that does not",
    object("argoproj.io/v1alpha1/Application", "spec: {}"),
    NONE,
    ["medium delete"],
  ],
  [
    "a deleted Flux Kustomization that prunes",
    object("kustomize.toolkit.fluxcd.io/v1/Kustomization", "spec: {prune: true}"),
    NONE,
    ["high prune-data"],
  ],
  [
    "a claim that moves",
    object("v1/PersistentVolumeClaim", "spec: {a: 1, b: 2}", "namespace: a"),
    object("v1/PersistentVolumeClaim", "spec: {a: 1, b: 2}", "namespace: b"),
    ["high moved-namespace"],
  ],
  [
    "a Secret with a new hash suffix",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: s-2456789bcd}\nimmutable: true\ndata: {a: Yg==}",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: s-2456789bch}\nimmutable: true\ndata: {a: Yw==}",
    [],
  ],
  [
    "a renamed StatefulSet",
    "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: a}\nspec: {replicas: 1, serviceName: s}",
    "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: b}\nspec: {replicas: 1, serviceName: s}",
    ["high renamed"],
  ],
];

const immutables: readonly (readonly [type: string, before: string, after: string])[] = [
  ["apps/v1/Deployment", "spec: {selector: {matchLabels: {a: b}}}", "spec: {selector: {matchLabels: {a: c}}}"],
  ["apps/v1/DaemonSet", "spec: {selector: {matchLabels: {a: b}}}", "spec: {selector: {matchLabels: {a: c}}}"],
  ["apps/v1/StatefulSet", "spec: {serviceName: a}", "spec: {serviceName: b}"],
  ["apps/v1/StatefulSet", "spec: {podManagementPolicy: OrderedReady}", "spec: {podManagementPolicy: Parallel}"],
  [
    "apps/v1/StatefulSet",
    "spec: {volumeClaimTemplates: [{metadata: {name: a}, spec: {storageClassName: x}}]}",
    "spec: {volumeClaimTemplates: [{metadata: {name: a}, spec: {storageClassName: y}}]}",
  ],
  ["v1/Service", "spec: {clusterIP: None}", "spec: {clusterIP: 10.0.0.1}"],
  [
    "batch/v1/Job",
    "spec: {template: {spec: {restartPolicy: Never}}}",
    "spec: {template: {spec: {restartPolicy: OnFailure}}}",
  ],
  ["batch/v1/Job", "spec: {completions: 1}", "spec: {completions: 2}"],
  ["v1/PersistentVolumeClaim", "spec: {storageClassName: a}", "spec: {storageClassName: b}"],
  ["v1/PersistentVolumeClaim", "spec: {accessModes: [ReadWriteOnce]}", "spec: {accessModes: [ReadWriteMany]}"],
  ["v1/PersistentVolume", "spec: {nfs: {server: a}}", "spec: {nfs: {server: b}}"],
  ["storage.k8s.io/v1/StorageClass", "provisioner: a", "provisioner: b"],
  ["storage.k8s.io/v1/StorageClass", "parameters: {type: a}", "parameters: {type: b}"],
  ["rbac.authorization.k8s.io/v1/RoleBinding", "roleRef: {name: a}", "roleRef: {name: b}"],
  ["v1/Secret", "type: Opaque", "type: kubernetes.io/tls"],
  ["v1/Secret", "immutable: true\ndata: {a: Yg==}", "immutable: true\ndata: {a: Yw==}"],
  ["v1/ConfigMap", "immutable: true\ndata: {a: b}", "data: {a: b}"],
  ["networking.k8s.io/v1/IngressClass", "spec: {controller: a}", "spec: {controller: b}"],
  ["apiextensions.k8s.io/v1/CustomResourceDefinition", "spec: {scope: Cluster}", "spec: {scope: Namespaced}"],
  ["apiextensions.k8s.io/v1/CustomResourceDefinition", "spec: {names: {kind: A}}", "spec: {names: {kind: B}}"],
  ["scheduling.k8s.io/v1/PriorityClass", "value: 1", "value: 2"],
  ["v1/Pod", "spec: {nodeName: a}", "spec: {nodeName: b}"],
];

const changes: readonly Case[] = [
  ...immutables.map(([type, before, after]): Case => [
    `${type}: ${after}`,
    object(type, before),
    object(type, after),
    ["high immutable-field"],
  ]),
  ["a mutable ConfigMap's data", object("v1/ConfigMap", "data: {a: b}"), object("v1/ConfigMap", "data: {a: c}"), []],
  [
    "a StatefulSet's template",
    object("apps/v1/StatefulSet", "spec: {template: {a: 1}}"),
    object("apps/v1/StatefulSet", "spec: {template: {a: 2}}"),
    [],
  ],
  [
    "a CronJob's template",
    object("batch/v1/CronJob", "spec: {jobTemplate: {spec: {template: {a: 1}}}}"),
    object("batch/v1/CronJob", "spec: {jobTemplate: {spec: {template: {a: 2}}}}"),
    [],
  ],
  [
    "a hook Job's template",
    object("batch/v1/Job", "spec: {template: {a: 1}}", 'annotations: {"helm.sh/hook": test}'),
    object("batch/v1/Job", "spec: {template: {a: 2}}", 'annotations: {"helm.sh/hook": test}'),
    [],
  ],
  [
    "a forced Job's template",
    object(
      "batch/v1/Job",
      "spec: {template: {a: 1}}",
      'annotations: {"argocd.argoproj.io/sync-options": "Replace=true, Force=true"}',
    ),
    object(
      "batch/v1/Job",
      "spec: {template: {a: 2}}",
      'annotations: {"argocd.argoproj.io/sync-options": "Replace=true, Force=true"}',
    ),
    ["medium recreated"],
  ],
  [
    "a replaced Job's template",
    object(
      "batch/v1/Job",
      "spec: {template: {a: 1}}",
      'annotations: {"argocd.argoproj.io/sync-options": "Replace=true"}',
    ),
    object(
      "batch/v1/Job",
      "spec: {template: {a: 2}}",
      'annotations: {"argocd.argoproj.io/sync-options": "Replace=true"}',
    ),
    ["high immutable-field"],
  ],
  [
    "a Service that turns into an alias",
    service("clusterIP: 10.0.0.1, type: ClusterIP"),
    service("type: ExternalName, externalName: a.example.org"),
    [],
  ],
  ["a claim that shrinks", claim("10Gi"), claim("9Gi"), ["high volume-shrink"]],
  [
    "a claim that shrinks by less than a double can tell",
    claim("9007199254740993"),
    claim("9007199254740992"),
    ["high volume-shrink"],
  ],
  ["a claim that shrinks across units", claim("1Ti"), claim("1T"), ["high volume-shrink"]],
  ["a claim that grows", claim("900Mi"), claim("1Gi"), []],
  ["a claim in other words", claim("1Gi"), claim("1024Mi"), []],
  [
    "an operator's volume that shrinks",
    object("db.example.org/v1/Cluster", "spec: {storage: {size: 20Gi}}"),
    object("db.example.org/v1/Cluster", "spec: {storage: {size: 10Gi}}"),
    ["high volume-shrink"],
  ],
  [
    "replicas to zero",
    object("apps/v1/Deployment", "spec: {replicas: 3}"),
    object("apps/v1/Deployment", "spec: {replicas: 0}"),
    ["high scaled-to-zero"],
  ],
  [
    "replicas to zero from the default",
    object("apps/v1/Deployment", "spec: {}"),
    object("apps/v1/Deployment", "spec: {replicas: 0}"),
    ["high scaled-to-zero"],
  ],
  [
    "replicas to one",
    object("apps/v1/Deployment", "spec: {replicas: 3}"),
    object("apps/v1/Deployment", "spec: {replicas: 1}"),
    [],
  ],
  [
    "a CronJob that is suspended",
    object("batch/v1/CronJob", "spec: {suspend: false}"),
    object("batch/v1/CronJob", "spec: {suspend: true}"),
    ["medium suspended"],
  ],

  [
    "a role with a new verb",
    role("{apiGroups: [apps], resources: [deployments], verbs: [get]}"),
    role("{apiGroups: [apps], resources: [deployments], verbs: [get, delete]}"),
    ["medium rbac-widened"],
  ],
  [
    "a role with a new resource that leads further",
    role("{apiGroups: [''], resources: [pods], verbs: [get]}"),
    role("{apiGroups: [''], resources: [pods, secrets], verbs: [get]}"),
    ["high rbac-widened"],
  ],
  [
    "a role with a wildcard",
    role("{apiGroups: [''], resources: [pods], verbs: [get]}"),
    role("{apiGroups: [''], resources: [pods], verbs: ['*']}"),
    ["high rbac-widened"],
  ],
  [
    "a role whose rules are put another way",
    role("{apiGroups: [''], resources: [pods, services], verbs: [get]}"),
    role("{apiGroups: [''], resources: [pods], verbs: [get]}, {apiGroups: [''], resources: [services], verbs: [get]}"),
    [],
  ],
  [
    "a role that is narrowed from a wildcard",
    role("{apiGroups: ['*'], resources: ['*'], verbs: ['*']}"),
    role("{apiGroups: [''], resources: [secrets], verbs: [get]}"),
    [],
  ],
  [
    "a role that loses its limit to names",
    role("{apiGroups: [''], resources: [configmaps], resourceNames: [a], verbs: [get]}"),
    role("{apiGroups: [''], resources: [configmaps], verbs: [get]}"),
    ["medium rbac-widened"],
  ],
  [
    "a role with a new URL",
    role("{nonResourceURLs: [/healthz], verbs: [get]}"),
    role("{nonResourceURLs: [/healthz, /metrics], verbs: [get]}"),
    ["medium rbac-widened"],
  ],
  [
    "a role that aggregates",
    rbac("ClusterRole", "rules: []"),
    rbac("ClusterRole", "rules: []\naggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}"),
    ["medium rbac-widened"],
  ],
  [
    "a role with more rules than can be compared",
    role(""),
    role(
      `{apiGroups: [a], verbs: [${Array.from({ length: 80 }, (_, index) => `v${index}`).join()}], resources: [${Array.from({ length: 80 }, (_, index) => `r${index}`).join()}]}`,
    ),
    ["high rbac-widened"],
  ],
  [
    "a binding with a new subject",
    binding("view", "{kind: User, name: a}"),
    binding("view", "{kind: User, name: a}, {kind: User, name: b}"),
    ["medium rbac-widened"],
  ],
  [
    "a binding that loses a subject",
    binding("view", "{kind: User, name: a}, {kind: User, name: b}"),
    binding("view", "{kind: User, name: a}"),
    [],
  ],
  [
    "a binding that lets everybody in",
    binding("view", "{kind: User, name: a}"),
    binding("view", "{kind: User, name: a}, {kind: Group, name: 'system:authenticated'}"),
    ["high rbac-widened"],
  ],
  [
    "a binding that becomes cluster-admin's",
    binding("view", "{kind: User, name: a}"),
    binding("cluster-admin", "{kind: User, name: a}"),
    ["high immutable-field", "high rbac-widened"],
  ],

  ["privileged", pod("x: y"), pod("securityContext: {privileged: true}"), ["high privilege-gained"]],
  [
    "privileged in a new init container",
    pod("x: y"),
    pod("x: y", "initContainers: [{name: i, securityContext: {privileged: true}}]"),
    ["high privilege-gained"],
  ],
  ["host network", pod("x: y"), pod("x: y", "hostNetwork: true"), ["high host-access"]],
  ["a host path", pod("x: y"), pod("x: y", "volumes: [{name: v, hostPath: {path: /}}]"), ["high host-access"]],
  [
    "a host port",
    pod("ports: [{containerPort: 80}]"),
    pod("ports: [{containerPort: 80, hostPort: 80}]"),
    ["medium host-access"],
  ],
  [
    "a grave capability",
    pod("x: y"),
    pod("securityContext: {capabilities: {add: [SYS_ADMIN]}}"),
    ["high privilege-gained"],
  ],
  [
    "a small capability",
    pod("x: y"),
    pod("securityContext: {capabilities: {add: [CAP_NET_BIND_SERVICE]}}"),
    ["medium privilege-gained"],
  ],
  [
    "privilege escalation that was refused",
    pod("securityContext: {allowPrivilegeEscalation: false}"),
    pod("securityContext: {allowPrivilegeEscalation: true}"),
    ["medium privilege-gained"],
  ],
  [
    "privilege escalation no longer refused",
    pod("securityContext: {allowPrivilegeEscalation: false}"),
    pod("securityContext: {a: b}"),
    ["medium hardening-dropped"],
  ],
  [
    "root by number",
    pod("securityContext: {runAsUser: 1000}"),
    pod("securityContext: {runAsUser: 0}"),
    ["medium privilege-gained"],
  ],
  [
    "root by the pod's default",
    pod("x: y"),
    pod("x: y", "securityContext: {runAsUser: 0}"),
    ["medium privilege-gained"],
  ],
  [
    "root no longer refused",
    pod("securityContext: {runAsNonRoot: true}"),
    pod("securityContext: {a: b}"),
    ["medium hardening-dropped"],
  ],
  [
    "root refused by the pod instead of the container",
    pod("securityContext: {runAsNonRoot: true}"),
    pod("x: y", "securityContext: {runAsNonRoot: true}"),
    [],
  ],
  [
    "no seccomp profile",
    pod("x: y"),
    pod("x: y", "securityContext: {seccompProfile: {type: Unconfined}}"),
    ["medium privilege-gained"],
  ],
  ["a new container without guards", pod("x: y"), pod("x: y", "initContainers: [{name: i}]"), []],
  [
    "privileges that stay",
    pod("image: a, securityContext: {privileged: true}").replace("image: a, image", "image"),
    pod("image: b, securityContext: {privileged: true}").replace("image: a, image", "image"),
    [],
  ],
  [
    "privileged in a CronJob",
    object("batch/v1/CronJob", "spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a}]}}}}}"),
    object(
      "batch/v1/CronJob",
      "spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, securityContext: {privileged: true}}]}}}}}",
    ),
    ["high privilege-gained"],
  ],
  [
    "privileged in a custom resource",
    object("example.org/v1/Runner", "spec: {pods: [{name: p, spec: {containers: [{name: a}]}}]}"),
    object(
      "example.org/v1/Runner",
      "spec: {pods: [{name: p, spec: {containers: [{name: a, securityContext: {privileged: true}}]}}]}",
    ),
    ["high privilege-gained"],
  ],
  [
    "a laxer Pod Security Standard",
    object("v1/Namespace", "", "labels: {pod-security.kubernetes.io/enforce: restricted}"),
    object("v1/Namespace", "", "labels: {pod-security.kubernetes.io/enforce: baseline}"),
    ["high pod-security-lowered"],
  ],
  [
    "no Pod Security Standard any more",
    object("v1/Namespace", "", "labels: {pod-security.kubernetes.io/enforce: baseline}"),
    object("v1/Namespace", ""),
    ["high pod-security-lowered"],
  ],
  [
    "a stricter Pod Security Standard",
    object("v1/Namespace", ""),
    object("v1/Namespace", "", "labels: {pod-security.kubernetes.io/enforce: baseline}"),
    [],
  ],

  [
    "a Service that becomes a load balancer",
    service("type: ClusterIP"),
    service("type: LoadBalancer"),
    ["medium service-exposed"],
  ],
  [
    "a Service that becomes a node port by default before",
    service("a: b"),
    service("type: NodePort"),
    ["medium service-exposed"],
  ],
  ["a Service that draws back", service("type: LoadBalancer"), service("type: ClusterIP"), []],
  ["an external address", service("a: b"), service("externalIPs: [192.0.2.1]"), ["high service-exposed"]],
  [
    "a load balancer no longer internal",
    service("type: LoadBalancer", 'annotations: {service.beta.kubernetes.io/aws-load-balancer-internal: "true"}'),
    service("type: LoadBalancer"),
    ["high service-exposed"],
  ],
  [
    "source ranges dropped",
    service("type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8]"),
    service("type: LoadBalancer"),
    ["high service-exposed"],
  ],
  [
    "a new Ingress host",
    object("networking.k8s.io/v1/Ingress", "spec: {rules: [{host: a.example.org}]}"),
    object("networking.k8s.io/v1/Ingress", "spec: {rules: [{host: a.example.org}, {host: b.example.org}]}"),
    ["medium host-exposed"],
  ],
  [
    "an Ingress for every host",
    object("networking.k8s.io/v1/Ingress", "spec: {rules: [{host: a.example.org}]}"),
    object("networking.k8s.io/v1/Ingress", "spec: {rules: [{host: a.example.org}, {http: {paths: []}}]}"),
    ["medium host-exposed"],
  ],
  [
    "a new route host",
    object("gateway.networking.k8s.io/v1/HTTPRoute", "spec: {hostnames: [a]}"),
    object("gateway.networking.k8s.io/v1/HTTPRoute", "spec: {hostnames: [a, b]}"),
    ["medium host-exposed"],
  ],

  [
    "a CRD version removed",
    crd("{name: v1, served: true, storage: false}, {name: v2, served: true, storage: true}"),
    crd("{name: v2, served: true, storage: true}"),
    ["high crd-version"],
  ],
  [
    "a CRD version no longer served",
    crd("{name: v1, served: true}, {name: v2, served: true, storage: true}"),
    crd("{name: v1, served: false}, {name: v2, served: true, storage: true}"),
    ["medium crd-version"],
  ],
  [
    "another stored version",
    crd("{name: v1, served: true, storage: true}, {name: v2, served: true, storage: false}"),
    crd("{name: v1, served: true, storage: false}, {name: v2, served: true, storage: true}"),
    ["medium crd-version"],
  ],

  ["Argo CD prune switched on", app("false"), app("true"), ["high prune-enabled"]],
  ["Argo CD prune switched off", app("true"), app("false"), []],
  [
    "Flux prune switched on",
    object("kustomize.toolkit.fluxcd.io/v1/Kustomization", "spec: {prune: false}"),
    object("kustomize.toolkit.fluxcd.io/v1/Kustomization", "spec: {prune: true}"),
    ["high prune-enabled"],
  ],
  [
    "a finalizer removed",
    object("v1/Namespace", "", "finalizers: [a, b]"),
    object("v1/Namespace", "", "finalizers: [b]"),
    ["medium finalizer-removed"],
  ],
  [
    "Helm no longer keeps it",
    object("v1/ConfigMap", "", 'annotations: {"helm.sh/resource-policy": keep}'),
    object("v1/ConfigMap", ""),
    ["medium protection-removed"],
  ],
  [
    "Flux prunes it again",
    object("v1/ConfigMap", "", "annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}"),
    object("v1/ConfigMap", ""),
    ["medium protection-removed"],
  ],
];

const additions: readonly Case[] = [
  ["a new privileged Deployment", NONE, pod("securityContext: {privileged: true}"), ["high privilege-gained"]],
  ["a new Deployment on the host's network", NONE, pod("x: y", "hostNetwork: true"), ["high host-access"]],
  ["a new ordinary Deployment", NONE, pod("x: y"), []],
  [
    "a new role with wildcards",
    NONE,
    role("{apiGroups: ['*'], resources: ['*'], verbs: ['*']}"),
    ["high rbac-widened"],
  ],
  ["a new ordinary role", NONE, role("{apiGroups: [''], resources: [pods], verbs: [get]}"), []],
  ["a new binding to cluster-admin", NONE, binding("cluster-admin", "{kind: User, name: a}"), ["high rbac-widened"]],
  ["a new ordinary binding", NONE, binding("view", "{kind: User, name: a}"), []],
  ["a new load balancer", NONE, service("type: LoadBalancer"), ["medium service-exposed"]],
  ["a new inner Service", NONE, service("type: ClusterIP"), []],
  ["a new Deployment with no replicas", NONE, object("apps/v1/Deployment", "spec: {replicas: 0}"), []],
];

for (const [title, cases] of [
  ["deletions", deletions],
  ["changes", changes],
  ["additions", additions],
] as const) {
  describe(`risks of ${title}`, () => {
    for (const [name, base, head, risks] of cases) {
      it(`${name}: ${risks.length === 0 ? "none" : risks.join(", ")}`, () =>
        assert.deepEqual(tellRisks(base, head), risks));
    }
  });
}

describe("words of a risk", () => {
  it("name what is gained, with hostile names quoted and bounded", () => {
    const head = pod(`securityContext: {capabilities: {add: ["SYS_ADMIN\\u202e${"x".repeat(200)}"]}}`);
    const [change] = diffManifests(buildManifests(pod("x: y")), buildManifests(head), { listKeys: usualListKeys });
    const message = change?.risks[0]?.message ?? "";
    assert.match(message, /^Gains privileges: capability "SYS_ADMIN\\u202ex+…" in container "main"\.$/u);
    assert.ok(message.length < 160);
  });

  it("have numbers and quantities as they stand, and quote any other text", () => {
    const tell = (base: string, head: string): string | undefined =>
      diffManifests(buildManifests(base), buildManifests(head), { listKeys: usualListKeys })[0]?.risks[0]?.message;
    const replicas = (count: string) => object("apps/v1/Deployment", `spec: {replicas: ${count}}`);
    assert.equal(tell(replicas("4"), replicas("0")), "Is scaled from 4 to 0 replicas.");
    assert.equal(tell(replicas('"four \\u202e"'), replicas("0")), 'Is scaled from "four \\u202e" to 0 replicas.');
    assert.match(tell(claim("1Ti"), claim("500Gi")) ?? "", / shrinks from 1Ti to 500Gi: volumes cannot shrink\.$/u);
    assert.match(tell(pod("a: b"), pod("ports: [{hostPort: 80}]")) ?? "", /: host port 80 in container "main"\.$/u);
  });

  it("put the most dangerous change first", () => {
    const changed = diffManifests(
      buildManifests(claim("10Gi") + object("v1/ConfigMap", "data: {a: b}") + object("v1/Service", "spec: {a: 1}")),
      buildManifests(claim("1Gi") + object("v1/Service", "spec: {a: 2}")),
      { listKeys: usualListKeys },
    );
    assert.deepEqual(
      changed.map((change) => change.resource.kind),
      ["PersistentVolumeClaim", "ConfigMap", "Service"],
    );
  });
});
