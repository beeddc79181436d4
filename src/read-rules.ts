import { NO_LABELS, printSection, readRepositoryConfig, type RuleSet } from "./config/index.ts";
import type { Repository } from "./git/index.ts";
import type { CheckOfPullRequest, JudgedRules } from "./jobs/ports.ts";
import type { OpenMirror } from "./mirror/index.ts";
import { CONFIG_FILE, readTextFile, type LoadedConfig } from "./pipeline/load-config.ts";
import { governConfig, raiseConfig, type OrganizationRules } from "./pipeline/organization.ts";
import { governRules, readConfig } from "./read-governed-config.ts";
import type { MergedSides } from "./sides.ts";

/** The config that says the rules of environments; undefined where there is no default branch to read it from. */
export async function readRuling(
  repository: Repository,
  mirror: OpenMirror | undefined,
  { rulesSha, baseSha }: Pick<CheckOfPullRequest, "rulesSha" | "baseSha">,
  ofBase: LoadedConfig,
): Promise<LoadedConfig | undefined> {
  if (rulesSha === baseSha) return ofBase;
  return rulesSha === undefined || mirror === undefined ? undefined : await readConfig(repository, mirror, rulesSha);
}

/**
 * The rules that a change of the default branch's config brings, under the organization's; undefined where it leaves them
 * as they are, or breaks its config (that is a finding).
 */
export async function readBroughtRules(
  { baseTree, headTree }: Pick<MergedSides, "baseTree" | "headTree">,
  loaded: LoadedConfig | undefined,
  organization: OrganizationRules | undefined,
): Promise<RuleSet | undefined> {
  if (loaded === undefined) return undefined;
  const [before, after] = [await readTextFile(baseTree, CONFIG_FILE), await readTextFile(headTree, CONFIG_FILE)];
  if (before === after) return undefined;
  const reading = readRepositoryConfig(after, CONFIG_FILE);
  if (reading.kind === "invalid") return undefined;
  const governed = governConfig(loaded, organization);
  const { rules } = raiseConfig(reading.config, governed);
  return printSection(rules) === printSection(governed.config.rules) ? undefined : rules;
}

/** Rules that nobody can read are not rules that ask for nothing. */
export function judgeRules(loaded: LoadedConfig | undefined, organization: OrganizationRules | undefined): JudgedRules {
  if (loaded === undefined) {
    return { set: NO_RULES, mode: "enforce", labels: NO_LABELS, problem: "the default branch is gone" };
  }
  const { config, problem } = governRules(loaded, organization);
  const mode = problem === undefined ? config.mode : "enforce";
  return { set: config.rules, mode, labels: config.labels, problem };
}

const NO_RULES: JudgedRules["set"] = {
  environments: [],
  changes: { pairing: undefined, environments: undefined, apps: undefined, resources: undefined, apart: [] },
  branches: [],
  override: { teams: [], breakGlass: false },
  bypasses: { isReported: true, bots: [] },
  freeze: undefined,
};
