import {
  joinLimits,
  nearestName,
  type CommandLimit,
  type CommandRules,
  type MergeConfig,
  type RuleSet,
} from "../config/index.ts";
import type { Command } from "../model/index.ts";
import type { Requirement } from "./authorize.ts";
import { COMMANDS } from "./command-table.ts";

/** What decides over commands, from the config of the default branch. */
export interface CommandConfig {
  readonly commands: CommandRules;
  readonly rules: RuleSet;
  readonly merge: MergeConfig;
}

const NO_LIMIT: CommandLimit = { role: undefined, teams: [], environments: new Map() };

/** Who may give this very command: its row, narrowed by the config for all of its kind and for the environment in it. */
export function findRequirement(
  command: Command,
  { commands, rules }: Pick<CommandConfig, "commands" | "rules">,
): Requirement {
  const environment = "environment" in command.args ? command.args.environment : undefined;
  const limit = commands.limits.get(command.name) ?? NO_LIMIT;
  const here = limit.environments.get(environment ?? "") ?? NO_LIMIT;
  const { role, teams } = joinLimits(limit, here);
  const found = rules.environments.find(({ name }) => name === environment);
  return {
    right: COMMANDS[command.name].right,
    role,
    teams: command.name === "override" ? [rules.override.teams, ...teams] : teams,
    keepers: found?.approvals.teams ?? [],
  };
}

/** What is wrong with the environment that a command names, as a clause in Markdown; undefined when it is known. */
export function findEnvironmentProblem(command: Command, { rules }: Pick<CommandConfig, "rules">): string | undefined {
  const environment = "environment" in command.args ? command.args.environment : undefined;
  const known = rules.environments.map(({ name }) => name);
  if (environment === undefined || known.includes(environment)) return undefined;
  const nearest = nearestName(environment, known);
  return nearest === undefined
    ? "the config has no environment of this name"
    : `the config has no environment of this name; did you mean \`${nearest}\`?`;
}
