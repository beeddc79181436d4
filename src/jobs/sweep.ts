import { mayHoldCommand } from "../commands/index.ts";
import { AccessLostFault, nameCommand, type InstallationId, type Intent, type PullRequest } from "../model/index.ts";
import { abandonedChecks } from "../publish/index.ts";
import { findReruns } from "./find-reruns.ts";
import type { InstallationFacts, PostedComment, RepositoryFacts, WriteReminder } from "./ports.ts";
import { RENEW_AFTER } from "./publish-check.ts";
import { rejudgeAccount } from "./rejudge-account.ts";
import type { JobServices } from "./services.ts";

/** Repositories of one installation that one sweep looks at; the next goes on where this one ended. */
const REPOSITORIES_A_SWEEP = 40;
/** Deliveries that are asked for again in one sweep, oldest first. */
const REDELIVERIES_A_SWEEP = 50;
/** How far back the first look goes. Milliseconds: GitHub keeps deliveries for three days. */
const LOOK_BACK = 3 * 24 * 3600 * 1000;
/** A comment can become visible a little after its own time. Milliseconds. */
const OVERLAP = 60_000;

/** After this a lock is likely forgotten. Milliseconds. */
const LONG_LOCKED = 24 * 3600 * 1000;

/** A head that came and went: events that name it may still be under way. Milliseconds. */
const ABANDONED_AFTER = 10 * 60_000;

/** Has GitHub send again what did not arrive, then has every installation looked through. */
export async function sweepApp({ github, records, now, log }: JobServices): Promise<readonly InstallationId[]> {
  const from = (await records.readMark("deliveries-swept")) ?? new Date(now() - LOOK_BACK).toISOString();
  const until = new Date(now() - OVERLAP).toISOString();
  const failed = await github.listFailedDeliveries(from);
  const oldest = [...failed].sort((a, b) => (a.deliveredAt < b.deliveredAt ? -1 : 1)).slice(0, REDELIVERIES_A_SWEEP);
  for (const { attempt } of oldest) await github.redeliver(attempt);
  if (oldest.length > 0) log.info({ redeliveries: oldest.length }, "asked for deliveries again");
  // One that fails again has a newer attempt, which the next look finds.
  const isAll = oldest.length === failed.length;
  await records.writeMark("deliveries-swept", isAll ? until : (oldest.at(-1)?.deliveredAt ?? until));

  const installations = await github.listInstallations();
  for (const { installationId, isSuspended } of installations) {
    if (isSuspended) await records.applyIntents([{ kind: "suspended", installationId, isSuspended }]);
  }
  return installations.filter(({ isSuspended }) => !isSuspended).map(({ installationId }) => installationId);
}

/** Finds open pull requests without a current verdict, and commands and re-runs that no webhook brought, by slices. */
export async function sweepInstallation(installationId: InstallationId, services: JobServices): Promise<void> {
  const { github, records } = services;
  const installation = await readInstallation(installationId, services);
  if (installation === undefined) {
    await records.applyIntents([{ kind: "uninstalled", installationId }]);
    return;
  }
  if (installation.isSuspended) return;
  const repositories = await github.listRepositories(installationId);
  await records.noteInstallation(installation, repositories);
  const mark = `swept ${installationId}`;
  const slice = takeSlice(repositories, Number((await records.readMark(mark)) ?? 0));
  for (const repository of slice) await sweepRepository(repository, services);
  await records.writeMark(mark, String(slice.at(-1)?.repositoryId ?? 0));
  await rejudgeAccount(installationId, services);
}

/** Undefined when it is uninstalled. */
async function readInstallation(
  installationId: InstallationId,
  { github }: JobServices,
): Promise<InstallationFacts | undefined> {
  try {
    return await github.readInstallation(installationId);
  } catch (error) {
    if (error instanceof AccessLostFault && error.loss === "uninstalled") return undefined;
    throw error;
  }
}

function takeSlice(repositories: readonly RepositoryFacts[], after: number): readonly RepositoryFacts[] {
  const sorted = repositories.filter(({ isArchived }) => !isArchived).sort((a, b) => a.repositoryId - b.repositoryId);
  const start = sorted.findIndex(({ repositoryId }) => repositoryId > after);
  const turned = start < 0 ? sorted : [...sorted.slice(start), ...sorted.slice(0, start)];
  return turned.slice(0, REPOSITORIES_A_SWEEP);
}

