/** Resources that the policies of `test/fixtures/rego` say something of, and some that they have nothing to say of. */
export const MANIFESTS: readonly object[] = [
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: "web",
      namespace: "shop",
      labels: { team: "payments", environment: "prod", "app.kubernetes.io/name": "web" },
      annotations: { "policy.example.com/except": "root,replicas" },
    },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: {
          hostNetwork: true,
          containers: [
            {
              name: "web",
              image: "registry.example.com/web:latest",
              securityContext: { privileged: true, runAsUser: 0 },
              livenessProbe: { httpGet: { path: "/", port: 80 } },
              readinessProbe: { httpGet: { path: "/", port: 80 } },
            },
            { name: "side", image: "docker.io/library/side", resources: { limits: { memory: "2Gi", cpu: "1" } } },
          ],
          volumes: [{ name: "host", hostPath: { path: "/var/run" } }],
        },
      },
    },
  },
  {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "legacy", namespace: "default", labels: { team: "nobody" } },
    spec: {
      replicas: 9,
      selector: { matchLabels: { app: "db" } },
      template: {
        metadata: { labels: { app: "data" } },
        spec: {
          securityContext: { runAsNonRoot: true },
          initContainers: [{ name: "init", image: "ghcr.io/example/init:1.0" }],
          containers: [{ name: "db", image: "ghcr.io/example/db@sha256:" + "a".repeat(64) }],
        },
      },
    },
  },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "legacy", annotations: { since: "2019-05-01T00:00:00Z" } },
    spec: { template: { spec: { containers: [{ name: "x", image: "localhost:5000/x:latest" }] } } },
  },
  {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "night", namespace: "kube-system" },
    spec: { jobTemplate: { spec: { template: { spec: { hostPID: true, containers: [{ name: "n", image: "n" }] } } } } },
  },
  {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "Not_Good" },
    spec: { containers: [{ name: "a", image: "a:b" }] },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "shop" },
    spec: { type: "LoadBalancer", selector: { app: "web" }, ports: [{ port: 80 }, { port: 8443 }] },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "lost", namespace: "shop", annotations: { "example.com/internal": "true" } },
    spec: { type: "LoadBalancer", selector: { app: "lost" }, ports: [{ port: 8080 }] },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "one", namespace: "shop" },
    spec: { rules: [{ host: "shop.example.com" }, { host: "evil.org" }] },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "two", namespace: "shop" },
    spec: { tls: [{ secretName: "tls" }], rules: [{ host: "shop.example.com" }] },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "out", namespace: "shop" },
    spec: { egress: [{ to: [{ ipBlock: { cidr: "169.254.169.254/32" } }, { ipBlock: { cidr: "10.0.0.0/8" } }] }] },
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "all" },
    rules: [
      { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
      { apiGroups: [""], resources: ["secrets", "pods/exec"], verbs: ["get", "bind"] },
    ],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "everybody" },
    roleRef: { kind: "ClusterRole", name: "all" },
    subjects: [{ kind: "Group", name: "system:authenticated" }],
  },
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: { "app.kubernetes.io/name": "shop" } } },
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "007", namespace: "shop" },
    data: { a: "b", number: "1.50" },
  },
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "robot", namespace: "shop" } },
  {
    apiVersion: "example.com/v1",
    kind: "Widget",
    metadata: {
      name: "quiet",
      namespace: "shop",
      labels: { "app.kubernetes.io/name": "quiet", "app.kubernetes.io/managed-by": "hand" },
    },
  },
];
