import type { Level } from "../model/index.ts";
import type { Glob } from "./glob.ts";
import type { PolicyFloor } from "./policy-floor.ts";
import type { ParsedPolicyConfig } from "./policy-schema.ts";

/** A level, or `off` for a rule that says nothing. */
export type RuleLevel = Level | "off";

export type PolicyPreset = "none" | "default" | "baseline" | "strict";

/** What the config says of one rule. */
export interface RuleConfig {
  readonly line: number;
  readonly level: RuleLevel | undefined;
  readonly environments: ReadonlyMap<string, RuleLevel>;
  /** Slug of the team that approves exceptions; undefined where none is named. */
  readonly approvers: string | undefined;
  /** Lists of texts by name: `allowed` of `image-registry`. */
  readonly options: ReadonlyMap<string, readonly string[]>;
}

export interface PolicyException {
  readonly line: number;
  /** Where it is written, where that is the organisation's floor: it holds whatever the floor holds. */
  readonly file?: string;
  readonly rule: string;
  /** Over `Kind/namespace/name`, or `Kind/name` of what has no namespace. Either this or `path` is there. */
  readonly resource: Glob | undefined;
  /** What the config calls `file`: over paths in the repository, for findings that are in no resource. */
  readonly path: Glob | undefined;
  readonly apps: Glob | undefined;
  readonly reason: string;
  /** The last day on which it counts, `2027-01-31`, in UTC. */
  readonly expires: string | undefined;
  readonly approvers: string | undefined;
}

/** What an exception is for, in one word or two: `Deployment/shop/*`, `file charts/web/values.yaml`. */
export function nameExcepted({ resource, path }: Pick<PolicyException, "resource" | "path">): string {
  return resource?.pattern ?? `file ${path?.pattern ?? ""}`;
}

export interface PolicyConfig {
  readonly preset: PolicyPreset;
  readonly rules: ReadonlyMap<string, RuleConfig>;
  readonly rego: {
    readonly paths: readonly string[];
    /** Undefined for all packages. */
    readonly namespaces: readonly string[] | undefined;
    readonly combine: boolean;
  };
  readonly admission: boolean;
  readonly creators: readonly string[];
  readonly exceptions: readonly PolicyException[];
  readonly baseline: string | undefined;
  /** What the organisation's floor says of rules: their levels are never below it. */
  readonly floor?: PolicyFloor;
}

/** `lineOf` tells where a key of `policy` stands in the file. */
export function buildPolicyConfig(
  parsed: ParsedPolicyConfig,
  lineOf: (...path: readonly (string | number)[]) => number,
): PolicyConfig {
  const { preset, rego, admission, creators, baseline } = parsed;
  return {
    preset,
    rego: { paths: rego.paths, namespaces: rego.namespaces, combine: rego.combine },
    admission,
    creators,
    baseline,
    rules: new Map(Object.entries(parsed.rules).map(([id, said]) => [id, toRule(said, lineOf("rules", id))])),
    exceptions: parsed.exceptions.map((exception, index) => ({
      line: lineOf("exceptions", index),
      rule: exception.rule,
      resource: exception.resource,
      path: exception.file,
      apps: exception.apps,
      reason: exception.reason,
      expires: exception.expires,
      approvers: exception.approvers,
    })),
  };
}

function toRule(said: ParsedPolicyConfig["rules"][string], line: number): RuleConfig {
  if (typeof said === "string") {
    return { line, level: said, environments: new Map(), approvers: undefined, options: new Map() };
  }
  const { level, environments = {}, approvers, ...options } = said;
  return {
    line,
    level,
    environments: new Map(Object.entries(environments)),
    approvers,
    options: new Map(Object.entries(options)),
  };
}
