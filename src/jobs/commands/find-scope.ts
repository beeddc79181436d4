import { authorize, findRequirement, listTeams, type CommandConfig } from "../../commands/index.ts";
import { asksForApprovals } from "../facts/asks-for-approvals.ts";
import type { GitHubRepository } from "../ports.ts";
import { readAsker } from "../read-asker.ts";
import type { CommandPlace } from "./command.ts";

/** Where somebody's approval without an environment counts. */
export interface ApprovalScope {
  /** `undefined` stands for all that they may approve. */
  readonly environments: readonly (string | undefined)[];
  /** Where it does not: each with why, a clause in Markdown. */
  readonly refused: readonly { readonly environment: string; readonly reason: string }[];
}

/**
 * Whoever may not say `approve prod` does not approve prod by `approve` either: without a name the command counts in the
 * environments whose own limits they meet. Rejects as GitHub's answers do.
 */
export async function findScope(
  place: Pick<CommandPlace, "actor" | "repository" | "pullRequest" | "permissions"> & {
    readonly config: Pick<CommandConfig, "commands" | "rules">;
  },
  api: Pick<GitHubRepository, "readRole" | "isTeamMember">,
): Promise<ApprovalScope> {
  const { config, actor } = place;
  const limited = config.commands.limits.get("approve")?.environments;
  if (limited === undefined || limited.size === 0) return { environments: [undefined], refused: [] };
  const asking = config.rules.environments
    .filter(({ approvals }) => asksForApprovals(approvals))
    .map(({ name: environment }) => ({
      environment,
      requirement: findRequirement({ name: "approve", args: { environment } }, config),
    }));
  const teams = asking.flatMap(({ requirement }) => listTeams(requirement));
  const asker = await readAsker(actor, teams, place, api);
  const refused = asking.flatMap(({ environment, requirement }) => {
    const verdict = authorize(requirement, asker);
    return verdict.isAllowed ? [] : [{ environment, reason: verdict.reason }];
  });
  if (refused.length === 0) return { environments: [undefined], refused };
  const names = asking.map(({ environment }) => environment);
  return { environments: names.filter((name) => !refused.some(({ environment }) => environment === name)), refused };
}

/** Names of environments, as the config's schema has them, hold nothing that Markdown acts on inside code. */
export function describeRefused({ refused }: ApprovalScope): string {
  return refused.map(({ environment, reason }) => `It does not count in \`${environment}\`: ${reason}.`).join(" ");
}
