import type { ContentFacts, FileFacts } from "./file-facts.ts";

/** What links of the repository stand for. */
export interface FollowedLinks {
  /** Every path of the tree with what a reader finds there. */
  readonly facts: ReadonlyMap<string, ContentFacts | undefined>;
  /** Link → the file or folder that it leads to; links that lead nowhere are left out. */
  readonly links: ReadonlyMap<string, string>;
}

/** Puts in each link's place what it leads to. A folder is not entered through a link: its files are where they are. */
export function followLinks(given: ReadonlyMap<string, FileFacts | undefined>): FollowedLinks {
  const facts = new Map<string, ContentFacts | undefined>();
  const links = new Map<string, string>();
  for (const [path, found] of given) {
    if (found?.kind !== "link") {
      facts.set(path, found);
      continue;
    }
    facts.set(path, found.content);
    if (found.target !== undefined) links.set(path, found.target);
  }
  return { facts, links };
}

/** Where a path leads when the links on its way are followed; the path itself when there is none. Linear in its steps. */
export function followPath(path: string, links: FollowedLinks["links"]): string {
  if (links.size === 0 || path === "") return path;
  let at = "";
  for (const step of path.split("/")) {
    const next = at === "" ? step : `${at}/${step}`;
    // What a link leads to has no links on its way: the first step behind it is the next that can be one.
    at = links.get(next) ?? next;
  }
  return at;
}
