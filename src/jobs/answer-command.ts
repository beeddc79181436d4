import {
  authorize,
  COMMANDS,
  describeCommands,
  isMaintainer,
  readCommands,
  type AskerFacts,
  type Command,
  type CommandReading,
} from "../commands/index.ts";
import type { Outgoing, PullRequest, RepositoryId } from "../model/index.ts";
import { planApproval } from "./approve-command.ts";
import { describeMissing } from "./permissions.ts";
import type { GitHubRepository, StoredCommand } from "./ports.ts";
import type { JobServices } from "./services.ts";

/** Carries out the commands of one comment: all of them or none, once, and answers. */
export async function answerCommand(
  repositoryId: RepositoryId,
  commentId: number,
  services: JobServices,
): Promise<void> {
  const { records, github } = services;
  const stored = await records.readCommand(repositoryId, commentId);
  if (stored === undefined || stored.isDone) return;
  const reading = readCommands(stored.text);
  const api = github.repository(stored.repository);
  // A comment that was taken back before its turn is taken back; an edited one counts as it was posted (T09).
  const isWithdrawn = reading.kind === "none" || (await api.readComment(commentId)) === undefined;
  const answers = isWithdrawn ? [] : await carryOut(stored, reading, api, services);
  await records.finishCommand(repositoryId, commentId, answers);
}

async function carryOut(
  stored: StoredCommand,
  reading: Exclude<CommandReading, { kind: "none" }>,
  api: GitHubRepository,
  services: JobServices,
): Promise<readonly Outgoing[]> {
  if (reading.kind === "unknown") {
    return refuse(stored, `${reading.problem}. ${describeCommands([])}`);
  }
  const pullRequest = await api.readPullRequest(stored.number);
  if (pullRequest?.isOpen !== true) return refuse(stored, "this pull request is not open.");
  const asker = await readAsker(stored, pullRequest, api);
  for (const { name } of reading.commands) {
    const row = COMMANDS.find((command) => command.name === name);
    const verdict = authorize(row?.right ?? "author-or-write", asker);
    if (!verdict.isAllowed) return refuse(stored, `${verdict.reason}.`);
  }
  const approval = reading.commands.some(({ name }) => name === "approve")
    ? await planApproval(stored, pullRequest, await readPermissions(stored, services), api, services)
    : undefined;
  if (approval?.kind === "refused") return refuse(stored, approval.why);
  if (approval !== undefined) await services.records.keepApprovals(pullRequest, approval.approvals);
  const answers: Outgoing[] = [{ kind: "reaction", commentId: stored.commentId, content: "+1" }];
  for (const command of reading.commands) answers.push(...(await runCommand(command, stored, asker, services)));
  return answers;
}

async function readAsker(
  { actor }: StoredCommand,
  { author }: PullRequest,
  api: GitHubRepository,
): Promise<AskerFacts> {
  return { role: await api.readRole(actor), isAuthor: author?.id === actor.id };
}

async function runCommand(
  { name }: Command,
  { repository, number, actor, headSha }: StoredCommand,
  asker: AskerFacts,
  { records }: JobServices,
): Promise<readonly Outgoing[]> {
  switch (name) {
    case "check":
      if (isMaintainer(asker.role) && headSha !== undefined) {
        await records.release({ repositoryId: repository.repositoryId, number }, headSha);
      }
      await records.applyIntents([
        { kind: "judge", repository, number, reason: "asked", lane: "people", headSha: undefined },
      ]);
      return [];
    case "approve":
      // Kept already: what is left is to ask whether that was all.
      await records.applyIntents([
        { kind: "judge", repository, number, reason: "edited", lane: "people", headSha: undefined },
      ]);
      return [];
    case "help": {
      const permissions = await readPermissions({ repository }, { records });
      const body = describeCommands(describeMissing(permissions));
      // One comment a person: whoever may comment could have the App post as many as GitHub lets it, for all of them.
      return [{ kind: "answer", number, to: `help ${actor.id}`, body }];
    }
    default:
      return name satisfies never;
  }
}

async function readPermissions(
  { repository }: Pick<StoredCommand, "repository">,
  { records }: Pick<JobServices, "records">,
): Promise<Readonly<Record<string, string>>> {
  const installations = await records.listInstallations();
  return installations.find(({ installationId }) => installationId === repository.installationId)?.permissions ?? {};
}

/** Refusals of one person on one pull request share one comment. Nothing of the comment is repeated. */
function refuse({ actor, number, commentId }: StoredCommand, why: string): readonly Outgoing[] {
  return [
    { kind: "reaction", commentId, content: "confused" },
    { kind: "answer", number, to: `refusal ${actor.id}`, body: `Not done: ${why}` },
  ];
}
