import { COMMAND_NAMES, type CommandName } from "../model/index.ts";
import type { ParsedCommands } from "./command-schema.ts";

/** What the config says of commands in comments. */
export interface CommandRules {
  /** Commands that count without `/drydock` before them, in the order of `COMMAND_NAMES`. */
  readonly shortForms: readonly CommandName[];
  /** What a command takes beside its own right; it only ever narrows. */
  readonly limits: ReadonlyMap<CommandName, CommandLimit>;
}

export interface CommandLimit extends AskerLimit {
  /** By environment: what that asks for beside this. */
  readonly environments: ReadonlyMap<string, AskerLimit>;
}

export interface AskerLimit {
  readonly role: "write" | "maintain" | "admin" | undefined;
  /** They have to be in one team of each list. No list is empty. */
  readonly teams: readonly (readonly string[])[];
}

export function buildCommandRules(parsed: ParsedCommands): CommandRules {
  const { shortForms } = parsed;
  const limits = new Map<CommandName, CommandLimit>();
  for (const name of COMMAND_NAMES) {
    const limit = parsed[name];
    if (limit === undefined) continue;
    const environments = "environments" in limit ? Object.entries(limit.environments) : [];
    limits.set(name, {
      ...buildLimit(limit),
      environments: new Map(environments.map(([key, one]) => [key, buildLimit(one)])),
    });
  }
  const isShort = (name: CommandName): boolean => (Array.isArray(shortForms) ? shortForms.includes(name) : shortForms);
  return { shortForms: COMMAND_NAMES.filter(isShort), limits };
}

/** What counts under a floor: a short form that both know, and all that either asks for. */
export function narrowCommands(own: CommandRules, floor: CommandRules, isShortFormWritten: boolean): CommandRules {
  const limits = new Map<CommandName, CommandLimit>();
  for (const name of COMMAND_NAMES) {
    const [said, least] = [own.limits.get(name), floor.limits.get(name)];
    const limit = said === undefined || least === undefined ? (said ?? least) : joinCommandLimits(said, least);
    if (limit !== undefined) limits.set(name, limit);
  }
  const isLeft = (name: CommandName): boolean => !isShortFormWritten || floor.shortForms.includes(name);
  return { shortForms: own.shortForms.filter(isLeft), limits };
}

const NO_LIMIT: AskerLimit = { role: undefined, teams: [] };
const ROLES = ["write", "maintain", "admin"] as const;

function buildLimit({
  role,
  teams,
}: {
  readonly role?: AskerLimit["role"];
  readonly teams: readonly string[];
}): AskerLimit {
  return { role, teams: teams.length === 0 ? [] : [teams] };
}

function joinCommandLimits(left: CommandLimit, right: CommandLimit): CommandLimit {
  const names = new Set([...left.environments.keys(), ...right.environments.keys()]);
  const join = (name: string): AskerLimit =>
    joinLimits(left.environments.get(name) ?? NO_LIMIT, right.environments.get(name) ?? NO_LIMIT);
  return { ...joinLimits(left, right), environments: new Map([...names].map((name) => [name, join(name)])) };
}

/** Both count: the higher role, and a team of each. */
export function joinLimits(left: AskerLimit, right: AskerLimit): AskerLimit {
  const role = ROLES.findLast((one) => one === left.role || one === right.role);
  const teams = new Map([...left.teams, ...right.teams].map((group) => [group.join(), group]));
  return { role, teams: [...teams.values()] };
}
