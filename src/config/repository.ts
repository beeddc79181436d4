import { z } from "zod";
import type { AppKind, FailureKind, KubernetesVersion, Level } from "../model/index.ts";
import type { Glob } from "./glob.ts";
import { buildCommandRules, type CommandRules } from "./command-rules.ts";
import { buildRuleSet, type FreezeRule, type RuleSet } from "./environment-rules.ts";
import { findRuleProblems } from "./find-rule-problems.ts";
import { nearestName } from "./nearest-name.ts";
import { buildPolicyConfig, type PolicyConfig } from "./policy.ts";
import { quoteText, readYaml } from "./read-yaml.ts";
import type { Position, YamlEntry, YamlNode } from "./read-yaml.ts";
import { repositorySchema } from "./repository-schema.ts";
import type { ParsedRepositoryConfig } from "./repository-schema.ts";

/** One entry of `apps` with a path. Lines are those of the config file, for messages about what it says. */
export interface DeclaredApp {
  readonly line: number;
  /** Directory (or, for a plain app, file) inside the repository, `""` for the root. */
  readonly path: string;
  readonly kind: AppKind | undefined;
  readonly name: string | undefined;
  readonly environment: string | undefined;
  /** Values files relative to `path`, in the order they are laid over each other; undefined when nothing is said. */
  readonly values: readonly string[] | undefined;
  readonly releaseName: string | undefined;
  readonly namespace: string | undefined;
  readonly apiVersions: readonly string[] | undefined;
  readonly includeCrds: boolean | undefined;
  readonly kubernetesVersion: KubernetesVersion | undefined;
  readonly loadRestrictor: "root-only" | "none" | undefined;
}

export interface DroppedApps {
  readonly line: number;
  readonly apps: Glob;
}

export interface EnvironmentConfig {
  readonly line: number;
  readonly name: string;
  readonly paths: readonly Glob[];
  readonly kubernetesVersion: KubernetesVersion | undefined;
}

export interface AcceptedFailure {
  readonly line: number;
  readonly apps: Glob;
  readonly reason: FailureKind;
  readonly comment: string | undefined;
}

export interface HelmConfig {
  /** Values files as templates with `{placeholders}`, relative to the chart; undefined when nothing is said. */
  readonly valuesLayers: readonly string[] | undefined;
  readonly releaseName: string | undefined;
  readonly namespace: string | undefined;
}

/** Names of labels as templates, by family; undefined for a family that is off. */
export interface LabelsConfig {
  readonly environment: string | undefined;
  readonly risk: string | undefined;
  readonly state: string | undefined;
}

/** The repository's config with every default filled in. */
export interface RepositoryConfig {
  readonly version: 1;
  /** Path of the file it was read from, or would be read from. */
  readonly file: string;
  /** Keys that the file itself says, as `limits.seconds`: what is not among them is a default. Four levels deep. */
  readonly written: ReadonlySet<string>;
  readonly include: readonly Glob[];
  readonly exclude: readonly Glob[];
  readonly strict: boolean;
  readonly apps: readonly DeclaredApp[];
  readonly drops: readonly DroppedApps[];
  readonly helm: HelmConfig;
  /** In the order of the file: the first one whose paths match an app is its environment. */
  readonly environments: readonly EnvironmentConfig[];
  readonly kubernetes: {
    readonly version: KubernetesVersion | undefined;
    readonly schemaLocations: readonly string[];
    readonly missingSchema: Level | "off";
  };
  readonly accept: readonly AcceptedFailure[];
  readonly policy: PolicyConfig;
  /** What `drydock/environments` is decided by. Of the default branch's config alone. */
  readonly rules: RuleSet;
  /** Of the default branch's config alone, too. */
  readonly commands: CommandRules;
  /** As the file says it; what counts is in `rules`. */
  readonly freeze: FreezeRule | undefined;
  /** `advise`: every check is `success` and says what would have failed. */
  readonly mode: "enforce" | "advise";
  readonly comment: { readonly enabled: boolean; readonly max: number };
  readonly review: {
    readonly findings: "off" | "errors" | "all";
    readonly renderedDiffs: "off" | "risky" | "all";
  };
  readonly checks: { readonly annotations: number };
  readonly labels: LabelsConfig;
  readonly limits: {
    readonly seconds: number;
    readonly outputMiB: number;
    readonly files: number;
    readonly documents: number;
  };
}

