import type { FieldPath, ManifestValue } from "../model/index.ts";
import { isPlaceholder } from "./quote-name.ts";
import { isMap, readList, readText } from "./read-value.ts";

/** `unclear`: it depends on what is not known (a placeholder, a label set while running, a shape that is wrong). */
export type Match = "yes" | "no" | "unclear";

/** Labels of an object. A value is undefined where it is not known. */
export interface LabelSet {
  readonly pairs: ReadonlyMap<string, string | undefined>;
  /** There may be more labels than `pairs` has. */
  readonly isOpen: boolean;
}

export const NO_LABELS: LabelSet = { pairs: new Map(), isOpen: false };

export function readLabels(value: ManifestValue | undefined): LabelSet {
  if (value === undefined || value === null) return NO_LABELS;
  if (!isMap(value)) return { pairs: new Map(), isOpen: true };
  const pairs = new Map<string, string | undefined>();
  for (const [key, text] of value) {
    pairs.set(key, typeof text === "string" && !isPlaceholder(text) ? text : undefined);
  }
  return { pairs, isOpen: [...value.keys()].some(isPlaceholder) };
}

/** One condition of a selector. `path` is below the selector. */
export interface Requirement {
  readonly path: FieldPath;
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values: readonly string[];
}

/**
 * The conditions of a LabelSelector (`matchLabels`, `matchExpressions`), all of which have to hold; an empty one
 * selects everything. Undefined where its shape is wrong, which the schema says.
 */
export function readSelector(value: ManifestValue | undefined): readonly Requirement[] | undefined {
  if (!isMap(value)) return undefined;
  const labels = value.get("matchLabels") ?? new Map<string, ManifestValue>();
  const pairs = readPairs(labels, ["matchLabels"]);
  const expressions = value.get("matchExpressions") ?? [];
  if (pairs === undefined || !Array.isArray(expressions)) return undefined;
  const list = readList(value, "matchExpressions").map(readExpression);
  return list.some((item) => item === undefined) ? undefined : [...pairs, ...list.flatMap((item) => item ?? [])];
}

/** The conditions of a plain map, as Services and ReplicationControllers have it. */
export function readPairs(value: ManifestValue | undefined, path: FieldPath = []): readonly Requirement[] | undefined {
  if (!isMap(value)) return undefined;
  const requirements: Requirement[] = [];
  for (const [key, text] of value) {
    if (typeof text !== "string") return undefined;
    requirements.push({ path: [...path, key], key, operator: "In", values: [text] });
  }
  return requirements;
}

function readExpression(value: ManifestValue, index: number): Requirement | undefined {
  const key = readText(value, "key");
  const operator = readText(value, "operator");
  const list = readList(value, "values");
  const values = list.filter((item) => typeof item === "string");
  if (key === undefined || values.length !== list.length) return undefined;
  if (operator !== "In" && operator !== "NotIn" && operator !== "Exists" && operator !== "DoesNotExist") {
    return undefined;
  }
  return { path: ["matchExpressions", index], key, operator, values };
}

export function meets(requirement: Requirement, labels: LabelSet): Match {
  const { key, operator, values } = requirement;
  if (isPlaceholder(key) || values.some(isPlaceholder)) return "unclear";
  if (!labels.pairs.has(key)) {
    if (labels.isOpen || isSetWhileRunning(requirement)) return "unclear";
    return operator === "NotIn" || operator === "DoesNotExist" ? "yes" : "no";
  }
  if (operator === "Exists") return "yes";
  if (operator === "DoesNotExist") return "no";
  const value = labels.pairs.get(key);
  if (value === undefined) return "unclear";
  return values.includes(value) === (operator === "In") ? "yes" : "no";
}

/** `undefined` requirements (a selector whose shape is wrong) are unclear. */
export function meetsAll(requirements: readonly Requirement[] | undefined, labels: LabelSet): Match {
  if (requirements === undefined) return "unclear";
  const matches = requirements.map((requirement) => meets(requirement, labels));
  if (matches.includes("no")) return "no";
  return matches.includes("unclear") ? "unclear" : "yes";
}

/** The label that objects whose labels are all known need for just this condition; undefined where there is not one. */
export function neededLabel(requirement: Requirement): string | undefined {
  const { key, operator, values } = requirement;
  const isPlain = operator === "In" && values.length === 1 && meets(requirement, NO_LABELS) === "no";
  return isPlain ? nameLabel(key, values[0] ?? "") : undefined;
}

export function nameLabel(key: string, value: string): string {
  return `${key}=${value}`;
}

/** Labels that controllers of Kubernetes and of well-known charts give to pods that already run. */
const RUNTIME_LABELS: ReadonlySet<string> = new Set([
  "statefulset.kubernetes.io/pod-name",
  "apps.kubernetes.io/pod-index",
  "batch.kubernetes.io/job-completion-index",
  "batch.kubernetes.io/job-name",
  "batch.kubernetes.io/controller-uid",
  "controller-revision-hash",
  "controller-uid",
  "job-name",
  "pod-template-generation",
  "pod-template-hash",
  "rollouts-pod-template-hash",
  "spilo-role",
  "vault-active",
  "vault-initialized",
  "vault-perf-standby",
  "vault-sealed",
]);

const ELECTED = new Set(["active", "leader", "master", "primary", "replica", "secondary", "slave", "standby"]);

/** Elected leaders of databases are labelled by their operators: `role: primary`. */
function isSetWhileRunning({ key, values }: Requirement): boolean {
  return RUNTIME_LABELS.has(key) || (/(^|[-./])role$/iu.test(key) && values.some((value) => ELECTED.has(value)));
}
