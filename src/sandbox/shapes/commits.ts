import type { CommitFacts } from "../git/index.ts";
import type { Ref } from "../world/entities.ts";
import { findAccount, type World } from "../world/index.ts";
import { shapeAccount } from "./accounts.ts";
import { nodeId, type Shape } from "./node-id.ts";
import { repositoryPage, repositoryUrl } from "./repositories.ts";

/** A commit as the commits API shows it. */
export function shapeCommit(world: World, repository: Ref, commit: CommitFacts): Shape {
  const base = repositoryUrl(world, repository);
  const url = `${base}/commits/${commit.sha}`;
  return {
    sha: commit.sha,
    node_id: `${nodeId("C", repository.id)}${commit.sha}`,
    url,
    html_url: `${repositoryPage(world, repository)}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    commit: {
      url: `${base}/git/commits/${commit.sha}`,
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${base}/git/trees/${commit.tree}` },
      comment_count: 0,
      verification: { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null },
    },
    author: accountOf(world, commit.author.name),
    committer: accountOf(world, commit.committer.name),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${base}/commits/${sha}`,
      html_url: `${repositoryPage(world, repository)}/commit/${sha}`,
    })),
  };
}

/** GitHub goes by the address; here commits are written with the login as name. */
function accountOf(world: World, login: string): Shape | null {
  const account = findAccount(world, login);
  return account === undefined ? null : shapeAccount(world, account);
}
