import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";

/** How many services of each kind the generated repository has; each kustomize or Helm service is three apps. */
export interface RepositorySize {
  readonly kustomize: number;
  readonly helm: number;
  readonly plain: number;
}

/** 500 apps in 4,000 files: 100 × 24 + 50 × 16 + 50 × 16. */
export const FIVE_HUNDRED_APPS: RepositorySize = { kustomize: 100, helm: 50, plain: 50 };

export function scale(size: RepositorySize, factor: number): RepositorySize {
  return { kustomize: size.kustomize * factor, helm: size.helm * factor, plain: size.plain * factor };
}

/** Branches with a change. */
export const CHANGES = 64;

const ENVIRONMENTS = ["dev", "staging", "prod"] as const;

/**
 * Makes a bare repository in `directory`: `main` with the generated files, and branches `change-0`, `change-1`, …, each
 * with one overlay's patch edited in a way of its own, so that a check of each has something to render.
 */
export async function generateRepository(
  directory: string,
  size: RepositorySize,
): Promise<ReadonlyMap<string, string>> {
  const files = generateFiles(size);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  await git(directory, ["init", "--quiet", "--bare", "--initial-branch=main"]);
  const patch = "services/s000/overlays/prod/resources.yaml";
  const changes = Array.from({ length: CHANGES }, (_, index): ReadonlyMap<string, string> => {
    const edited = (files.get(patch) ?? "").replace("memory: 192Mi", `memory: ${256 + index}Mi`);
    return new Map([[patch, edited]]);
  });
  await git(directory, ["fast-import", "--quiet"], fastImport(files, changes));
  return files;
}

export function generateFiles(size: RepositorySize): Map<string, string> {
  const files = new Map<string, string>();
  for (let i = 0; i < size.kustomize; i += 1) addKustomizeService(files, `s${String(i).padStart(3, "0")}`);
  for (let i = 0; i < size.helm; i += 1) addChart(files, `c${String(i).padStart(3, "0")}`);
  for (let i = 0; i < size.plain; i += 1) addPlainDirectory(files, `p${String(i).padStart(3, "0")}`);
  return files;
}