async function sweepRepository(repository: RepositoryFacts, services: JobServices): Promise<void> {
  const { github, records } = services;
  try {
    const api = github.repository(repository);
    const open = await api.listOpenPullRequests();
    const missed = await records.withoutVerdict(repository.repositoryId, open);
    const judge = missed.toSorted(byPeopleFirst).map(({ number, headSha }): Intent => {
      return { kind: "judge", repository, number, reason: "swept", lane: "bots", headSha };
    });
    const until = new Date(services.now() - OVERLAP).toISOString();
    const judged = open.filter((pullRequest) => !missed.includes(pullRequest));
    const reruns = await findReruns(repository, judged, services);
    const intents = [...judge, ...reruns, ...(await findCommands(repository, services))];
    if (intents.length > 0) await records.applyIntents(intents);
    await findPushes(repository, services);
    await tendUnfinished(repository, services);
    await records.remindOfLocks(repository.repositoryId, services.now() - LONG_LOCKED, writeReminder);
    // Not before what was found is stored.
    await records.writeMark(commentMark(repository), until);
  } catch (error) {
    if (!(error instanceof AccessLostFault)) throw error;
    // One that is missing takes something away; the rest goes on, and each pull request says what it lacks.
    if (error.loss !== "permission") await records.noteAccessLost(repository, error.loss);
  }
}

/** Branches that hold environments and have moved without that an event said so: nobody knows who pushed. */
async function findPushes(repository: RepositoryFacts, { github, records }: JobServices): Promise<void> {
  const api = github.repository(repository);
  for (const { branch, commit } of await records.listTips(repository.repositoryId)) {
    const after = await api.readBranch(branch);
    if (after === undefined || after === commit) continue;
    await records.applyIntents([{ kind: "base-moved", repository, branch, after }]);
  }
}

/** What is left in progress spins on GitHub for 14 days, and whoever looks at the commit waits with it. */
async function tendUnfinished({ repositoryId }: RepositoryFacts, { records, now }: JobServices): Promise<void> {
  const ago = (milliseconds: number): string => new Date(now() - milliseconds).toISOString();
  await records.tendUnfinished(repositoryId, {
    abandonedBefore: ago(ABANDONED_AFTER),
    abandoned: abandonedChecks(),
    begunBefore: ago(RENEW_AFTER),
  });
}

/** Logins, and names of environments, hold nothing that Markdown acts on inside code. */
const writeReminder: WriteReminder = ({ id, environment = "", by, since }, number) => {
  const who = by === undefined ? "" : ` by \`${by.login}\``;
  const body = `\`${environment}\` is still locked${who}, since ${new Date(since).toISOString().slice(0, 16).replace("T", " ")} UTC. Whoever locked it, or an admin, ends that with \`/drydock unlock ${environment}\`.`;
  return { kind: "answer", number, to: `lock ${id}`, body };
};

function byPeopleFirst(left: PullRequest, right: PullRequest): number {
  const rank = ({ author }: PullRequest): number => (author?.type === "User" ? 0 : 1);
  return rank(left) - rank(right);
}

async function findCommands(repository: RepositoryFacts, { github, records }: JobServices): Promise<readonly Intent[]> {
  const since = await records.readMark(commentMark(repository));
  // Commands of the time before the first look are nobody's any more.
  const found = since === undefined ? [] : await github.repository(repository).listCommentsSince(since);
  const candidates = found.filter(isCandidate);
  const keys = candidates.map(({ source, id: commentId }) => ({ source, commentId }));
  const unknown = new Set((await records.unknownCommands(repository.repositoryId, keys)).map(nameCommand));
  return candidates
    .filter(({ source, id: commentId }) => unknown.has(nameCommand({ source, commentId })))
    .map((comment) => toIntent(repository, comment));
}

function commentMark({ repositoryId }: RepositoryFacts): string {
  return `comments ${repositoryId}`;
}

/**
 * An edited comment is not read: nobody knows any more what it said when it was posted (T09). GitHub does not say of the
 * text of a review whether it was edited, so a command there comes by its webhook, sent again where it failed, or never.
 */
function isCandidate({ author, body, createdAt, updatedAt, isByApp, isOnPullRequest }: PostedComment): boolean {
  return isOnPullRequest && !isByApp && author?.type === "User" && createdAt === updatedAt && mayHoldCommand(body);
}

function toIntent(repository: RepositoryFacts, { source, id, number, author, body, createdAt }: PostedComment): Intent {
  if (author === undefined) throw new Error("a command without an author");
  return { kind: "command", repository, number, source, commentId: id, actor: author, text: body, postedAt: createdAt };
}