/** Something in the config file that keeps it from being used, or (as a notice) that should be changed some day. */
export interface ConfigProblem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
  /** Keys and list indexes from the root of the file, empty for the file as a whole. */
  readonly path: readonly (string | number)[];
}

export type ConfigReading =
  | { readonly kind: "absent"; readonly config: RepositoryConfig }
  | { readonly kind: "loaded"; readonly config: RepositoryConfig; readonly notices: readonly ConfigProblem[] }
  | { readonly kind: "invalid"; readonly problems: readonly ConfigProblem[] };

/** A key that got another name. `parent` leads to the mapping that holds it; `*` stands for any key or list index. */
export interface RenamedKey {
  readonly parent: readonly string[];
  readonly from: string;
  readonly to: string;
}

/** The old name is accepted with a notice for one major version. */
export const RENAMED_KEYS: readonly RenamedKey[] = [];

const MAX_BYTES = 256 * 1024;

/**
 * Reads `.github/drydock.yaml`. Undefined text is a repository without one: the defaults hold. Every problem says its
 * line and the nearest known name. Never throws, whatever the text is.
 */
export function readRepositoryConfig(
  text: string | undefined,
  file: string,
  renamedKeys: readonly RenamedKey[] = RENAMED_KEYS,
): ConfigReading {
  if (text === undefined) return { kind: "absent", config: buildConfig(repositorySchema.parse({ version: 1 }), file) };
  if (text.length > MAX_BYTES || new TextEncoder().encode(text).length > MAX_BYTES) {
    return invalid([{ message: "the file is larger than 256 KiB", line: 1, column: 1, path: [] }]);
  }
  const yaml = readYaml(text.replace(/^\ufeff/, ""));
  if (yaml.kind === "invalid") return invalid(yaml.problems.map(({ message, at }) => ({ message, ...at, path: [] })));
  const renamed = renameKeys(yaml.root, [], renamedKeys);
  const problems = [...renamed.problems];
  const parsed = parseDocument(renamed.root, problems);
  if (parsed === undefined || problems.length > 0) return invalid(problems);
  return { kind: "loaded", config: buildConfig(parsed, file, renamed.root), notices: renamed.notices };
}

function invalid(problems: readonly ConfigProblem[]): ConfigReading {
  const sorted = [...problems].sort((left, right) => left.line - right.line || left.column - right.column);
  return { kind: "invalid", problems: sorted };
}

function parseDocument(root: YamlNode, problems: ConfigProblem[]): ParsedRepositoryConfig | undefined {
  const knownKeys = new Map<string, readonly string[]>();
  const parsed = repositorySchema.safeParse(toPlainValue(root), {
    error: (issue) => {
      if (issue.code === "unrecognized_keys" && issue.inst instanceof z.ZodObject) {
        knownKeys.set(JSON.stringify(issue.path ?? []), Object.keys(issue.inst.shape));
      }
      return describeIssue(issue);
    },
  });
  if (parsed.success) {
    for (const { path, message } of findRuleProblems(parsed.data)) {
      problems.push({ message: `${formatPath(path)}: ${message}`, ...placeOf(root, path), path });
    }
    return parsed.data;
  }
  for (const issue of parsed.error.issues.flatMap(withoutUnions)) {
    const path = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
    if (issue.code === "unrecognized_keys") {
      const known = knownKeys.get(JSON.stringify(path)) ?? [];
      for (const key of issue.keys) problems.push(unknownKeyProblem(root, path, key, known));
    } else {
      const message = path.length > 0 ? `${formatPath(path)}: ${issue.message}` : issue.message;
      problems.push({ message, ...placeOf(root, path), path });
    }
  }
  return undefined;
}

/** Of a value that may have several shapes, what is wrong with the one that comes nearest. */
function withoutUnions(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const isOfShape = (issues: readonly z.core.$ZodIssue[]): boolean =>
    issues.every(({ code, path }) => path.length > 0 || (code !== "invalid_type" && code !== "invalid_value"));
  const nearest = issue.errors.find(isOfShape) ?? issue.errors[0] ?? [];
  return nearest.flatMap((one) => withoutUnions({ ...one, path: [...issue.path, ...one.path] }));
}

