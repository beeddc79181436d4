import type { AppKind, FailureKind, KubernetesVersion, Level } from "../model/index.ts";
import type { Glob } from "./glob.ts";
import { buildCommandRules, type CommandRules } from "./command-rules.ts";
import { buildRuleSet, type FreezeRule, type RuleSet } from "./environment-rules.ts";
import { findRuleProblems } from "./find-rule-problems.ts";
import { buildLabels, type LabelsConfig } from "./labels.ts";
import { buildPolicyConfig, type PolicyConfig } from "./policy.ts";
import { formatPath, keyPlace, parseNode, placeOf, type ConfigProblem } from "./parse-document.ts";
import { readYaml } from "./read-yaml.ts";
import type { YamlEntry, YamlNode } from "./read-yaml.ts";
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

export interface MergeConfig {
  /** Whether somebody may have Drydock merge once everything holds. */
  readonly whenReady: boolean;
  readonly method: "merge" | "squash" | "rebase";
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
  /** Of the default branch's config alone. */
  readonly merge: MergeConfig;
  readonly limits: {
    readonly seconds: number;
    readonly outputMiB: number;
    readonly files: number;
    readonly documents: number;
  };
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
  const reading = parseNode(root, repositorySchema);
  if (reading.kind === "invalid") {
    problems.push(...reading.problems);
    return undefined;
  }
  for (const { path, message, isKey } of findRuleProblems(reading.value)) {
    const place = isKey === true ? keyPlace(root, path) : placeOf(root, path);
    problems.push({ message: `${formatPath(path)}: ${message}`, ...place, path });
  }
  return reading.value;
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
    labels: buildLabels(parsed.labels),
    merge: parsed.merge,
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
