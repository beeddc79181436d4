import type { CommitFacts } from "../../git/index.ts";
import type { Json } from "./json.ts";

/** A commit as check suites and merge groups have it. */
export function describeSimpleCommit(commit: CommitFacts): Json {
  return {
    id: commit.sha,
    tree_id: commit.tree,
    message: commit.message,
    timestamp: withoutFractions(commit.committer.date),
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
  };
}

/** A commit as pushes have it. `repository` is the address of its page. */
export function describePushedCommit(commit: CommitFacts, repository: string): Json {
  return {
    ...describeSimpleCommit(commit),
    distinct: true,
    url: `${repository}/commit/${commit.sha}`,
    added: [],
    removed: [],
    modified: [],
  };
}

/** A commit as statuses have it, in the words of the REST API. */
export function describeStatusCommit(commit: CommitFacts, api: string, page: string): Json {
  const person = ({ name, email, date }: CommitFacts["author"]): Json => ({
    name,
    email,
    date: withoutFractions(date),
  });
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    commit: {
      author: person(commit.author),
      committer: person(commit.committer),
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null },
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    author: null,
    committer: null,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
  };
}

function withoutFractions(date: string): string {
  return date.replace(/\.\d+Z$/u, "Z");
}
