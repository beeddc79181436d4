import type {
  AppFailure,
  AppReport,
  FieldChange,
  FieldPath,
  JudgedFinding,
  ManifestValue,
  Outcome,
  Report,
  ResourceChange,
  ResourceId,
  SourceLocation,
} from "../../src/model/index.ts";
import { decidePolicyOutcome } from "../../src/judge/index.ts";
import { countFindings, NumberText, SealedValue } from "../../src/model/index.ts";

/** Values of `Report` as the pipeline makes them, one for each situation that the formats have words for. */

const BASE = { ref: "main", commit: "1f0c2d3e4a5b6978877665544332211000112233", tree: "aa".repeat(20) };
const HEAD = { ref: "feature/checkout", commit: "9e8d7c6b5a4938271605f4e3d2c1b0a998877665", tree: "bb".repeat(20) };

export function makeReport(parts: Partial<Report> = {}): Report {
  const report: Report = {
    version: 1,
    repository: "shop/deploy",
    base: BASE,
    head: HEAD,
    apps: [],
    findings: [],
    policies: [],
    files: [],
    agents: [],
    totals: {
      apps: 48,
      touchedApps: 0,
      changedApps: 0,
      added: 0,
      removed: 0,
      changed: 0,
      noise: 0,
      newErrors: 0,
      newWarnings: 0,
      newNotices: 0,
      known: 0,
      excepted: 0,
    },
    outcome: { status: "passed", exitCode: 0, title: "Nothing that deploys changes" },
    outcomes: {
      manifests: { status: "passed", exitCode: 0, title: "Nothing that deploys changes" },
      policy: { status: "passed", exitCode: 0, title: "No violations" },
    },
    notes: [],
    decision: { needs: [], changesAt: undefined },
    versions: { drydock: "0.1.0", kubernetes: ["1.36.3"], engines: { kustomize: "0.21.2", helm: "4.3.0" } },
    ...parts,
  };
  const outcomes = parts.outcomes ?? { manifests: report.outcome, policy: decidePolicies(report) };
  return { ...report, outcomes, totals: { ...countTotals(report), ...parts.totals } };
}

/** What policies come to where a report does not say. */
function decidePolicies({ apps, findings: all }: Report): Outcome {
  const findings = all.filter(({ check }) => check === "policy");
  return decidePolicyOutcome({ apps, findings, touched: new Set(apps.map(({ id }) => id)) });
}

/** The totals that follow from the apps and findings of a report. */
function countTotals({ apps, findings }: Report): Report["totals"] {
  const changes = apps.flatMap((app) => app.changes);
  const count = (action: string): number => changes.filter((change) => change.action === action).length;
  return {
    apps: 48,
    touchedApps: apps.length,
    changedApps: apps.filter((app) => app.changes.length > 0).length,
    added: count("added"),
    removed: count("removed"),
    changed: count("changed"),
    noise: changes.reduce((sum, change) => sum + change.noise, 0),
    ...countFindings(findings),
  };
}

export function makeApp(path: string, parts: Partial<AppReport> = {}): AppReport {
  return {
    id: `kustomize:${path}`,
    kind: "kustomize",
    path,
    environment: path.includes("prod") ? "prod" : undefined,
    places: [path],
    contentDigest: `digest of ${path}`,
    inputs: [],
    mayReadMore: false,
    guessed: false,
    assumptions: [],
    status: parts.failure === undefined ? ((parts.changes ?? []).length > 0 ? "changed" : "unchanged") : "failed",
    resources: { base: 6, head: 6 },
    changes: [],
    failure: undefined,
    ...parts,
  };
}

export function makeResource(kind: string, name: string, namespace = "shop"): ResourceId {
  const groups: Record<string, string> = {
    Deployment: "apps",
    StatefulSet: "apps",
    ClusterRole: "rbac.authorization.k8s.io",
  };
  return { group: groups[kind] ?? "", version: "v1", kind, namespace, name };
}

export function makeLocation(file: string, line?: number, column?: number): SourceLocation {
  return { file, line, endLine: line, column };
}

export function makeField(
  path: FieldPath,
  before: ManifestValue | undefined,
  after: ManifestValue | undefined,
): FieldChange {
  return { path, label: path.join("."), before, after, noise: undefined };
}

export function makeChange(resource: ResourceId, parts: Partial<ResourceChange> = {}): ResourceChange {
  return {
    action: "changed",
    resource,
    previous: undefined,
    hooks: [],
    fields: [],
    noise: 0,
    risks: [],
    images: [],
    diff: "",
    likeness: `${resource.kind}/${resource.name}`,
    location: undefined,
    ...parts,
  };
}

