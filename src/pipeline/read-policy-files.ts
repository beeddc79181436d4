import { isUtf8 } from "node:buffer";
import type { ObjectId, PolicyFile, PolicyProblem, Resolution, Tree, TreeFile } from "../model/index.ts";
import type { RegoSource } from "./policy-ports.ts";

/** Files and bytes of one policy set. Beyond that it is not read, and nothing can pass. */
const MOST_FILES = 2000;
const MOST_BYTES = 8 * 1024 * 1024;

export interface PolicyFiles {
  readonly source: RegoSource;
  /** Why the set cannot be used. */
  readonly problems: readonly PolicyProblem[];
}

/** Where policies are looked for unless the config says otherwise: it need not be there. */
const USUAL_FOLDER = "policy";

/**
 * Reads the Rego policies of a tree and the data beside them. Data stands below the path of its folder inside the policy
 * folder. Links inside the tree are followed to files, and from the folder itself; what cannot be read is a problem,
 * for whatever it says would not be judged by.
 */
export async function readPolicyFiles(
  tree: Tree,
  { paths, namespaces }: { readonly paths: readonly string[]; readonly namespaces: readonly string[] | undefined },
): Promise<PolicyFiles> {
  const found = new Map<string, FoundFile>();
  const problems: PolicyProblem[] = [];
  for (const folder of paths) {
    const resolved = await tree.resolve(folder);
    if (resolved.kind === "absent" && folder === USUAL_FOLDER) continue;
    if (resolved.kind !== "directory") {
      problems.push(describeFolder(folder, resolved.kind));
      continue;
    }
    for await (const entry of tree.walk(resolved.path)) {
      const file = await findFile(tree, entry);
      if (file === undefined) continue;
      if ("problem" in file) problems.push(file.problem);
      else found.set(entry.path, { path: entry.path, id: file.id, folder: resolved.path });
      if (found.size > MOST_FILES) return refuse([tooLarge(folder, `more than ${MOST_FILES} files`)]);
    }
  }
  if (problems.length > 0) return refuse(problems);
  const files = [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const texts = await tree.readBlobs(files.map(({ id }) => id));
  if (texts.reduce((sum, { byteLength }) => sum + byteLength, 0) > MOST_BYTES) {
    return refuse([tooLarge(paths.join(", "), `more than ${MOST_BYTES / 1024 / 1024} MiB`)]);
  }
  return sortFiles(files, texts, namespaces);
}

interface FoundFile {
  readonly path: string;
  readonly id: ObjectId;
  /** The policy folder that it is in. */
  readonly folder: string;
}

function sortFiles(
  files: readonly FoundFile[],
  texts: readonly Uint8Array[],
  namespaces: readonly string[] | undefined,
): PolicyFiles {
  const modules: PolicyFile[] = [];
  const data: RegoSource["data"][number][] = [];
  const problems: PolicyProblem[] = [];
  for (const [index, { path, folder }] of files.entries()) {
    const bytes = Buffer.from(texts[index] ?? []);
    const file = { file: path, text: bytes.toString("utf8") };
    if (!isUtf8(bytes)) problems.push({ file: path, line: lineOfDamage(bytes), message: "this file is not UTF-8" });
    if (path.endsWith(".rego")) modules.push(file);
    else data.push({ ...file, at: foldersBetween(folder, path) });
  }
  return problems.length > 0 ? refuse(problems) : { source: { modules, data, namespaces }, problems: [] };
}

/** A policy or data; undefined for everything else below a policy folder. */
async function findFile(
  tree: Tree,
  { path, kind, id }: TreeFile,
): Promise<{ readonly id: ObjectId } | { readonly problem: PolicyProblem } | undefined> {
  if (kind === "file") return isPolicyFile(path) ? { id } : undefined;
  const resolved = await tree.resolve(path);
  if (resolved.kind === "file") return isPolicyFile(path) ? { id: resolved.id } : undefined;
  if (resolved.kind === "directory") {
    if (!(await holdsRego(tree, resolved.path))) return undefined;
    const message = "this link leads to a folder, whose policies are not read; name the folder in policy.rego.paths";
    return { problem: { file: path, line: 1, message } };
  }
  if (kind === "symlink" && !isPolicyFile(path)) return undefined;
  return { problem: { file: path, line: 1, message: `this cannot be read: ${WHAT_STANDS[resolved.kind]}` } };
}

async function holdsRego(tree: Tree, folder: string): Promise<boolean> {
  for await (const { path } of tree.walk(folder)) if (path.endsWith(".rego")) return true;
  return false;
}

const WHAT_STANDS: Readonly<Record<Exclude<Resolution["kind"], "directory">, string>> = {
  absent: "nothing is there",
  file: "this is a file and no folder",
  submodule: "this is a submodule, whose files are in another repository",
  "broken-link": "this is a link that leads out of the repository, or nowhere",
};

function describeFolder(folder: string, kind: Exclude<Resolution["kind"], "directory">): PolicyProblem {
  const message = `${JSON.stringify(folder)} of policy.rego.paths cannot be read: ${WHAT_STANDS[kind]}.`;
  return kind === "absent" ? { file: undefined, line: undefined, message } : { file: folder, line: 1, message };
}

/** The line of the first byte that is no UTF-8: up to there, decoding and encoding gives the same bytes. */
function lineOfDamage(bytes: Buffer): number {
  const again = Buffer.from(bytes.toString("utf8"));
  const first = again.findIndex((byte, index) => byte !== bytes[index]);
  return again.subarray(0, Math.max(first, 0)).toString("utf8").split("\n").length;
}

export function isPolicyFile(path: string): boolean {
  return /\.(?:rego|json|ya?ml)$/u.test(path);
}

function foldersBetween(folder: string, path: string): readonly string[] {
  const inside = folder === "" ? path : path.slice(folder.length + 1);
  return inside.split("/").slice(0, -1);
}

function tooLarge(folder: string, what: string): PolicyProblem {
  const message = `The policies in ${folder} cannot be read: ${what}. Name folders that hold nothing else in policy.rego.paths.`;
  return { file: undefined, line: undefined, message };
}

function refuse(problems: readonly PolicyProblem[]): PolicyFiles {
  return { source: { modules: [], data: [], namespaces: undefined }, problems };
}
