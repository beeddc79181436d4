import type {
  ParsedBranchRule,
  ParsedBypasses,
  ParsedChanges,
  ParsedEnvironment,
  ParsedOverride,
} from "./environment-schema.ts";
import { environmentSchema } from "./environment-schema.ts";
import type { Glob } from "./glob.ts";
import { zoneOfRrule } from "./rrule-schedule.ts";

/** What the config says of one environment beside where it is: who may change it, when, and in what order. */
export interface EnvironmentRules {
  readonly line: number;
  readonly name: string;
  /** Globs over folders and files of it. */
  readonly paths: readonly Glob[];
  /** The branch that is this environment; all that is merged into it belongs to it. */
  readonly branch: string | undefined;
  /** Changed files that are nobody's change: `*.md`, OWNERS, CODEOWNERS and images by default. */
  readonly ignore: readonly Glob[];
  /** Environments that a change has to be in before it comes here. */
  readonly from: readonly string[];
  readonly promotion: PromotionRules;
  readonly sharedChanges: "strictest" | "refuse";
  readonly directEdits: DirectEditRules;
  readonly approvals: ApprovalRules;
  readonly windows: readonly WindowRule[];
  readonly limits: { readonly apps: number | undefined; readonly resources: number | undefined };
  /** Whether it waits, after a start with an empty database, until an admin says that it is not locked. */
  readonly usesLocks: boolean;
}

export interface PromotionRules {
  /** What has to be in the environment before. */
  readonly track: readonly ("images" | "charts")[];
  /** Further fields as reviewers read them: `spec.replicas`. */
  readonly fields: readonly string[];
  /** Milliseconds. */
  readonly soak: number;
}

export interface DirectEditRules {
  readonly isAllowed: boolean;
  /** Logins of bots that may, as GitHub writes them: `renovate[bot]`. */
  readonly bots: readonly string[];
  /** Changes with all of their causes here are free. */
  readonly except: readonly Glob[];
}

export interface ApprovalRules {
  readonly count: number;
  /** Whose approvals count; empty lists mean everybody who can write. */
  readonly teams: readonly string[];
  readonly users: readonly string[];
  readonly codeOwners: boolean;
  /** Whether those are authors too who only made, or took, suggestions of a review. */
  readonly excludesSuggestions: boolean;
  /** What a destructive change takes instead, where it takes more. */
  readonly destructive: { readonly count: number; readonly teams: readonly string[] } | undefined;
}

/** A time in which changes are let in, or kept out. Out beats in; with windows of neither sort it is always open. */
export interface WindowRule {
  readonly line: number;
  /** The organisation's file that says it; undefined for the repository's own. Those that let in have to, of each file. */
  readonly file: string | undefined;
  readonly name: string;
  readonly effect: "allow" | "deny";
  /** Cron (five fields) or an RFC 5545 RRULE with DTSTART: when it begins. */
  readonly schedule: { readonly kind: "cron" | "rrule"; readonly text: string } | undefined;
  /** For one fixed time in place of a schedule: epoch milliseconds. */
  readonly fixed: { readonly from: number; readonly until: number } | undefined;
  /** Milliseconds by the clocks on the wall that it lasts from each beginning: 24 hours are a day, however long that is. */
  readonly duration: number;
  /** IANA name. */
  readonly timeZone: string;
  readonly reason: string | undefined;
  /** Labels of pull requests that it does not stop. */
  readonly exceptLabels: readonly string[];
}

/** Rules of the repository as a whole. */
export interface ChangeRules {
  /** How apps of two environments are paired: `apps/{app}/overlays/{env}`; undefined for by name. */
  readonly pairing: string | undefined;
  /** Environments that one pull request may change. */
  readonly environments: number | undefined;
  readonly apps: number | undefined;
  readonly resources: number | undefined;
  /** Sets of environments of which one pull request changes at most one. */
  readonly apart: readonly (readonly string[])[];
}

export interface BranchRule {
  readonly line: number;
  /** Globs over names of base branches. */
  readonly base: readonly Glob[];
  /** Globs over names of head branches that may be merged there; empty for all. */
  readonly heads: readonly Glob[];
  /** Whose pull requests; empty lists mean everybody's. */
  readonly teams: readonly string[];
  readonly users: readonly string[];
  readonly isForkAllowed: boolean;
}

