import { describeCommands, isMaintainer, readCommands, type CommandReading } from "../commands/index.ts";
import {
  COMMAND_NAMES,
  nameCommand,
  type Command,
  type CommandKey,
  type Outgoing,
  type RepositoryId,
  type Role,
} from "../model/index.ts";
import { writeAnswer } from "../publish/index.ts";
import { planCommands, type AskedPlace } from "./commands/index.ts";
import type { GitHubRepository, ReadConfig, StoredCommand } from "./ports.ts";
import { readDefaultConfig } from "./read-default-config.ts";
import type { JobServices } from "./services.ts";

/** Carries out the commands of one comment: all of them or none, once, and answers. */
export async function answerCommand(repositoryId: RepositoryId, key: CommandKey, services: JobServices): Promise<void> {
  const { records, github } = services;
  const stored = await records.readCommand(repositoryId, key);
  if (stored === undefined || stored.isDone) return;
  const answers = await answerStored(stored, github.repository(stored.repository), services);
  await records.finishCommand(repositoryId, key, answers);
}

async function answerStored(
  stored: StoredCommand,
  api: GitHubRepository,
  services: JobServices,
): Promise<readonly Outgoing[]> {
  // Nothing has to be asked about words that mean nothing whatever the config says.
  if (readCommands(stored.text, COMMAND_NAMES).kind === "none") return [];
  // A comment that was taken back before its turn is taken back; an edited one counts as it was posted (T09).
  if (await isWithdrawn(stored, api)) return [];
  const read = await readDefaultConfig(stored.repository, api, services);
  const reading = readCommands(stored.text, read.config.commands.shortForms);
  return reading.kind === "none" ? [] : await carryOut(stored, reading, read, api, services);
}

/** The text of a review cannot be taken back, only a review that was not submitted. */
async function isWithdrawn({ source, commentId }: StoredCommand, api: GitHubRepository): Promise<boolean> {
  switch (source) {
    case "comment":
      return (await api.readComment(commentId)) === undefined;
    case "review-comment":
      return !(await api.hasReviewComment(commentId));
    case "review":
      return false;
    default:
      return source satisfies never;
  }
}

async function carryOut(
  stored: StoredCommand,
  reading: Exclude<CommandReading, { kind: "none" }>,
  { config, problem }: ReadConfig,
  api: GitHubRepository,
  services: JobServices,
): Promise<readonly Outgoing[]> {
  if (reading.kind === "unknown") {
    const allowed = describeCommands(config.commands.shortForms, []);
    return refuse(stored, [reading.line], `${reading.problem}. ${allowed}`);
  }
  const { commands, lines } = reading;
  const pullRequest = await api.readPullRequest(stored.number);
  if (pullRequest?.isOpen !== true) return refuse(stored, lines, "this pull request is not open.");
  const { repository, actor, source, commentId: sourceId, headSha, givenAt } = stored;
  const permissions = await readPermissions(stored, services);
  const told = { repository, actor, source, sourceId, headSha, givenAt, permissions };
  const place: AskedPlace = { ...told, pullRequest, config, problem };
  const plan = await planCommands(commands, place, api, services);
  if (plan.kind === "refused") return refuse(stored, lines, plan.why);
  const said: string[] = [];
  for (const { carryOut: run } of plan.planned) {
    const { says, intents } = await run();
    if (intents.length > 0) await services.records.applyIntents(intents);
    if (says !== undefined) said.push(says);
  }
  if (said.length === 0) return reactTo(stored, "+1");
  const body = writeAnswer(lines, [...new Set(said)].join("\n\n"));
  return [
    ...reactTo(stored, "+1"),
    { kind: "answer", number: stored.number, to: nameAnswer(commands, stored, plan.role), body },
  ];
}

/**
 * Whoever may comment could have the App post as many comments as GitHub lets it, for all of them. So those who may not
 * write have one that is edited in place, and so has everybody for the list of commands.
 */
function nameAnswer(commands: readonly Command[], stored: StoredCommand, role: Role): string {
  if (commands.every(({ name }) => name === "help")) return `help ${stored.actor.id}`;
  return isMaintainer(role) ? `answer to ${nameCommand(stored)}` : `answer ${stored.actor.id}`;
}

async function readPermissions(
  { repository }: Pick<StoredCommand, "repository">,
  { records }: Pick<JobServices, "records">,
): Promise<Readonly<Record<string, string>>> {
  const installations = await records.listInstallations();
  return installations.find(({ installationId }) => installationId === repository.installationId)?.permissions ?? {};
}

/** Refusals of one person on one pull request share one comment. */
function refuse(stored: StoredCommand, lines: readonly string[], why: string): readonly Outgoing[] {
  const { actor, number } = stored;
  const body = writeAnswer(lines, `Not done: ${why}`);
  return [...reactTo(stored, "confused"), { kind: "answer", number, to: `refusal ${actor.id}`, body }];
}

/** GitHub takes no reaction to the text of a review. */
function reactTo({ source, commentId }: StoredCommand, content: "+1" | "confused"): readonly Outgoing[] {
  return source === "review" ? [] : [{ kind: "reaction", source, commentId, content }];
}