export function makeFinding(parts: Partial<JudgedFinding> = {}): JudgedFinding {
  return {
    rule: "schema",
    level: "error",
    message: 'Unknown field "replica"; did you mean "replicas"?',
    resource: makeResource("Deployment", "web"),
    path: ["spec", "replica"],
    location: makeLocation("apps/web/base/deployment.yaml", 12, 3),
    isRendered: false,
    help: undefined,
    check: "manifests",
    isNew: true,
    apps: ["kustomize:apps/web/overlays/prod"],
    ...parts,
  };
}

export function makeFailure(parts: Partial<AppFailure> = {}): AppFailure {
  return {
    kind: "render",
    cause: "content",
    isNew: true,
    isTouched: true,
    isAccepted: false,
    effect: "fails",
    message: "resources: apps/web/base/service.yaml does not exist; remove the entry or restore the file",
    location: makeLocation("apps/web/base/kustomization.yaml", 5),
    help: undefined,
    ...parts,
  };
}

const REPLICAS_DIFF = `@@ -4,7 +4,7 @@
   name: web
   namespace: shop
 spec:
-  replicas: 2
+  replicas: 3
   selector:
     matchLabels:
       app: web
`;

function scaleUp(name = "web"): ResourceChange {
  return makeChange(makeResource("Deployment", name), {
    fields: [makeField(["spec", "replicas"], new NumberText("2"), new NumberText("3"))],
    diff: REPLICAS_DIFF,
    likeness: "scale-2-3",
    location: makeLocation("apps/web/base/deployment.yaml", 7),
  });
}

/** Nothing that deploys changes. */
const quiet = makeReport();

/** One app scaled up, all valid. */
const good = makeReport({
  apps: [makeApp("apps/web/overlays/prod", { changes: [scaleUp()] }), makeApp("apps/web/overlays/dev")],
  outcome: { status: "passed", exitCode: 0, title: "1 app changes, nothing is wrong" },
});

/** A render that the change breaks, one that it only guessed, one that was broken before. */
const broken = makeReport({
  apps: [
    makeApp("apps/web/overlays/prod", { failure: makeFailure(), resources: { base: 6, head: undefined } }),
    makeApp("charts/cache", {
      id: "helm:charts/cache#values-prod.yaml",
      kind: "helm",
      guessed: true,
      assumptions: ['release name "cache"', 'namespace "default"'],
      failure: makeFailure({
        isNew: false,
        effect: "passes",
        message: "charts/cache/templates/deployment.yaml:14: nil pointer evaluating interface {}.tag",
        location: makeLocation("charts/cache/templates/deployment.yaml", 14, 20),
      }),
      resources: { base: undefined, head: undefined },
    }),
    makeApp("apps/api/overlays/prod", { changes: [scaleUp("api")] }),
  ],
  findings: [makeFinding({ apps: ["kustomize:apps/api/overlays/prod"], resource: makeResource("Deployment", "api") })],
  outcome: { status: "failed", exitCode: 1, title: "1 app no longer renders; 1 error" },
});

const CONFIG_BEFORE = "listen = 8080\ntimeout = 30s\nlog = info\n";
const CONFIG_AFTER = "listen = 8080\ntimeout = 5s\nlog = debug\n";

