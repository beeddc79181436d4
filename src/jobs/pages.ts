import type { RepositoryRef } from "../model/index.ts";

/** The page about one pull request, as a path on our own server. */
export function pullPage(repository: RepositoryRef, number: number): string {
  return `${repositoryPath(repository)}/pull/${number}`;
}

/** The page about one merge group. */
export function groupPage(repository: RepositoryRef, headSha: string): string {
  return `${repositoryPath(repository)}/group/${headSha}`;
}

function repositoryPath({ owner, name }: RepositoryRef): string {
  return `/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
}
