import type { ContentDigests } from "../model/index.ts";

/** A pull request, and what it changes. */
export interface ChangedContent {
  readonly number: number;
  readonly digests: ContentDigests;
}

/** The pull requests that a merge group is made of, as far as its content tells. */
export interface GroupMembers {
  /** Each of them changes what the group changes, and nothing else. */
  readonly members: readonly number[];
  /** What the group changes and none of them does, sorted: `prod: kustomize:web`. */
  readonly uncovered: readonly string[];
}

/**
 * A merge group comes without a list of its pull requests, and what its commits say anybody can write. So it is known by
 * content: everything that it changes has to be what an open pull request changes, to the digest (T31).
 */
export function findMembers(group: ContentDigests, candidates: readonly ChangedContent[]): GroupMembers {
  const whole = new Map(listEntries(group).map(({ key, digest }) => [key, digest]));
  const members = candidates.filter(({ digests }) => {
    const entries = listEntries(digests);
    return entries.length > 0 && entries.every(({ key, digest }) => whole.get(key) === digest);
  });
  const covered = new Set(members.flatMap(({ digests }) => listEntries(digests).map(({ key }) => key)));
  return {
    members: members.map(({ number }) => number),
    uncovered: [...whole.keys()].filter((key) => !covered.has(key)).sort(),
  };
}

function listEntries(digests: ContentDigests): readonly { readonly key: string; readonly digest: string }[] {
  return Object.entries(digests).flatMap(([environment, own]) =>
    Object.entries(own).map(([id, digest]) => ({ key: `${environment}: ${id}`, digest })),
  );
}