function addKustomizeService(files: Map<string, string>, name: string): void {
  const base = `services/${name}/base`;
  const parts = [
    "deployment",
    "service",
    "account",
    "config",
    "budget",
    "scaler",
    "policy",
    "role",
    "binding",
    "job",
    "ingress",
  ];
  files.set(`${base}/kustomization.yaml`, kustomization({ resources: parts.map((part) => `${part}.yaml`) }));
  for (const part of parts) files.set(`${base}/${part}.yaml`, manifest(part, name));
  for (const environment of ENVIRONMENTS) {
    const overlay = `services/${name}/overlays/${environment}`;
    files.set(
      `${overlay}/kustomization.yaml`,
      `${kustomization({ resources: ["../../base"] })}namespace: ${name}-${environment}
patches:
  - path: resources.yaml
  - path: replicas.yaml
configMapGenerator:
  - name: settings
    files: [settings.properties]
images:
  - name: ghcr.io/example/${name}
    newTag: 1.${environment.length}.0
`,
    );
    files.set(`${overlay}/resources.yaml`, containerPatch(name));
    files.set(
      `${overlay}/replicas.yaml`,
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec: {replicas: 3}\n`,
    );
    files.set(`${overlay}/settings.properties`, `environment=${environment}\nservice=${name}\n`);
  }
}

function kustomization({ resources }: { resources: readonly string[] }): string {
  const list = resources.map((resource) => `  - ${resource}\n`).join("");
  return `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${list}`;
}

function containerPatch(name: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  template:
    spec:
      containers:
        - name: main
          resources:
            requests: {cpu: 50m}
            limits:
              memory: 192Mi
`;
}

function addChart(files: Map<string, string>, name: string): void {
  const chart = `charts/${name}`;
  files.set(`${chart}/Chart.yaml`, `apiVersion: v2\nname: ${name}\nversion: 0.1.0\nappVersion: "1.0"\n`);
  files.set(`${chart}/values.yaml`, `replicas: 1\nimage: ghcr.io/example/${name}:1.0.0\nhost: ${name}.example.com\n`);
  const labels = `{{- define "labels" -}}\napp.kubernetes.io/name: {{ .Chart.Name }}\napp.kubernetes.io/instance: {{ .Release.Name }}\n{{- end }}\n`;
  files.set(`${chart}/templates/_labels.tpl`, labels);
  const parts = [
    "deployment",
    "service",
    "account",
    "config",
    "budget",
    "scaler",
    "policy",
    "role",
    "binding",
    "ingress",
  ];
  for (const part of parts) files.set(`${chart}/templates/${part}.yaml`, template(part, name));
  for (const environment of ENVIRONMENTS) {
    files.set(
      `${chart}/values-${environment}.yaml`,
      `replicas: ${environment.length}\nhost: ${name}.${environment}.example.com\n`,
    );
  }
}

/** The manifest as a template: name, labels, replicas, image and host come from the release and its values. */
function template(part: string, name: string): string {
  return manifest(part, name)
    .replaceAll("replicas: 2", "replicas: {{ .Values.replicas }}")
    .replaceAll(`image: ghcr.io/example/${name}:1.0.0`, "image: {{ .Values.image | quote }}")
    .replaceAll(`host: ${name}.example.com`, "host: {{ .Values.host }}")
    .replace(`  labels: {app: ${name}}`, `  labels:\n    {{- include "labels" . | nindent 4 }}\n    app: ${name}`);
}

function addPlainDirectory(files: Map<string, string>, name: string): void {
  for (let i = 0; i < 16; i += 1) {
    files.set(`manifests/${name}/config-${i}.yaml`, manifest(i === 0 ? "deployment" : "config", `${name}-${i}`));
  }
}

function manifest(part: string, name: string): string {
  const head = (apiVersion: string, kind: string): string =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n  labels: {app: ${name}}\n`;
  switch (part) {
    case "deployment":
      return `${head("apps/v1", "Deployment")}spec:
  replicas: 2
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      serviceAccountName: ${name}
      containers:
        - name: main
          image: ghcr.io/example/${name}:1.0.0
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /ready, port: http}}
`;
    case "service":
      return `${head("v1", "Service")}spec: {selector: {app: ${name}}, ports: [{name: http, port: 80, targetPort: http}]}\n`;
    case "account":
      return head("v1", "ServiceAccount");
    case "budget":
      return `${head("policy/v1", "PodDisruptionBudget")}spec: {minAvailable: 1, selector: {matchLabels: {app: ${name}}}}\n`;
    case "scaler":
      return `${head("autoscaling/v2", "HorizontalPodAutoscaler")}spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${name}}, maxReplicas: 9}\n`;
    case "policy":
      return `${head("networking.k8s.io/v1", "NetworkPolicy")}spec: {podSelector: {matchLabels: {app: ${name}}}, policyTypes: [Ingress]}\n`;
    case "role":
      return `${head("rbac.authorization.k8s.io/v1", "Role")}rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]\n`;
    case "binding":
      return `${head("rbac.authorization.k8s.io/v1", "RoleBinding")}roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${name}}\nsubjects: [{kind: ServiceAccount, name: ${name}}]\n`;
    case "job":
      return `${head("batch/v1", "CronJob")}spec: {schedule: "0 4 * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: "ghcr.io/example/${name}:1.0.0"}]}}}}}\n`;
    case "ingress":
      return `${head("networking.k8s.io/v1", "Ingress")}spec:
  rules:
    - host: ${name}.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: ${name}, port: {name: http}}}}]}
`;
    default:
      return `${head("v1", "ConfigMap")}data: {name: ${name}, limits: "10"}\n`;
  }
}

function fastImport(files: ReadonlyMap<string, string>, changes: readonly ReadonlyMap<string, string>[]): string {
  const commit = (branch: string, from: string, content: ReadonlyMap<string, string>): string => {
    const lines = [`commit refs/heads/${branch}`, "committer Bench <bench@example.com> 1767225600 +0000", data(branch)];
    if (from !== "") lines.push(`from refs/heads/${from}`);
    for (const [path, text] of content) lines.push(`M 100644 inline ${path}`, data(text));
    return `${lines.join("\n")}\n`;
  };
  return commit("main", "", files) + changes.map((change, index) => commit(`change-${index}`, "main", change)).join("");
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}

function git(directory: string, args: readonly string[], input = ""): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, { cwd: directory, stdio: ["pipe", "ignore", "inherit"] });
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`git ${args.join(" ")}: status ${code}`)),
    );
    // Git may end before it has read everything; its status says why.
    child.stdin.once("error", () => undefined);
    child.stdin.end(input);
  });
}
