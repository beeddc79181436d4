import type { Actor, CommitPerson, Contributors, PullCommit } from "../model/index.ts";

/** GitHub lists no more commits of a pull request, and does not say that there are more. */
const MOST_COMMITS = 250;

/**
 * Who wrote what a pull request brings: authors, committers and co-authors of its commits (T01). A merge that git makes
 * by itself is nobody's; one that was resolved by hand is its makers' (T20). What GitHub itself committed counts for
 * whoever had it do so, whom it names as the author. The list is whole when it ends in the head and not at GitHub's bound
 * (T24). Who only committed suggestions cannot be told: an edit or a squash on GitHub's pages looks the same.
 */
export function listContributors(
  commits: readonly PullCommit[],
  { headSha, plainMerges }: { readonly headSha: string; readonly plainMerges: ReadonlySet<string> },
): Contributors {
  const people = new Map<number, Actor>();
  const unknown = new Map<string, string>();
  for (const commit of commits.filter(({ sha }) => !plainMerges.has(sha))) {
    for (const { account, name, email } of listPersons(commit)) {
      if (account === undefined) unknown.set(email.toLowerCase(), nameStranger(name));
      else people.set(account.id, account);
    }
  }
  return {
    people: [...people.values()].map((actor) => ({ actor, isSuggestionOnly: false })),
    unknown: [...unknown.values()],
    isComplete: commits.length < MOST_COMMITS && commits.at(-1)?.sha === headSha,
  };
}

function listPersons({ author, committer, message, isVerified }: PullCommit): readonly CommitPerson[] {
  const isByGitHub = committer.account?.login === WEB_FLOW;
  // Anybody can name GitHub as the committer; only GitHub can sign so.
  const committers = !isByGitHub ? [committer] : isVerified ? [] : [{ ...committer, account: undefined }];
  return [author, ...committers, ...readTrailers(message)];
}

/** The account that commits what is done on GitHub's pages, and signs it. */
const WEB_FLOW = "web-flow";
const TRAILER = /^co-authored-by:[ \t]*([^<\r\n]{0,500})<([^<>\r\n]{0,320})>[ \t]*$/gimu;
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
