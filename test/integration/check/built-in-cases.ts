import { makeUp, printPodWith } from "../../fakes/made-up-secrets.ts";

/** Resources with which a rule has nothing to say, and some with which it has. */
export interface RuleCase {
  readonly passing: string;
  /** Ends the lines on which it speaks with `# told`. */
  readonly failing: string;
}

/** For each built-in rule a case that passes and one that fails, as alike as can be. Each is a file of an app of its own. */
export const RULE_CASES: ReadonlyMap<string, RuleCase> = new Map(
  Object.entries({
    "api-deprecated": {
      passing: resource("resource.k8s.io/v1", "DeviceClass", "spec: {}"),
      failing: resource("resource.k8s.io/v1beta2 # told", "DeviceClass", "spec: {}"),
    },
    "api-removed": {
      passing: resource("policy/v1", "PodDisruptionBudget", "spec: { maxUnavailable: 1 }"),
      failing: resource("policy/v1beta1 # told", "PodDisruptionBudget", "spec: { maxUnavailable: 1 }"),
    },
    "api-removed-next": {
      passing: resource("networking.k8s.io/v1", "ServiceCIDR", "spec: { cidrs: [10.0.0.0/24] }"),
      failing: resource("networking.k8s.io/v1beta1 # told", "ServiceCIDR", "spec: { cidrs: [10.0.0.0/24] }"),
    },
    credential: {
      passing: printPodWith("GITHUB_TOKEN", "to-be-replaced"),
      failing: printPodWith("GITHUB_TOKEN", `ghp_${makeUp("github", 36)} # told`),
    },
    "high-entropy": {
      passing: printPodWith("API_SECRET", "the-name-of-a-thing"),
      failing: printPodWith("API_SECRET", `${makeUp("random", 40)}z # told`),
    },
    "host-access": {
      passing: workload({ container: "ports: [{ containerPort: 80 }]" }),
      failing: workload({ container: "ports:\n            - containerPort: 80\n              hostPort: 80 # told" }),
    },
    "hpa-replicas": {
      passing: `${workload({ spec: "minReadySeconds: 3" })}---\n${scaler()}`,
      failing: `${workload({ spec: "replicas: 3 # told" })}---\n${scaler()}`,
    },
    "image-digest": {
      passing: workload({ image: `registry.example/web:1.0@sha256:${"a".repeat(64)}` }),
      failing: workload({ image: "registry.example/web:1.0 # told" }),
    },
    "image-registry": {
      passing: workload({ image: "registry.example/web:1.0" }),
      failing: workload({ image: "elsewhere.example/web:1.0 # told" }),
    },
    "image-tag": {
      passing: workload({ image: "registry.example/web:1.0" }),
      failing: workload({ image: "registry.example/web:latest # told" }),
    },
    "ingress-collision": {
      passing: `${ingress("one", "one.example")}---\n${ingress("two", "two.example")}`,
      failing: `${ingress("one", "shop.example", " # told")}---\n${ingress("two", "shop.example", " # told")}`,
    },
    "network-policy-absent": {
      passing: `${workload()}---\n${resource("networking.k8s.io/v1", "NetworkPolicy", "spec: { podSelector: { matchLabels: { app: web } } }")}`,
      failing: `${markFirst(workload())}---\n${resource("networking.k8s.io/v1", "NetworkPolicy", "spec: { podSelector: { matchLabels: { app: api } } }")}`,
    },
    "pdb-absent": {
      passing: workload({ spec: "replicas: 1" }),
      failing: markFirst(workload({ spec: "replicas: 2" })),
    },
    "pod-security-baseline": {
      passing: workload({ container: "securityContext: { procMount: Default }" }),
      failing: workload({ container: "securityContext:\n            procMount: Unmasked # told" }),
    },
    "pod-security-restricted": {
      passing: workload({
        pod: "securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }",
        container: "securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }",
      }),
      failing: workload({
        pod: "securityContext:\n        runAsNonRoot: false # told\n        seccompProfile: { type: RuntimeDefault }",
        container: "securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }",
      }),
    },
    "privilege-gained": {
      passing: workload({ container: "securityContext: { privileged: false }" }),
      failing: workload({ container: "securityContext:\n            privileged: true # told" }),
    },
    "probes-missing": {
      passing: workload({
        container: "ports: [{ containerPort: 80 }]\n          readinessProbe: { tcpSocket: { port: 80 } }",
      }),
      failing: workload({ container: "ports: [{ containerPort: 80 }]" }).replace("- name: web", "- name: web # told"),
    },
    "rbac-escalation": {
      passing: role("resources: [clusterroles]\n    verbs: [get]"),
      failing: role("resources: [clusterroles]\n    verbs:\n      - escalate # told"),
    },
    "rbac-wildcard": {
      passing: role("resources: [roles]\n    verbs: [get]"),
      failing: role("resources: [roles]\n    verbs:\n      - '*' # told"),
    },
    "reference-missing": {
      passing: `${workload({ container: "envFrom: [{ configMapRef: { name: web } }]" })}---\n${resource("v1", "ConfigMap", "data: { a: b }")}`,
      failing: workload({ container: "envFrom:\n            - configMapRef:\n                name: web # told" }),
    },
    "resources-missing": {
      passing: workload({ container: "resources: { limits: { cpu: 1, memory: 1Gi } }" }),
      failing: workload({ container: "resources: # told\n            limits: { cpu: 1 }" }),
    },
    "secret-plaintext": {
      passing: resource("v1", "Secret", 'stringData:\n  password: ""'),
      failing: resource("v1", "Secret", "stringData:\n  password: hunter22 # told"),
    },
    "selector-matches-nothing": {
      passing: `${workload()}---\n${budget("web")}`,
      failing: `${workload()}---\n${budget("wbe", " # told")}`,
    },
    "selector-mismatch": {
      passing: workload(),
      failing: workload().replace("matchLabels:\n      app: web", "matchLabels:\n      app: wbe # told"),
    },
    "service-without-endpoints": {
      passing: `${workload()}---\n${service("web")}`,
      failing: `${workload()}---\n${service("wbe", " # told")}`,
    },
  }),
);