export interface OverrideRules {
  /** Teams whose members may override; empty: nobody may. */
  readonly teams: readonly string[];
  /** Whether an author of the change may do it alone. */
  readonly breakGlass: boolean;
}

/** What comes into environments other than by a pull request that every rule lets in. */
export interface BypassRules {
  /** Whether it is said where people see it, beside the audit trail. */
  readonly isReported: boolean;
  /** Logins of bots that may push, as GitHub writes them. */
  readonly bots: readonly string[];
}

/** Everything that `drydock/environments` is decided by, from the config of the default branch. */
export interface RuleSet {
  /** In the order of the file. */
  readonly environments: readonly EnvironmentRules[];
  readonly changes: ChangeRules;
  readonly branches: readonly BranchRule[];
  readonly override: OverrideRules;
  readonly bypasses: BypassRules;
  /** That everything is stopped, by the organization's own config: no repository's says it. */
  readonly freeze: FreezeRule | undefined;
}

export interface FreezeRule {
  readonly reason: string;
  /** Milliseconds since the epoch; undefined for one that lasts as long as it is written. */
  readonly until: number | undefined;
}

type LineOf = (...path: readonly (string | number)[]) => number;

/** The rules as the config says them. `lineOf` tells where a key stands in the file. */
export function buildRuleSet(
  parsed: {
    readonly environments: Readonly<Record<string, ParsedEnvironment>>;
    readonly changes: ParsedChanges;
    readonly branches: readonly ParsedBranchRule[];
    readonly override: ParsedOverride;
    readonly bypasses: ParsedBypasses;
  },
  lineOf: LineOf,
): RuleSet {
  const environments = Object.entries(parsed.environments).map(([name, environment]) =>
    buildEnvironment(name, environment, (...path) => lineOf("environments", name, ...path)),
  );
  return {
    // Object keys that look like numbers come first in JavaScript; the file's order is what counts.
    environments: environments.sort((left, right) => left.line - right.line),
    changes: {
      pairing: parsed.changes.pairing,
      environments: parsed.changes.environments,
      apps: parsed.changes.apps,
      resources: parsed.changes.resources,
      apart: parsed.changes.apart,
    },
    branches: parsed.branches.map(({ forks, ...rule }, index) => ({
      line: lineOf("branches", index),
      ...rule,
      isForkAllowed: forks,
    })),
    override: parsed.override,
    bypasses: { isReported: parsed.bypasses.report, bots: parsed.bypasses.bots },
    freeze: undefined,
  };
}

/** What environments ignore that say nothing else. */
export const IGNORED_BY_DEFAULT: readonly Glob[] = environmentSchema.shape.ignore.parse(undefined);

function buildEnvironment(name: string, parsed: ParsedEnvironment, lineOf: LineOf): EnvironmentRules {
  const { paths, branch, ignore, from, promotion, sharedChanges, locks } = parsed;
  const limits = { apps: parsed.limits.apps, resources: parsed.limits.resources };
  return {
    ...{ line: lineOf(), name, paths, branch, ignore, from, promotion, sharedChanges, limits, usesLocks: locks },
    directEdits:
      typeof parsed.directEdits === "string"
        ? { isAllowed: parsed.directEdits === "allowed", bots: [], except: [] }
        : { isAllowed: false, ...parsed.directEdits },
    approvals:
      typeof parsed.approvals === "number"
        ? { ...NO_APPROVALS, count: parsed.approvals }
        : readApprovals(parsed.approvals),
    windows: parsed.windows.map(({ cron, rrule, from: begin, until, duration = 0, ...window }, index) => ({
      line: lineOf("windows", index),
      file: undefined,
      ...window,
      schedule:
        cron !== undefined
          ? { kind: "cron", text: cron }
          : rrule !== undefined
            ? { kind: "rrule", text: rrule }
            : undefined,
      fixed: begin === undefined || until === undefined ? undefined : { from: begin, until },
      duration,
      reason: window.reason,
      timeZone: window.timeZone ?? zoneOfRrule(rrule ?? "") ?? "UTC",
    })),
  };
}

function readApprovals({
  excludeSuggestions,
  ...said
}: Exclude<ParsedEnvironment["approvals"], number>): ApprovalRules {
  return { ...said, excludesSuggestions: excludeSuggestions, destructive: said.destructive };
}

const NO_APPROVALS: ApprovalRules = {
  count: 0,
  teams: [],
  users: [],
  codeOwners: false,
  excludesSuggestions: true,
  destructive: undefined,
};
