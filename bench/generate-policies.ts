import type { PolicyFile } from "../src/model/index.ts";

const WORKLOADS = '{"Deployment", "StatefulSet", "DaemonSet"}';

/** How rules are laid out: conftest asks for each name of each package, twice. */
export type PolicyLayout = "ten packages" | "one package";

/** A hundred rules in ten files, of the kinds that rule sets in public repositories have. */
export function generatePolicies(layout: PolicyLayout): readonly PolicyFile[] {
  return Array.from({ length: 10 }, (_, index) => ({ file: `policy${index}.rego`, text: generateFile(index, layout) }));
}

function generateFile(index: number, layout: PolicyLayout): string {
  if (layout === "ten packages") return `package house.rules${index}\n${HELPERS}${generateRules(index)}`;
  const rules = generateRules(index).replaceAll(/^(deny|violation|warn)_[a-z]+/gmu, "$1");
  return `package main\n${index === 0 ? HELPERS : "import rego.v1\n"}${rules}`;
}

const HELPERS = `
import rego.v1

workloads := ${WORKLOADS}

is_workload if input.kind in workloads

pod := input.spec.template.spec if is_workload

pod := input.spec if input.kind == "Pod"

containers contains c if some c in pod.containers

containers contains c if some c in pod.initContainers

labels := object.get(input.metadata, "labels", {})
`;

function generateRules(index: number): string {
  return `
deny contains msg if {
  some c in containers
  endswith(c.image, ":v${index}")
  msg := sprintf("%s: container %s uses %s", [input.metadata.name, c.name, c.image])
}

deny contains msg if {
  some c in containers
  c.securityContext.privileged == true
  msg := sprintf("%s: container %s is privileged (${index})", [input.metadata.name, c.name])
}

deny contains msg if {
  is_workload
  input.spec.replicas > ${index + 3}
  msg := sprintf("%s has %d replicas", [input.metadata.name, input.spec.replicas])
}

deny contains msg if {
  input.kind == "Service"
  some port in input.spec.ports
  port.port == ${8080 + index}
  msg := sprintf("Service %s opens %d", [input.metadata.name, port.port])
}

deny_label contains {"msg": msg, "label": "team-${index}"} if {
  labels["team-${index}"]
  not regex.match("^[a-z]{2,20}$", labels["team-${index}"])
  msg := sprintf("%s: label team-${index} is %q", [input.metadata.name, labels["team-${index}"]])
}

deny_role contains msg if {
  input.kind in {"Role", "ClusterRole"}
  some rule in input.rules
  "*" in rule.verbs
  "resource${index}" in rule.resources
  msg := sprintf("%s may do everything with resource${index}", [input.metadata.name])
}

violation_limits contains msg if {
  some c in containers
  units.parse_bytes(c.resources.limits.memory) > ${index + 1} * 1024 * 1024 * 1024
  msg := sprintf("%s: container %s takes %s", [input.metadata.name, c.name, c.resources.limits.memory])
}

warn contains msg if {
  is_workload
  some c in containers
  not c.readinessProbe
  endswith(c.name, "${index}")
  msg := sprintf("%s: container %s has no readiness probe", [input.metadata.name, c.name])
}

warn contains msg if {
  input.kind == "ConfigMap"
  some key, value in input.data
  contains(value, "password${index}=")
  msg := sprintf("%s: %s looks like a password", [input.metadata.name, key])
}

warn_ingress contains msg if {
  input.kind == "Ingress"
  some rule in input.spec.rules
  not glob.match("*.example.com", ["."], rule.host)
  startswith(rule.host, "h${index}")
  msg := sprintf("%s claims %s", [input.metadata.name, rule.host])
}
`;
}

/** Resources of the kinds and sizes that apps have, no two alike. */
export function generateResource(index: number, revision: number): object {
  const name = `app-${index}`;
  const metadata = {
    name,
    namespace: `team-${index % 40}`,
    labels: {
      "app.kubernetes.io/name": name,
      "app.kubernetes.io/part-of": `shop-${index % 17}`,
      [`team-${index % 10}`]: index % 23 === 0 ? "Not Good" : "payments",
    },
    annotations: { revision: String(revision), owner: `team-${index % 40}@example.com` },
  };
  switch (index % 8) {
    case 0:
    case 1:
    case 2:
      return { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: workload(name, index) };
    case 3:
    case 4: {
      const ports = [{ name: "http", port: 8080 + (index % 50), targetPort: "http" }];
      return { apiVersion: "v1", kind: "Service", metadata, spec: { selector: { app: name }, ports } };
    }
    case 5: {
      const data = Object.fromEntries(
        Array.from({ length: 12 }, (_, key) => [`key-${key}`, `value ${key} of ${name}`]),
      );
      return { apiVersion: "v1", kind: "ConfigMap", metadata, data };
    }
    case 6: {
      const backend = { service: { name, port: { number: 80 } } };
      const host = index % 5 === 0 ? `h${index % 10}.other.org` : `${name}.example.com`;
      const rules = [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }];
      return { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata, spec: { rules } };
    }
    default: {
      const rules = [
        { apiGroups: [""], resources: [`resource${index % 20}`], verbs: index % 3 === 0 ? ["*"] : ["get"] },
      ];
      return { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata, rules };
    }
  }
}

function workload(name: string, index: number): object {
  const container = (role: string): object => ({
    name: `${role}-${index % 30}`,
    image: `registry.example.com/${name}/${role}:v${index % 60}`,
    ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
    env: Array.from({ length: 6 }, (_, key) => ({ name: `VARIABLE_${key}`, value: `${name}-${key}` })),
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: `${(index % 4) + 1}Gi` } },
    livenessProbe: { httpGet: { path: "/healthz", port: "http" }, periodSeconds: 10 },
    securityContext: { privileged: index % 97 === 0, allowPrivilegeEscalation: false },
    volumeMounts: [{ name: "data", mountPath: "/data" }],
  });
  return {
    replicas: (index % 5) + 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        serviceAccountName: name,
        containers: [container("main"), container("side")],
        volumes: [{ name: "data", emptyDir: {} }],
      },
    },
  };
}
