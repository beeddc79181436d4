import type { ManifestValue, Risk } from "../../model/index.ts";
import { quoteName } from "../quote-text.ts";
import { isMap, readItems, readText, readTexts } from "../read-field.ts";
import { kindOf, listSome } from "./subject.ts";
import type { RiskSubject } from "./subject.ts";

const RBAC = "rbac.authorization.k8s.io";

interface Rule {
  readonly groups: ReadonlySet<string>;
  readonly resources: ReadonlySet<string>;
  readonly verbs: ReadonlySet<string>;
  /** Empty means every object. */
  readonly names: ReadonlySet<string>;
  readonly urls: ReadonlySet<string>;
}

/** One thing a role allows: a verb on a resource (or a URL path). */
interface Grant {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  readonly isUrl: boolean;
}

// A rule is a product of its lists; roles of real life stay far below this many verbs on resources, and one that does
// not is called widened without looking further.
const MAX_GRANTS = 5_000;
const MAX_CHECKS = 2_000_000;

/** A Role or ClusterRole that allows more than before; an added one only when it allows everything of some sort. */
export function assessRoleRules({ resource, before, after, action }: RiskSubject): readonly Risk[] {
  if (resource.group !== RBAC || !resource.kind.endsWith("Role") || after === undefined) return [];
  const [olds, nexts] = [readRules(before), readRules(after)];
  const added = findNewGrants(olds, nexts);
  if (added === undefined) return [widened("high", "Has more rules than can be compared; read them one by one.")];
  const wide = added.filter((grant) => [grant.group, grant.resource, grant.verb].includes("*"));
  const shown = action === "added" ? wide : added;
  if (shown.length === 0) return [];
  const isGrave = wide.length > 0 || shown.some(isSensitive);
  const first = wide.length > 0 ? [...wide, ...shown.filter((grant) => !wide.includes(grant))] : shown;
  return [
    widened(
      isGrave ? "high" : "medium",
      `${action === "added" ? "Allows" : "Now allows"} ${listSome(first.map(describeGrant))}.`,
    ),
  ];
}

function readRules(role: ManifestValue | undefined): readonly Rule[] {
  return readItems(role, "rules").map((rule) => ({
    groups: new Set(readTexts(rule, "apiGroups")),
    resources: new Set(readTexts(rule, "resources")),
    verbs: new Set(readTexts(rule, "verbs")),
    names: new Set(readTexts(rule, "resourceNames")),
    urls: new Set(readTexts(rule, "nonResourceURLs")),
  }));
}

/** What the new rules allow and the old ones do not; undefined when there is too much to compare. */
function findNewGrants(olds: readonly Rule[], nexts: readonly Rule[]): readonly Grant[] | undefined {
  const size = (rule: Rule) => rule.verbs.size * (rule.groups.size * rule.resources.size + rule.urls.size);
  const total = nexts.reduce((sum, rule) => sum + size(rule), 0);
  if (total > MAX_GRANTS || total * Math.max(olds.length, 1) > MAX_CHECKS) return undefined;
  return nexts.flatMap((rule) =>
    listGrants(rule).filter((grant) => !olds.some((old) => covers(old, grant, rule.names))),
  );
}

function listGrants(rule: Rule): readonly Grant[] {
  const verbs = [...rule.verbs];
  const onResources = [...rule.groups].flatMap((group) =>
    [...rule.resources].flatMap((resource) => verbs.map((verb) => ({ group, resource, verb, isUrl: false }))),
  );
  const onUrls = [...rule.urls].flatMap((resource) =>
    verbs.map((verb) => ({ group: "", resource, verb, isUrl: true })),
  );
  return [...onResources, ...onUrls];
}

function covers(old: Rule, grant: Grant, names: ReadonlySet<string>): boolean {
  if (!old.verbs.has("*") && !old.verbs.has(grant.verb)) return false;
  if (grant.isUrl) return old.urls.has("*") || old.urls.has(grant.resource);
  const hasGroup = old.groups.has("*") || old.groups.has(grant.group);
  const hasResource = old.resources.has("*") || old.resources.has(grant.resource);
  return (
    hasGroup &&
    hasResource &&
    (old.names.size === 0 || (names.size > 0 && [...names].every((name) => old.names.has(name))))
  );
}

// Rights that lead to all others: reading credentials, running commands in pods, writing roles, posing as somebody
// (https://kubernetes.io/docs/concepts/security/rbac-good-practices/).
const SENSITIVE_VERBS = new Set(["escalate", "bind", "impersonate"]);
const SENSITIVE_RESOURCES = new Set([
  "secrets",
  "pods/exec",
  "pods/attach",
  "serviceaccounts/token",
  "nodes/proxy",
  "roles",
  "clusterroles",
  "rolebindings",
  "clusterrolebindings",
  "certificatesigningrequests/approval",
]);

function isSensitive(grant: Grant): boolean {
  return SENSITIVE_VERBS.has(grant.verb) || SENSITIVE_RESOURCES.has(grant.resource);
}

function describeGrant(grant: Grant): string {
  const group = grant.group === "" || grant.isUrl ? "" : ` in group ${quoteName(grant.group)}`;
  return `${quoteName(grant.verb)} on ${quoteName(grant.resource)}${group}`;
}

/** Aggregation that selects roles it did not: the rules come from elsewhere. */
export function assessAggregation({ resource, fields, action }: RiskSubject): readonly Risk[] {
  if (kindOf(resource) !== `${RBAC}/ClusterRole` || action !== "changed") return [];
  const isAggregated = fields.some((field) => field.path[0] === "aggregationRule" && field.after !== undefined);
  return isAggregated ? [widened("medium", "Takes its rules from other ClusterRoles than before.")] : [];
}

const ADMIN_ROLES = new Set(["cluster-admin"]);
const EVERYBODY = new Set([
  "system:anonymous",
  "system:unauthenticated",
  "system:authenticated",
  "system:serviceaccounts",
]);

/** A binding with new subjects, or to a role that may do everything. */
export function assessBinding({ resource, before, after }: RiskSubject): readonly Risk[] {
  if (resource.group !== RBAC || !resource.kind.endsWith("RoleBinding") || after === undefined) return [];
  const old = new Set(readItems(before, "subjects").map(describeSubject));
  const added = readItems(after, "subjects").filter((subject) => !old.has(describeSubject(subject)));
  const [from, role] = [readText(before, "roleRef", "name"), readText(after, "roleRef", "name") ?? ""];
  const names = listSome(added.map(describeSubject));
  if (ADMIN_ROLES.has(role) && (from !== role || added.length > 0)) {
    return [widened("high", `Gives ${quoteName(role)} to ${names === "" ? "its subjects" : names}.`)];
  }
  if (added.some((subject) => EVERYBODY.has(readText(subject, "name") ?? ""))) {
    return [widened("high", `Gives ${quoteName(role)} to ${names}.`)];
  }
  return before === undefined || added.length === 0
    ? []
    : [widened("medium", `Now also gives ${quoteName(role)} to ${names}.`)];
}

function describeSubject(subject: ManifestValue): string {
  if (!isMap(subject)) return "an unreadable subject";
  const namespace = readText(subject, "namespace");
  const where = namespace === undefined ? "" : ` in ${quoteName(namespace)}`;
  return `${readText(subject, "kind") ?? "subject"} ${quoteName(readText(subject, "name") ?? "")}${where}`;
}

function widened(level: Risk["level"], message: string): Risk {
  return { id: "rbac-widened", level, message };
}
