import type { PolicyFile, PolicyProblem, Tree, TreeFile } from "../model/index.ts";
import type { RegoSource } from "./policy-ports.ts";

/** Files and bytes of one policy set. Beyond that it is not read, and nothing can pass. */
const MOST_FILES = 2000;
const MOST_BYTES = 8 * 1024 * 1024;

export interface PolicyFiles {
  readonly source: RegoSource;
  /** Why the set cannot be used. */
  readonly problems: readonly PolicyProblem[];
}

/**
 * Reads the Rego policies of a tree and the data beside them. Data stands below the path of its folder inside the policy
 * folder. Links are not followed: a policy is what the reviewed file says.
 */
export async function readPolicyFiles(
  tree: Tree,
  { paths, namespaces }: { readonly paths: readonly string[]; readonly namespaces: readonly string[] | undefined },
): Promise<PolicyFiles> {
  const found = new Map<string, { readonly entry: TreeFile; readonly folder: string }>();
  for (const folder of paths) {
    if ((await tree.resolve(folder)).kind !== "directory") continue;
    for await (const entry of tree.walk(folder)) {
      if (entry.kind === "file" && isPolicyFile(entry.path)) found.set(entry.path, { entry, folder });
      if (found.size > MOST_FILES) return tooLarge(folder, `more than ${MOST_FILES} files`);
    }
  }
  const files = [...found.values()].sort((a, b) => (a.entry.path < b.entry.path ? -1 : 1));
  const texts = await tree.readBlobs(files.map(({ entry }) => entry.id));
  if (texts.reduce((sum, { byteLength }) => sum + byteLength, 0) > MOST_BYTES) {
    return tooLarge(paths.join(", "), `more than ${MOST_BYTES / 1024 / 1024} MiB`);
  }
  const modules: PolicyFile[] = [];
  const data: RegoSource["data"][number][] = [];
  for (const [index, { entry, folder }] of files.entries()) {
    const file = { file: entry.path, text: Buffer.from(texts[index] ?? []).toString("utf8") };
    if (entry.path.endsWith(".rego")) modules.push(file);
    else data.push({ ...file, at: foldersBetween(folder, entry.path) });
  }
  return { source: { modules, data, namespaces }, problems: [] };
}

export function isPolicyFile(path: string): boolean {
  return /\.(?:rego|json|ya?ml)$/u.test(path);
}

function foldersBetween(folder: string, path: string): readonly string[] {
  const inside = folder === "" ? path : path.slice(folder.length + 1);
  return inside.split("/").slice(0, -1);
}

function tooLarge(folder: string, what: string): PolicyFiles {
  const message = `The policies in ${folder} cannot be read: ${what}. Name folders that hold nothing else in policy.rego.paths.`;
  return {
    source: { modules: [], data: [], namespaces: undefined },
    problems: [{ file: undefined, line: undefined, message }],
  };
}
