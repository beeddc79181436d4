/** A git object id: 40 (SHA-1) or 64 (SHA-256) lower-case hex digits. */
export type ObjectId = string;

/** What a name in a git tree stands for. The symbolic link is kept apart so that resolving it is a visible step. */
export type EntryKind = "file" | "directory" | "symlink" | "submodule";

export interface TreeEntry {
  readonly name: string;
  readonly kind: EntryKind;
  readonly id: ObjectId;
}

/** Path → content of one file as a tree holds it. */
export interface TreeFile {
  readonly path: string;
  readonly kind: EntryKind;
  readonly id: ObjectId;
}

/**
 * One fact about a tree that a render depended on. Paths are relative to the repository's root, with `/`, never
 * leading or trailing; the root directory is the empty string. Facts are about raw entries: a symbolic link that was
 * followed yields one `entry` fact for the link itself and further facts for what it leads to.
 *
 * - `entry`: this path is a file, symlink or submodule with this object id. `entryKind` is left out for a file; it is
 *   needed because a link and a file with the same bytes have the same id.
 * - `directory`: this path is a directory whose names and kinds hash to `names` (contents do not count).
 * - `absent`: this path does not exist, and no symlink or submodule stands on the way to it.
 * - `input`: something beside the tree, named by a scheme: `crd:<group>/<kind>` or `schema:<url>`; `id` is the digest
 *   of its content, undefined when there was none.
 */
export type TraceFact =
  | {
      readonly kind: "entry";
      readonly path: string;
      readonly id: ObjectId;
      readonly entryKind?: "symlink" | "submodule";
    }
  | { readonly kind: "directory"; readonly path: string; readonly names: string }
  | { readonly kind: "absent"; readonly path: string }
  | { readonly kind: "input"; readonly path: string; readonly id: string | undefined };

/** Everything a render read, in no particular order, without repetition. */
export type Trace = readonly TraceFact[];

/** What following a path through a tree (symbolic links inside the tree included) ends at. */
export type Resolution =
  | { readonly kind: "file"; readonly path: string; readonly id: ObjectId }
  | { readonly kind: "directory"; readonly path: string; readonly id: ObjectId; readonly entries: readonly TreeEntry[] }
  | { readonly kind: "submodule"; readonly path: string; readonly id: ObjectId }
  | { readonly kind: "absent" }
  /** A link that leaves the tree, or a chain of links that is too long or goes in a circle. */
  | { readonly kind: "broken-link"; readonly path: string; readonly target: string };

/**
 * One immutable git tree. The port through which every stage sees a repository's content; the git folder implements
 * it. Lookups are lazy and remembered, and cost as much as the directories they touch, not the tree.
 */
export interface Tree {
  readonly id: ObjectId;
  /** Follows `path`. `onFact` hears every raw fact the answer depends on. */
  resolve(path: string, onFact?: (fact: TraceFact) => void): Promise<Resolution>;
  /** All files, symlinks and submodules below `path` (raw, links not followed), depth first in git's order. */
  walk(path?: string, skip?: (directory: string) => boolean): AsyncIterable<TreeFile>;
  /** The bytes of blobs, in the order asked. Fails with a Fault when the object is missing. */
  readBlobs(ids: readonly ObjectId[]): Promise<readonly Uint8Array[]>;
  /** Whether every `entry`, `directory` and `absent` fact holds in this tree. `input` facts are not looked at. */
  holds(trace: Trace): Promise<boolean>;
}

/** One path that differs between two trees, renames not paired. */
export interface TreeChange {
  readonly path: string;
  readonly action: "added" | "removed" | "modified" | "retyped";
}
