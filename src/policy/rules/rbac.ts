import { createHash } from "node:crypto";
import { quoteNames } from "../quote-name.ts";
import { allows, RBAC_GROUP, readRoleRules, type RoleRule } from "../read-rbac.ts";
import { readText } from "../read-value.ts";
import type { AppRule, ObjectRule, PolicyHit, PolicyObject } from "../rule.ts";

const LINK = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/";

/** `rbac-wildcard`: a role with `*` for verbs, resources or URLs, or (where it names resources) for API groups. */
export const rbacWildcard: ObjectRule = {
  scope: "object",
  id: "rbac-wildcard",
  title: "Roles with wildcards",
  why: "A wildcard also gives what is added to the cluster later, and nobody sees what the role really needs.",
  fix: "Name the resources, verbs and API groups that are needed.",
  link: LINK,
  levels: { default: "off", baseline: "warning", strict: "error" },
  isAnnotationEnough: false,
  since: "0.1.0",
  check: (object) =>
    readRoleRules(object).flatMap((rule) =>
      wildcards(rule).map(({ field, index, what }) => ({
        manifest: object.manifest,
        path: ["rules", rule.index, field, index],
        message: `The role gives ${what}. Name what is needed instead of "*".`,
        key: `${field} ${digestRule(rule)}`,
      })),
    ),
};

interface Wildcard {
  readonly field: string;
  readonly index: number;
  readonly what: string;
}

function wildcards({ groups, resources, verbs, urls }: RoleRule): readonly Wildcard[] {
  const on = quoteNames(resources.length > 0 ? resources : urls);
  return [
    { field: "verbs", index: verbs.indexOf("*"), what: `every verb on ${on}` },
    { field: "resources", index: resources.indexOf("*"), what: `every resource of API group ${quoteNames(groups)}` },
    {
      field: "apiGroups",
      index: resources.includes("*") ? -1 : groups.indexOf("*"),
      what: `${on} of every API group`,
    },
    { field: "nonResourceURLs", index: urls.indexOf("*"), what: "every URL of the API server" },
  ].filter(({ index }) => index >= 0);
}

/** Names what a rule of a role says, whatever its place among the others. */
function digestRule({ groups, resources, verbs, names, urls }: RoleRule): string {
  const lists = [groups, resources, verbs, names, urls].map((list) => list.toSorted());
  return createHash("sha256").update(JSON.stringify(lists)).digest("hex");
}

/** Rights that lead to all others, one a row. */
interface Escalation {
  readonly id: string;
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** What whoever has it can do. */
  readonly power: string;
  /** True where it counts only in a ClusterRole that is not bound to single namespaces. */
  readonly isClusterWide: boolean;
}

const WRITES = ["create", "update", "patch"];
const CERTIFICATES = "certificates.k8s.io";

const ESCALATIONS: readonly Escalation[] = [
  {
    id: "escalate",
    group: RBAC_GROUP,
    resources: ["roles", "clusterroles"],
    verbs: ["escalate"],
    power: "give roles more rights than it has itself (escalate)",
    isClusterWide: false,
  },
  {
    id: "bind",
    group: RBAC_GROUP,
    resources: ["roles", "clusterroles"],
    verbs: ["bind"],
    power: "give anyone roles with more rights than it has itself (bind)",
    isClusterWide: false,
  },
  {
    id: "impersonate",
    group: "",
    resources: ["users", "groups", "serviceaccounts"],
    verbs: ["impersonate"],
    power: "act as somebody else (impersonate)",
    isClusterWide: false,
  },
  {
    id: "secrets",
    group: "",
    resources: ["secrets"],
    verbs: ["get", "list", "watch"],
    power: "read the Secrets of all namespaces",
    isClusterWide: true,
  },
  {
    id: "exec",
    group: "",
    resources: ["pods/exec", "pods/attach"],
    verbs: ["create", "get"],
    power: "run commands in pods (pods/exec, pods/attach)",
    isClusterWide: false,
  },
  {
    id: "nodes-proxy",
    group: "",
    resources: ["nodes/proxy"],
    verbs: ["create", "get"],
    power: "run commands in every pod through the kubelet (nodes/proxy)",
    isClusterWide: false,
  },
  {
    id: "webhooks",
    group: "admissionregistration.k8s.io",
    resources: ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
    verbs: WRITES,
    power: "read and change whatever is written to the cluster (webhook configurations)",
    isClusterWide: false,
  },
  {
    id: "tokens",
    group: "",
    resources: ["serviceaccounts/token"],
    verbs: ["create"],
    power: "make tokens of service accounts and act as them (serviceaccounts/token)",
    isClusterWide: false,
  },
  {
    id: "approval",
    group: CERTIFICATES,
    resources: ["certificatesigningrequests/approval"],
    verbs: ["update", "patch"],
    power: "approve client certificates for any name (certificatesigningrequests/approval)",
    isClusterWide: false,
  },
];

/**
 * `rbac-escalation`: a role with a right that leads to all others. Rights on objects that are named
 * (`resourceNames`) are left out, and so are `resources: ["*"]`, which `rbac-wildcard` tells of.
 */
export const rbacEscalation: AppRule = {
  scope: "app",
  id: "rbac-escalation",
  title: "Roles that lead to more rights",
  why: "Who has one of these rights can get all others, whatever else the role leaves out.",
  fix: "Remove the right, limit it to named objects (resourceNames), or bind the role in single namespaces.",
  link: `${LINK}#privilege-escalation-risks`,
  levels: { default: "off", baseline: "warning", strict: "error" },
  isAnnotationEnough: false,
  since: "0.1.0",
  *check(objects) {
    const scopes = bindingScopes(objects);
    for (const object of objects) {
      const { kind, name } = object.manifest.resource;
      const isClusterWide = kind === "ClusterRole" && scopes.get(name) !== "namespaces";
      for (const rule of readRoleRules(object)) {
        const found = ESCALATIONS.filter((escalation) => isGiven(rule, escalation, isClusterWide));
        yield* found.map((escalation) => tell(object, rule, escalation));
      }
    }
  },
};

function isGiven(rule: RoleRule, escalation: Escalation, isClusterWide: boolean): boolean {
  const { group, resources, verbs } = escalation;
  if (rule.names.length > 0 || rule.resources.includes("*") || (escalation.isClusterWide && !isClusterWide))
    return false;
  return resources.some((resource) => allows(rule, group, resource, verbs));
}

function tell({ manifest }: PolicyObject, rule: RoleRule, { id, verbs, power }: Escalation): PolicyHit {
  const index = rule.verbs.findIndex((verb) => verb === "*" || verbs.includes(verb));
  return {
    manifest,
    path: ["rules", rule.index, "verbs", index],
    message: `Whoever has the role can ${power}. Remove the right, or limit it with resourceNames.`,
    key: id,
  };
}

/** How the app's own bindings use each ClusterRole; one that they do not bind may be bound anywhere. */
function bindingScopes(objects: readonly PolicyObject[]): ReadonlyMap<string, "cluster" | "namespaces"> {
  const scopes = new Map<string, "cluster" | "namespaces">();
  for (const { manifest, value } of objects) {
    const { group, kind } = manifest.resource;
    const role = readText(value, "roleRef", "name");
    if (group !== RBAC_GROUP || role === undefined || readText(value, "roleRef", "kind") !== "ClusterRole") continue;
    if (kind === "ClusterRoleBinding") scopes.set(role, "cluster");
    if (kind === "RoleBinding" && !scopes.has(role)) scopes.set(role, "namespaces");
  }
  return scopes;
}