/** A deleted volume, a widened role, images that move, a Secret whose value changes, a ConfigMap with a new hash. */
const risky = makeReport({
  apps: [
    makeApp("apps/web/overlays/prod", {
      changes: [
        makeChange(makeResource("PersistentVolumeClaim", "uploads"), {
          action: "removed",
          risks: [
            {
              id: "prune-data",
              level: "high",
              message: "The claim is removed: the agent prunes it and its data is lost.",
            },
          ],
          diff: "@@ -1,8 +0,0 @@\n-apiVersion: v1\n-kind: PersistentVolumeClaim\n-metadata:\n-  name: uploads\n-  namespace: shop\n-spec:\n-  resources:\n-    requests: { storage: 10Gi }\n",
        }),
        makeChange(makeResource("ClusterRole", "reader", ""), {
          fields: [makeField(["rules", 0, "verbs", 2], undefined, "*")],
          risks: [{ id: "rbac-widened", level: "medium", message: 'The role gains the verb "*" on pods.' }],
          diff: "@@ -5,5 +5,6 @@\n rules:\n   - apiGroups: ['']\n     resources: [pods]\n     verbs:\n       - get\n+      - '*'\n",
        }),
        makeChange(makeResource("Deployment", "web"), {
          fields: [
            makeField(
              ["spec", "template", "spec", "containers", 0, "image"],
              "ghcr.io/shop/web:1.4.0",
              "ghcr.io/shop/web:1.5.0",
            ),
            {
              ...makeField(["metadata", "annotations", "checksum/config"], "aa11", "bb22"),
              noise: "checksum-annotation",
            },
          ],
          noise: 1,
          images: [{ container: "web", before: "ghcr.io/shop/web:1.4.0", after: "ghcr.io/shop/web:1.5.0" }],
          diff: "@@ -18,5 +18,5 @@\n     spec:\n       containers:\n         - name: web\n-          image: ghcr.io/shop/web:1.4.0\n+          image: ghcr.io/shop/web:1.5.0\n           ports:\n",
        }),
        makeChange(makeResource("Secret", "database"), {
          fields: [makeField(["data", "password"], new SealedValue("m1"), new SealedValue("m2"))],
          diff: "@@ -2,4 +2,4 @@\n kind: Secret\n data:\n-  password: !sealed\n+  password: !sealed # changed\n   user: !sealed\n",
        }),
        makeChange(makeResource("ConfigMap", "web-config-7h4k2m9d5f"), {
          previous: makeResource("ConfigMap", "web-config-2b8c6t5g9h"),
          fields: [makeField(["data", "app.toml"], CONFIG_BEFORE, CONFIG_AFTER)],
          diff: "@@ -1,7 +1,7 @@\n apiVersion: v1\n data:\n   app.toml: |\n     listen = 8080\n-    timeout = 30s\n-    log = info\n+    timeout = 5s\n+    log = debug\n kind: ConfigMap\n",
        }),
      ],
    }),
  ],
  findings: [
    makeFinding({
      rule: "api-deprecated",
      level: "warning",
      message: "policy/v1beta1 PodDisruptionBudget is removed in Kubernetes 1.37.",
      resource: { group: "policy", version: "v1beta1", kind: "PodDisruptionBudget", namespace: "shop", name: "web" },
      path: [],
      location: makeLocation("apps/web/base/pdb.yaml", 1, 1),
      isRendered: true,
      help: "Move to policy/v1.",
    }),
  ],
  outcome: { status: "passed", exitCode: 0, title: "1 app changes: 2 risks to look at" },
});

const FLEET = Array.from({ length: 40 }, (_, index) => `clusters/eu-${String(index + 1).padStart(2, "0")}/web`);

/** One base changed, forty apps; one of them changes something of its own as well. */
const fanOut = makeReport({
  apps: FLEET.map((path, index) =>
    makeApp(path, {
      changes: [
        scaleUp(),
        ...(index === 7
          ? [
              makeChange(makeResource("Service", "web"), {
                fields: [makeField(["spec", "type"], "ClusterIP", "LoadBalancer")],
                risks: [
                  {
                    id: "service-exposed",
                    level: "medium",
                    message: "The Service becomes reachable from outside the cluster.",
                  },
                ],
                diff: "@@ -6,3 +6,3 @@\n spec:\n-  type: ClusterIP\n+  type: LoadBalancer\n",
              }),
            ]
          : []),
      ],
    }),
  ),
  outcome: { status: "passed", exitCode: 0, title: "40 apps change: 1 risk to look at" },
});

/** Three hundred findings of a few rules. */
const manyFindings = makeReport({
  apps: [makeApp("apps/web/overlays/prod"), makeApp("apps/web/overlays/staging")],
  findings: Array.from({ length: 300 }, (_, index) =>
    makeFinding({
      level: index < 40 ? "error" : index < 200 ? "warning" : "notice",
      rule: index < 40 ? "schema" : index < 200 ? "api-deprecated" : "schema-missing",
      message:
        index < 20
          ? `Unknown field "extra${index}".`
          : index < 200
            ? "batch/v1beta1 CronJob is deprecated."
            : "No schema is known for example.org/v1 Widget.",
      resource: makeResource("CronJob", `job-${index}`),
      path: [],
      location: makeLocation(
        `apps/web/jobs/job-${String(Math.floor(index / 4)).padStart(2, "0")}.yaml`,
        1 + (index % 4) * 30,
        1,
      ),
    }),
  ),
  outcome: { status: "failed", exitCode: 1, title: "40 errors" },
});

/** Long-broken folders: everything stands on the base as well. */
const knownOnly = makeReport({
  apps: [makeApp("apps/web/overlays/prod", { changes: [scaleUp()] })],
  findings: Array.from({ length: 12 }, (_, index) =>
    makeFinding({
      isNew: false,
      message: `Unknown field "old${index}".`,
      location: makeLocation("apps/web/base/old.yaml", index + 1, 3),
    }),
  ),
  outcome: { status: "passed", exitCode: 0, title: "1 app changes, nothing new is wrong" },
});

