import type { FindingException, JudgedFinding, Report } from "../../src/model/index.ts";
import { HOSTILE_TEXTS, makeApp, makeFinding, makeLocation, makeReport, makeResource } from "./reports.ts";

/** Values of `Report` in which policies have something to say. */

export function makePolicyFinding(parts: Partial<JudgedFinding> = {}): JudgedFinding {
  return makeFinding({
    rule: "image-tag",
    check: "policy",
    message: 'Image "web" of container "web" has no tag. Name a version.',
    path: ["spec", "template", "spec", "containers", 0, "image"],
    ...parts,
  });
}

export function makeException(parts: Partial<FindingException> = {}): FindingException {
  return {
    state: "used",
    reason: "until the registry moves",
    expires: "2027-01-31",
    approvers: "security",
    place: { file: ".github/drydock.yaml", line: 7 },
    ...parts,
  };
}

/** A report whose policies come to `title`; nothing else is wrong with it. */
export function makePolicyReport(
  title: string,
  findings: readonly JudgedFinding[],
  parts: Partial<Report> = {},
): Report {
  const isBlocking = findings.some(
    ({ isNew, level, exception }) => isNew && level === "error" && exception?.state !== "used",
  );
  const policy = { status: isBlocking ? "failed" : "passed", exitCode: isBlocking ? 1 : 0, title } as const;
  const manifests = { status: "passed", exitCode: 0, title: "1 app changes, no errors" } as const;
  return makeReport({
    apps: [makeApp("apps/web/overlays/prod", { status: "changed" })],
    findings,
    outcome: isBlocking ? policy : manifests,
    outcomes: { manifests, policy },
    ...parts,
  });
}

const tags = ["api", "cart", "mail", "search"].map((name, index) =>
  makePolicyFinding({
    message: `Image "${name}" of container "${name}" has no tag. Name a version.`,
    resource: makeResource("Deployment", name),
    location: makeLocation(`apps/${name}/deployment.yaml`, 12 + index, 11),
    apps: [`kustomize:apps/${name}/overlays/prod`],
  }),
);

const rego = makePolicyFinding({
  rule: "rego/main/deny_owner",
  message: "Deployment web has no owner",
  path: [],
  location: makeLocation("apps/web/base/deployment.yaml", 1, 1),
});

const policies: Report["policies"] = [
  {
    id: "rego/main/deny_owner",
    kind: "deny",
    file: "policy/owner.rego",
    line: 9,
    title: "Workloads have an owner",
    description: "Somebody has to be called when it breaks.",
  },
];

const expired = makePolicyFinding({
  rule: "privilege-gained",
  message: "The pod shares the network of its node (hostNetwork). Remove hostNetwork unless the pod manages nodes.",
  path: ["spec", "template", "spec", "hostNetwork"],
  exception: makeException({ state: "expired", expires: "2026-01-31" }),
});

const wanted = makePolicyFinding({
  rule: "host-access",
  message: "The pod mounts /var/run of its node.",
  path: ["spec", "template", "spec", "volumes", 0],
  exception: makeException({ state: "waiting", reason: "a node agent", expires: undefined }),
});

const excepted = [
  makePolicyFinding({ exception: makeException(), location: makeLocation("apps/old/deployment.yaml", 3, 1) }),
  makePolicyFinding({
    rule: "probes-missing",
    level: "warning",
    isNew: false,
    message: 'Container "web" has no readinessProbe.',
    exception: makeException({ reason: "a demo", expires: undefined, approvers: undefined, place: undefined }),
  }),
];

const known = ["a", "b"].map((name) => makePolicyFinding({ isNew: false, resource: makeResource("Deployment", name) }));

/** The day after the exceptions' last. */
const END = Date.parse("2027-02-01T00:00:00Z");

const crowded = makePolicyReport(
  "Fix 7 errors in 5 apps",
  [...tags, rego, expired, wanted, makePolicyFinding({ rule: "pdb-absent", level: "notice" }), ...excepted, ...known],
  {
    policies,
    decision: {
      needs: ["approval by team security of the exception from host-access for Deployment/shop/web"],
      changesAt: END,
    },
  },
);

/** Everything that policies can put into a report, with `text` wherever a repository has the word. */
export function makeHostilePolicies(text: string): Report {
  const finding = makePolicyFinding({
    rule: `rego/${text}`,
    message: text,
    resource: { group: text, version: text, kind: text, namespace: text, name: text },
    path: [text],
    location: makeLocation("apps/web/deployment.yaml", 1, 1),
    apps: [text],
  });
  const exception = makeException({ reason: text, approvers: text, expires: text, place: { file: text, line: 1 } });
  const states = (["used", "waiting", "expired"] as const).map((state) => ({ ...exception, state }));
  return makePolicyReport(
    text,
    [
      ...Array.from({ length: 5 }, (_, index) => ({ ...finding, message: `${index} ${text}` })),
      ...states.flatMap((each) => [true, false].map((isNew) => ({ ...finding, isNew, rule: text, exception: each }))),
    ],
    { policies: [{ id: `rego/${text}`, kind: "deny", file: text, line: 3, title: text, description: text }] },
  );
}

/** By name, as `REPORTS`. */
export const POLICY_REPORTS: ReadonlyMap<string, Report> = new Map([
  ["policies", crowded],
  [
    "policies-waiting",
    makePolicyReport("Waiting: approval of 1 exception (team security)", [wanted], { policies: [] }),
  ],
  [
    "policies-excepted",
    makePolicyReport("No violations, 2 exceptions", excepted, { decision: { needs: [], changesAt: END } }),
  ],
  ["policies-hostile", makeHostilePolicies(HOSTILE_TEXTS.join(" "))],
]);