function unknownKeyProblem(
  root: YamlNode,
  path: readonly (string | number)[],
  key: string,
  known: readonly string[],
): ConfigProblem {
  const nearest = nearestName(key, known);
  const where = path.length > 0 ? ` in ${formatPath(path)}` : "";
  const hint = nearest === undefined ? `known keys are ${known.join(", ")}` : `did you mean ${nearest}?`;
  const keyPath = [...path, key];
  return { message: `unknown key ${quoteText(key)}${where}; ${hint}`, ...keyPlace(root, keyPath), path: keyPath };
}

/** One sentence for an issue of the schema; undefined leaves zod's own words. */
function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_value":
      return describeInvalidValue(issue.input, issue.values.map(String));
    case "invalid_type":
      return issue.input === undefined
        ? `this key is missing`
        : `expected ${nameType(issue.expected)}, found ${nameValue(issue.input)}`;
    case "too_small":
      return `expected at least ${issue.minimum}${issue.origin === "string" ? " character" : ""}`;
    case "too_big":
      return `expected at most ${issue.maximum}${issue.origin === "string" ? " characters" : ""}`;
    default:
      return undefined;
  }
}

function describeInvalidValue(input: unknown, values: readonly string[]): string {
  if (input === undefined) return `this key is missing; expected ${values.join(" or ")}`;
  const nearest = typeof input === "string" ? nearestName(input, values) : undefined;
  const hint = nearest === undefined ? "" : `did you mean ${nearest}? `;
  return `${nameValue(input)} is not known here; ${hint}expected ${values.join(", ")}`.replace(
    "? expected",
    "? Expected",
  );
}

function nameType(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    array: "a list",
    object: "a mapping",
    record: "a mapping",
    string: "a string",
    boolean: "true or false",
    int: "a whole number",
    number: "a whole number",
  };
  return names[expected] ?? expected;
}

function nameValue(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  if (typeof value === "string") return quoteText(value);
  return typeof value === "number" ? `the number ${value}` : JSON.stringify(value);
}

/** A path as people write it: `apps[2].kind`. */
function formatPath(path: readonly (string | number)[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += (text === "" ? "" : ".") + (/^[\w.-]{1,60}$/.test(step) ? step : quoteText(step));
  }
  return text;
}

function toPlainValue(node: YamlNode): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "sequence":
      return node.items.map(toPlainValue);
    case "mapping": {
      const plain: Record<string, unknown> = {};
      // `__proto__` was refused when the document was read.
      for (const [key, entry] of node.entries) plain[key] = toPlainValue(entry.value);
      return plain;
    }
  }
}

function entryAt(root: YamlNode, path: readonly (string | number)[]): YamlEntry {
  let entry: YamlEntry = { at: root.at, value: root };
  for (const step of path) {
    const next = stepInto(entry.value, step);
    if (next === undefined) break;
    entry = next;
  }
  return entry;
}

function stepInto(node: YamlNode, step: string | number): YamlEntry | undefined {
  if (node.kind === "mapping") return node.entries.get(String(step));
  if (node.kind !== "sequence" || typeof step !== "number") return undefined;
  const item = node.items[step];
  return item && { at: item.at, value: item };
}

/** Where the value at `path` stands, or the nearest thing around it that exists. */
function placeOf(root: YamlNode, path: readonly (string | number)[]): Position {
  return entryAt(root, path).value.at;
}

function keyPlace(root: YamlNode, path: readonly (string | number)[]): Position {
  return entryAt(root, path).at;
}

interface Renaming {
  readonly root: YamlNode;
  readonly notices: readonly ConfigProblem[];
  readonly problems: readonly ConfigProblem[];
}

function renameKeys(root: YamlNode, path: readonly (string | number)[], renamedKeys: readonly RenamedKey[]): Renaming {
  if (renamedKeys.length === 0 || root.kind === "scalar") return { root, notices: [], problems: [] };
  const notices: ConfigProblem[] = [];
  const problems: ConfigProblem[] = [];
  const visit = (node: YamlNode, step: string | number): YamlNode => {
    const renamed = renameKeys(node, [...path, step], renamedKeys);
    notices.push(...renamed.notices);
    problems.push(...renamed.problems);
    return renamed.root;
  };
  if (root.kind === "sequence") return { root: { ...root, items: root.items.map(visit) }, notices, problems };
  const entries = new Map<string, YamlEntry>();
  for (const [key, entry] of root.entries) {
    const rename = renamedKeys.find((candidate) => candidate.from === key && matchesParent(candidate.parent, path));
    const name = rename?.to ?? key;
    if (rename !== undefined) {
      const place = { ...entry.at, path: [...path, key] };
      notices.push({ message: `${formatPath([...path, key])} is now called ${name}; rename it`, ...place });
      if (root.entries.has(name))
        problems.push({ message: `${key} and ${name} are the same key; keep ${name}`, ...place });
    }
    entries.set(name, { at: entry.at, value: visit(entry.value, name) });
  }
  return { root: { ...root, entries }, notices, problems };
}