function resource(apiVersion: string, kind: string, body: string): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: web\n${body}\n`;
}

/** A finding about a resource as a whole stands on its first line. */
function markFirst(text: string): string {
  return text.replace("\n", " # told\n");
}

function workload({ image = "registry.example/web:1.0", container = "", pod = "", spec = "" } = {}): string {
  const lines = (indent: string, text: string): string => (text === "" ? "" : `\n${indent}${text}`);
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:${lines("  ", spec)}
  selector:
    matchLabels:
      app: web
  template:
    metadata: { labels: { app: web } }
    spec:${lines("      ", pod)}
      containers:
        - name: web
          image: ${image}${lines("          ", container)}
`;
}

function scaler(): string {
  const target = "scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }";
  return resource("autoscaling/v2", "HorizontalPodAutoscaler", `spec: { ${target}, minReplicas: 2, maxReplicas: 5 }`);
}

function ingress(name: string, host: string, mark = ""): string {
  const backend = "backend: { service: { name: web, port: { number: 80 } } }";
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name} }
spec:
  rules:
    - host: ${host}
      http:
        paths:
          - pathType: Prefix
            path: /${mark}
            ${backend}
`;
}

function role(rule: string): string {
  return resource(
    "rbac.authorization.k8s.io/v1",
    "ClusterRole",
    `rules:\n  - apiGroups: [rbac.authorization.k8s.io]\n    ${rule}`,
  );
}

function budget(app: string, mark = ""): string {
  return resource(
    "policy/v1",
    "PodDisruptionBudget",
    `spec:\n  maxUnavailable: 1\n  selector:${mark}\n    matchLabels:\n      app: ${app}`,
  );
}

function service(app: string, mark = ""): string {
  return resource("v1", "Service", `spec:\n  ports: [{ port: 80 }]\n  selector:${mark}\n    app: ${app}`);
}