/** A remote base: the app could not be looked at; another one was accepted; one is broken alike on both sides. */
const notChecked = makeReport({
  apps: [
    makeApp("apps/ingress", {
      failure: makeFailure({
        kind: "remote-input",
        cause: "outside",
        isNew: false,
        effect: "not-checked",
        message: "The base https://github.com/org/bases//nginx?ref=v1 is remote and was not fetched.",
        location: makeLocation("apps/ingress/kustomization.yaml", 3, 5),
      }),
      resources: { base: undefined, head: undefined },
    }),
    makeApp("apps/cache", {
      failure: makeFailure({
        kind: "missing-dependency",
        cause: "outside",
        isNew: false,
        isAccepted: true,
        effect: "passes",
        message: "The chart dependency redis 19.0.0 is not in charts/.",
        location: makeLocation("apps/cache/Chart.yaml", 7),
      }),
      resources: { base: undefined, head: undefined },
    }),
    makeApp("apps/new", { status: "added", resources: { base: undefined, head: 6 } }),
  ],
  agents: [{ agent: "argocd", kind: "Application", namespace: "argocd", name: "web", file: "agents/web.yaml" }],
  notes: ["No Kubernetes version is configured; 1.36.3 is assumed."],
  decision: { needs: ["approvals: the pull request's reviews"], changesAt: undefined },
  outcome: { status: "not-checked", exitCode: 2, title: "1 changed app could not be rendered, before and after" },
});

/** Everything that a name, path, message or value can try on a terminal, a page or a comment (threat T45). */
export const HOSTILE_TEXTS: readonly string[] = [
  "```\n</details>",
  "`` ` ```` `",
  "</details><script>alert(1)</script>",
  "@org/team please @merge",
  "![x](http://evil.example/x.png)",
  "[click](javascript:alert(1))",
  "<!-- drydock:report -->",
  "--> <img src=x onerror=alert(1)>",
  "#1 GH-2 org/repo#3 0123456789abcdef0123456789abcdef01234567",
  "https://evil.example/?q=1 www.evil.example mail@evil.example",
  "a | b \\| c",
  "\u001b[31mred\u001b[0m\u009b2J\u0007",
  "abc\u202edcba\u2066x",
  "$\\href{javascript:alert(1)}{x}$ $`x`$",
  "__proto__",
  "]]> {{7*7}} ${7*7} %0a::error::x",
  "\ud800 lone",
  "&lt;b&gt; &#64;org",
  "~~~\n# heading\n> [!NOTE]\n- list\n1. one\n***",
  " \t ",
  "",
];

/** A report in which every string that comes from a repository is `text`. */
export function makeHostileReport(text: string): Report {
  const resource: ResourceId = { group: text, version: text, kind: text, namespace: text, name: text };
  const location = makeLocation(text, 3, 7);
  const map = new Map<string, ManifestValue>([
    ["__proto__", text],
    [text, [text, new NumberText("1e400")]],
  ]);
  const change = makeChange(resource, {
    previous: { ...resource, name: `${text}-old` },
    hooks: [text],
    fields: [
      { path: [text, 0, "__proto__"], label: text, before: text, after: `${text}\n${text}`, noise: undefined },
      { path: [text], label: `${text}.x`, before: undefined, after: map, noise: undefined },
      {
        path: ["n"],
        label: "n",
        before: new NumberText("12345678901234567890.10"),
        after: new NumberText(text),
        noise: undefined,
      },
    ],
    risks: [{ id: "delete", level: "high", message: text }],
    images: [{ container: text, before: text, after: `${text}:2` }],
    diff: `@@ -1,2 +1,2 @@\n ${text}\n-${text}\n+${text}2\n`,
    likeness: text,
    location,
  });
  const id = `kustomize:${text}`;
  return makeReport({
    repository: text,
    base: { ...BASE, ref: text },
    head: { ...HEAD, ref: text, commit: undefined },
    apps: [
      makeApp(text, { id, changes: [change], environment: text, assumptions: [text] }),
      makeApp(text, { id: `plain:${text}`, kind: "plain", failure: makeFailure({ message: text, location }) }),
    ],
    findings: [
      makeFinding({
        rule: text,
        message: text,
        resource,
        path: [text, 1],
        location,
        help: text,
        apps: [id, `plain:${text}`],
      }),
      makeFinding({
        rule: text,
        message: text,
        resource,
        location: undefined,
        isNew: false,
        level: "notice",
        apps: [id],
      }),
    ],
    agents: [{ agent: "flux", kind: text, namespace: text, name: text, file: text }],
    notes: [text],
    decision: { needs: [text], changesAt: undefined },
    outcome: { status: "failed", exitCode: 1, title: "1 app no longer renders; 1 error" },
  });
}

/** All cases by name: the golden files carry these names. */
export const REPORTS: ReadonlyMap<string, Report> = new Map([
  ["quiet", quiet],
  ["good", good],
  ["broken", broken],
  ["risky", risky],
  ["fan-out", fanOut],
  ["many-findings", manyFindings],
  ["known-only", knownOnly],
  ["not-checked", notChecked],
  ["hostile", makeHostileReport(HOSTILE_TEXTS.join(" "))],
]);