function matchesParent(parent: readonly string[], path: readonly (string | number)[]): boolean {
  return parent.length === path.length && parent.every((step, index) => step === "*" || step === String(path[index]));
}

const NO_DOCUMENT: YamlNode = { kind: "scalar", at: { line: 1, column: 1 }, value: null };

function buildConfig(parsed: ParsedRepositoryConfig, file: string, root: YamlNode = NO_DOCUMENT): RepositoryConfig {
  const lineOf = (...path: readonly (string | number)[]): number => placeOf(root, path).line;
  const apps: DeclaredApp[] = [];
  const drops: DroppedApps[] = [];
  for (const [index, entry] of parsed.apps.entries()) {
    const line = lineOf("apps", index);
    if (entry.drop !== undefined) drops.push({ line, apps: entry.drop });
    else if (entry.path !== undefined) apps.push(declareApp(entry, entry.path, line));
  }
  return {
    version: 1,
    file,
    written: new Set(listKeys(root, WRITTEN_LEVELS)),
    include: parsed.include,
    exclude: parsed.exclude,
    strict: parsed.strict,
    apps,
    drops,
    helm: {
      valuesLayers: parsed.helm.valuesLayers,
      releaseName: parsed.helm.releaseName,
      namespace: parsed.helm.namespace,
    },
    environments: Object.entries(parsed.environments)
      .map(([name, environment]) => ({
        name,
        line: keyPlace(root, ["environments", name]).line,
        paths: environment.paths,
        kubernetesVersion: environment.kubernetesVersion,
      }))
      // Object keys that look like numbers come first in JavaScript; the file's order is what counts.
      .sort((left, right) => left.line - right.line),
    kubernetes: {
      version: parsed.kubernetes.version,
      schemaLocations: parsed.kubernetes.schemaLocations,
      missingSchema: parsed.kubernetes.missingSchema,
    },
    accept: parsed.accept.map((entry, index) => ({
      line: lineOf("accept", index),
      apps: entry.apps,
      reason: entry.reason,
      comment: entry.comment,
    })),
    rules: buildRuleSet(parsed, (...path) => (path.length === 2 ? keyPlace(root, path).line : lineOf(...path))),
    commands: buildCommandRules(parsed.commands),
    freeze: parsed.freeze === undefined ? undefined : { reason: parsed.freeze.reason, until: parsed.freeze.until },
    policy: buildPolicyConfig(parsed.policy, (...path) => lineOf("policy", ...path)),
    mode: parsed.mode,
    comment: parsed.comment,
    review: parsed.review,
    checks: parsed.checks,
    labels: {
      environment: orNone(parsed.labels.environment),
      risk: orNone(parsed.labels.risk),
      state: orNone(parsed.labels.state),
    },
    limits: parsed.limits,
  };
}

/** Deep enough for every key of the schema that has a default of its own: `environments.prod.approvals.count`. */
const WRITTEN_LEVELS = 4;

function listKeys(node: YamlNode, levels: number): readonly string[] {
  if (node.kind !== "mapping" || levels === 0) return [];
  return [...node.entries].flatMap(([key, { value }]) => [
    key,
    ...listKeys(value, levels - 1).map((below) => `${key}.${below}`),
  ]);
}

function orNone(template: string): string | undefined {
  return template === "off" ? undefined : template;
}

function declareApp(entry: ParsedRepositoryConfig["apps"][number], path: string, line: number): DeclaredApp {
  return {
    line,
    path,
    kind: entry.kind,
    name: entry.name,
    environment: entry.environment,
    values: entry.values,
    releaseName: entry.releaseName,
    namespace: entry.namespace,
    apiVersions: entry.apiVersions,
    includeCrds: entry.includeCrds,
    kubernetesVersion: entry.kubernetesVersion,
    loadRestrictor: entry.loadRestrictor,
  };
}
