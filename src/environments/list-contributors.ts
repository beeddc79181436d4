import type { Actor, CommitPerson, Contributor, Contributors, PullCommit, RecordedPush } from "../model/index.ts";

/** GitHub lists no more commits of a pull request, and does not say that there are more. */
const MOST_COMMITS = 250;

/** What tells who made commits, beside what they say themselves. */
export interface CommitFacts {
  readonly headSha: string;
  /** Merges that git makes by itself. */
  readonly plainMerges: ReadonlySet<string>;
  /** By GitHub's word: an address in a commit is anybody's to write. */
  readonly pushes: readonly RecordedPush[];
}

/**
 * Who wrote what a pull request brings: authors, committers and co-authors of its commits, and whoever pushed them (T01).
 * A merge of the base that git makes by itself is nobody's; one that was resolved by hand is its makers' (T20). What GitHub itself
 * committed counts for whoever had it do so, whom it names as the author. The list is whole when it ends in the head and
 * not at GitHub's bound (T24).
 */
export function listContributors(commits: readonly PullCommit[], facts: CommitFacts): Contributors {
  const people = new Map<number, Contributor>();
  const unknown = new Map<string, string>();
  const updates = findUpdates(commits, facts);
  const suggestions = new Map(commits.filter(mayTakeSuggestion).map(({ sha, parents }) => [sha, parents[0]]));
  const add = (actor: Actor, hasSuggested: boolean): void => {
    const hasOnlySuggested = hasSuggested && people.get(actor.id)?.hasOnlySuggested !== false;
    people.set(actor.id, { actor, hasOnlySuggested });
  };
  for (const commit of commits.filter(({ sha }) => !updates.has(sha))) {
    for (const { account, name, email } of listPersons(commit)) {
      if (account === undefined) unknown.set(email.toLowerCase(), nameStranger(name));
      else add(account, suggestions.has(commit.sha));
    }
  }
  for (const { actor, before, after } of listPushes(commits, updates, facts)) {
    add(actor, before !== undefined && before === suggestions.get(after));
  }
  const isPushKnown = facts.pushes.some(({ after }) => after === facts.headSha);
  return {
    people: [...people.values()],
    unknown: [...unknown.values(), ...(isPushKnown ? [] : [`Whoever pushed ${facts.headSha.slice(0, 7)}`])],
    isComplete: commits.length < MOST_COMMITS && commits.at(-1)?.sha === facts.headSha,
  };
}

/**
 * Merges of the base that git makes by itself. What is no commit of the pull request is the base's already; a merge of
 * two commits of its own brings somebody's work, whoever that work names.
 */
function findUpdates(commits: readonly PullCommit[], { plainMerges }: CommitFacts): ReadonlySet<string> {
  const own = new Set(commits.map(({ sha }) => sha));
  const isUpdate = ({ sha, parents }: PullCommit): boolean =>
    plainMerges.has(sha) && parents.filter((parent) => own.has(parent)).length <= 1;
  return new Set(commits.filter(isUpdate).map(({ sha }) => sha));
}

/** Of a commit that is still there. Who only brought the branch up to date with the base pushed nothing. */
function listPushes(
  commits: readonly PullCommit[],
  updates: ReadonlySet<string>,
  { pushes }: CommitFacts,
): readonly RecordedPush[] {
  const parents = new Map(commits.map((commit) => [commit.sha, commit.parents]));
  const brings = ({ before, after }: RecordedPush): boolean => {
    const of = parents.get(after);
    if (of === undefined) return false;
    const isUpdate = updates.has(after) && before !== undefined && of.includes(before);
    return !isUpdate || of.some((parent) => parent !== before && parents.has(parent));
  };
  return pushes.filter(brings);
}

/**
 * Made on GitHub's pages, in the name of several: so GitHub commits a suggestion of a review
 * (docs.github.com, "Incorporating feedback in your pull request"), and other edits there whose message names others.
 */
function mayTakeSuggestion(commit: PullCommit): boolean {
  const isByGitHub = namesGitHub(commit) && commit.isVerified;
  return isByGitHub && commit.parents.length === 1 && readTrailers(commit.message).length > 0;
}

function listPersons(commit: PullCommit): readonly CommitPerson[] {
  const { author, committer, message, isVerified } = commit;
  const committers = !namesGitHub(commit) ? [committer] : isVerified ? [] : [{ ...committer, account: undefined }];
  return [author, ...committers, ...readTrailers(message)];
}

/** Anybody can name GitHub as the committer; only GitHub can sign so. */
function namesGitHub({ committer }: PullCommit): boolean {
  return committer.account?.login === WEB_FLOW;
}

/** The account that commits what is done on GitHub's pages, and signs it. */
const WEB_FLOW = "web-flow";
const TRAILER = /^co-authored-by:([^<\r\n]{0,500})<([^<>\r\n]{0,320})>[ \t]*$/gimu;
/** docs.github.com, "Setting your commit email address": the id stands in addresses since 2017. */
const NOREPLY = /^(\d{1,15})\+([\w-]{1,100}(?:\[bot\])?)@users\.noreply\.github\.com$/iu;

function readTrailers(message: string): readonly CommitPerson[] {
  return [...message.matchAll(TRAILER)].map(([, name = "", email = ""]) => {
    const [, id, login] = NOREPLY.exec(email) ?? [];
    if (id === undefined || login === undefined) return { account: undefined, name: name.trim(), email };
    const type = login.endsWith("[bot]") ? "Bot" : "User";
    return { account: { id: Number(id), login, type }, name: name.trim(), email };
  });
}

/** A name is whatever somebody wrote into git; addresses are not shown. */
function nameStranger(name: string): string {
  const visible = name.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return visible === "" ? "Somebody without a name" : visible.slice(0, 100);
}
