import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DecisionOutput, SimulateRequest } from "./cli/decision-commands.ts";
import { printDecision } from "./cli/print-decision.ts";
import type { RuleSet } from "./config/index.ts";
import {
  decideByKnown,
  readFacts,
  stopOfOrganization,
  type AssumedFacts,
  type KnownFacts,
} from "./environments/index.ts";
import { findFilesRoot, openRepository } from "./git/index.ts";
import { UsageError, type EnvironmentDecision } from "./model/index.ts";
import { withOrganization } from "./organization-door.ts";
import { CONFIG_FILE, parseGivenConfig, type LoadedConfig } from "./pipeline/load-config.ts";
import { governConfig } from "./pipeline/organization.ts";
import { readGiven } from "./read-given.ts";

/** Decides over the facts of a file by the rules of a config. Rejects with a UsageError that tells every line that is wrong. */
export async function simulateDoor(request: SimulateRequest): Promise<DecisionOutput> {
  const rules = await readRuleSet(request);
  const known = readFactsFile(request.facts, {
    at: request.at,
    environments: rules.environments.map(({ name }) => name),
  });
  return answerDecision(known, rules, request);
}

/** Facts of a file, at a moment that was asked for. Throws a UsageError that names every problem with its place. */
export function readFactsFile(
  file: string | undefined,
  { at, ...assumed }: Omit<AssumedFacts, "now"> & { readonly at: number | undefined },
): KnownFacts {
  const reading = readFacts(file === undefined ? "{}" : readGiven(file), { ...assumed, now: at ?? Date.now() });
  if (reading.kind === "read") {
    const { facts, unknown } = reading.known;
    return { facts: { ...facts, now: at ?? facts.now }, unknown };
  }
  const problems = reading.problems.map(({ line, column, message }) => `  ${file ?? ""}:${line}:${column}: ${message}`);
  throw new UsageError(`the facts cannot be used\n${problems.join("\n")}`);
}

/** The decision as a door answers it: printed, with its exit status. */
export function answerDecision(
  { facts, unknown }: KnownFacts,
  rules: RuleSet,
  { format, width }: Pick<SimulateRequest, "format" | "width">,
  notes: readonly string[] = [],
  decided?: EnvironmentDecision,
): DecisionOutput {
  const stops = [...facts.stops, ...stopOfOrganization(rules.freeze, facts.now)];
  const decision = decided ?? decideByKnown({ facts: { ...facts, stops }, unknown }, rules);
  const text = printDecision(decision, { format, width, unknown: [...unknown], notes });
  return { text, exitCode: EXIT_CODES[decision.state] };
}

const EXIT_CODES = { success: 0, failure: 1, in_progress: 2 } as const satisfies Record<
  EnvironmentDecision["state"],
  DecisionOutput["exitCode"]
>;

async function readRuleSet({ repo, config, organization }: SimulateRequest): Promise<RuleSet> {
  const loaded = parseGivenConfig(...readConfigText(repo, config));
  if (organization === undefined) return loaded.config.rules;
  const repository = await openRepository(repo);
  try {
    return await withOrganization(organization, repository, (said) => {
      return Promise.resolve(requireRules(loaded, said));
    });
  } finally {
    await repository.close();
  }
}

/** The rules with the organization's over them. Throws a UsageError where they cannot be read: nothing would pass then. */
export function requireRules(loaded: LoadedConfig, said: Parameters<typeof governConfig>[1]): RuleSet {
  const { config, obstacle, notes } = governConfig(loaded, said);
  if (obstacle !== undefined) throw new UsageError(notes[0] ?? obstacle);
  return config.rules;
}

function readConfigText(repo: string, config: string | undefined): readonly [text: string, file: string] {
  if (config !== undefined) return [readGiven(config), config];
  const path = join(findFilesRoot(repo), CONFIG_FILE);
  if (!existsSync(path)) throw new UsageError(`${CONFIG_FILE} does not exist; name another file with --config`);
  return [readFileSync(path, "utf8"), CONFIG_FILE];
}
