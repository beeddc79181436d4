import { authorize, COMMANDS, findEnvironmentProblem, findRequirement, listTeams } from "../../commands/index.ts";
import type { Command, Role } from "../../model/index.ts";
import type { GitHubRepository } from "../ports.ts";
import { readAsker } from "../read-asker.ts";
import type { JobServices } from "../services.ts";
import type { CommandPlace, PlannedCommand } from "./command.ts";
import { planCommand } from "./plan-command.ts";

/** A place before it was asked who may do what there. */
export interface AskedPlace extends Omit<CommandPlace, "role"> {
  /** Why nobody knows what the rules are, nor who may do what by them; in a clause. */
  readonly problem: string | undefined;
}

export type PlannedCommands =
  | { readonly kind: "refused"; readonly why: string }
  | {
      readonly kind: "planned";
      readonly planned: readonly Extract<PlannedCommand, { kind: "planned" }>[];
      readonly role: Role;
    };

/** What the commands of one comment would do, in their order: all of them, or why none is done. Changes nothing. */
export async function planCommands(
  commands: readonly Command[],
  { problem, ...place }: AskedPlace,
  api: GitHubRepository,
  services: JobServices,
): Promise<PlannedCommands> {
  const wanted = commands.map((command) => ({ command, requirement: findRequirement(command, place.config) }));
  const teams = wanted.flatMap(({ requirement }) => listTeams(requirement));
  const asker = await readAsker(place.actor, teams, place, api);
  for (const { command, requirement } of wanted) {
    const verdict = authorize(requirement, asker);
    if (!verdict.isAllowed) return { kind: "refused", why: `${verdict.reason}.` };
    const why = findObstacle(command, place, problem);
    if (why !== undefined) return { kind: "refused", why };
  }
  const planned: Extract<PlannedCommand, { kind: "planned" }>[] = [];
  for (const { command } of wanted) {
    const plan = await planCommand(command, { ...place, role: asker.role }, services);
    if (plan.kind === "refused") return plan;
    planned.push(plan);
  }
  return { kind: "planned", planned, role: asker.role };
}

/** What keeps a command from being done here, whoever gives it (T13). */
function findObstacle(
  command: Command,
  { pullRequest, config }: Pick<CommandPlace, "pullRequest" | "config">,
  problem: string | undefined,
): string | undefined {
  const { bearing } = COMMANDS[command.name];
  if (bearing === "answers") return undefined;
  if (problem !== undefined) return `${problem}.`;
  if (pullRequest.isLocked) return "this conversation is locked.";
  if (bearing === "vouches" && pullRequest.isDraft) return "this pull request is a draft.";
  const unknown = findEnvironmentProblem(command, config);
  return unknown === undefined ? undefined : `${unknown}${unknown.endsWith("?") ? "" : "."}`;
}
