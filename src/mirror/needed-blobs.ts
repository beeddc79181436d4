import { runGit, splitNames, type GitFault, type GitPlace } from "../git/index.ts";
import type { ObjectId } from "../model/index.ts";
import { listMissing } from "./fetch-objects.ts";
import { isLikelyRead } from "./likely-read.ts";

/** A file of a tree, or one that differs between two. */
interface FileBlob {
  readonly path: string;
  readonly id: ObjectId;
  readonly mode: string;
}

const LINK = "120000";
const SUBMODULE = "160000";

/**
 * The blobs that a check of two commits is likely to read and that are not here: of the base's tree, of what the head
 * has otherwise, and of the common ancestor what a merge compares with: files that the head changed or removed, and
 * files that the base removed (they may have been renamed). Others are brought when somebody asks for them. With
 * `isBaseHere` only what differs from the base is looked for.
 */
export async function listNeededBlobs(
  place: GitPlace,
  { base, head, isBaseHere }: { readonly base: ObjectId; readonly head: ObjectId; readonly isBaseHere: boolean },
): Promise<readonly ObjectId[]> {
  const [ofBase, between, ancestors] = await Promise.all([
    isBaseHere ? [] : listFiles(place, base),
    listDifferences(place, base, head),
    listMergeBases(place, base, head),
  ]);
  const older: ChangedBlob[] = [];
  for (const ancestor of ancestors) {
    const [byHead, byBase] = await Promise.all([
      listDifferences(place, ancestor, head),
      listDifferences(place, ancestor, base),
    ]);
    older.push(...byHead, ...byBase.filter(({ isRemoved }) => isRemoved));
  }
  const files = [...ofBase, ...[...between, ...older].flatMap(({ before, after }) => [before, after])];
  const isLikely = createChoice(files);
  const wanted = files.filter((file) => file.mode !== SUBMODULE && file.mode !== ABSENT && isLikely(file));
  return await listMissing(place, [...new Set(wanted.map(({ id }) => id))]);
}

/** All that a merge of the two, or a diff of what the head changes, could read, whether it is here or not. */
export async function listChangedBlobs(place: GitPlace, base: ObjectId, head: ObjectId): Promise<readonly ObjectId[]> {
  const changed: ChangedBlob[] = [];
  for (const ancestor of await listMergeBases(place, base, head)) {
    for (const side of [base, head]) changed.push(...(await listDifferences(place, ancestor, side)));
  }
  const files = changed.flatMap(({ before, after }) => [before, after]);
  return [...new Set(files.flatMap(({ id, mode }) => (mode === SUBMODULE || mode === ABSENT ? [] : [id])))];
}

/** Most blobs that come along with those that were asked for. */
const MOST_COMPANIONS = 256;

/**
 * Missing blobs that are likely to be read next by whoever reads these: files of the same name in other directories, as
 * apps repeat one another, and of the same kind in the same directory, as a generator lists them.
 */
export async function listCompanions(
  place: GitPlace,
  { base, head }: { readonly base: ObjectId; readonly head: ObjectId },
  ids: readonly ObjectId[],
): Promise<readonly ObjectId[]> {
  const [ofBase, between] = await Promise.all([listFiles(place, base), listDifferences(place, base, head)]);
  const files = [...ofBase, ...between.map(({ after }) => after)].filter(({ mode }) => mode.startsWith("100"));
  const asked = new Set(ids);
  const traits = new Set(files.flatMap((file) => (asked.has(file.id) ? traitsOf(file) : [])));
  const alike = files.filter((file) => !asked.has(file.id) && traitsOf(file).some((trait) => traits.has(trait)));
  return (await listMissing(place, [...new Set(alike.map(({ id }) => id))])).slice(0, MOST_COMPANIONS);
}

/** A file's name; its directory with its extension. */
function traitsOf({ path }: FileBlob): readonly string[] {
  const start = path.lastIndexOf("/") + 1;
  const dot = path.lastIndexOf(".");
  return [path.slice(start), `${path.slice(0, start)}*${dot < start ? "" : path.slice(dot)}`];
}

/** Links are followed whatever they are called, and Helm reads a chart whole. */
function createChoice(files: readonly FileBlob[]): (file: FileBlob) => boolean {
  const charts = new Set(
    files.flatMap(({ path }) => (/(?:^|\/)Chart\.yaml$/u.test(path) ? [path.slice(0, -"Chart.yaml".length)] : [])),
  );
  const isInChart = (path: string): boolean => {
    if (charts.size === 0) return false;
    for (let at = path.lastIndexOf("/"); at >= 0; at = at === 0 ? -1 : path.lastIndexOf("/", at - 1)) {
      if (charts.has(path.slice(0, at + 1))) return true;
    }
    return charts.has("");
  };
  return ({ path, mode }) => mode === LINK || isLikelyRead(path) || isInChart(path);
}

/** `<mode> <type> <id>`, a tab and the path. */
async function listFiles(place: GitPlace, commit: ObjectId): Promise<readonly FileBlob[]> {
  const { stdout } = await runGit(place, ["ls-tree", "-r", "-z", commit]);
  return splitNames(stdout).map((line) => {
    const tab = line.indexOf("\t");
    const [mode = "", , id = ""] = line.slice(0, tab).split(" ");
    return { path: line.slice(tab + 1), id, mode };
  });
}

/** None when the two have nothing in common: whoever merges tells. */
async function listMergeBases(place: GitPlace, base: ObjectId, head: ObjectId): Promise<readonly ObjectId[]> {
  const options = { statuses: [0, 1] };
  const { stdout } = await runGit(place, ["merge-base", "--all", base, head], options);
  return stdout.toString("latin1").match(/[0-9a-f]{40,64}/gu) ?? [];
}

/** The mode of what is not there. */
const ABSENT = "000000";

interface ChangedBlob {
  readonly before: FileBlob;
  readonly after: FileBlob;
  readonly isRemoved: boolean;
}

/** `:<mode> <mode> <id> <id> <status>` and the path, in turns. */
async function listDifferences(place: GitPlace, before: ObjectId, after: ObjectId): Promise<readonly ChangedBlob[]> {
  if (before === after) return [];
  const { stdout } = await runGit(place, ["diff-tree", "-r", "-z", "--raw", "--no-renames", before, after, "--"]);
  const fields = splitNames(stdout);
  return fields.flatMap((field, index) => {
    const [, oldMode = "", mode = "", oldId = "", id = "", status] =
      /^:(\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])/u.exec(index % 2 === 0 ? field : "") ?? [];
    if (status === undefined) return [];
    const path = fields[index + 1] ?? "";
    const [then, now] = [
      { path, id: oldId, mode: oldMode },
      { path, id, mode },
    ];
    return [{ before: then, after: now, isRemoved: status === "D" }];
  });
}

/** The ids that git's own words name, which is how a merge says what it did not find. */
export function readNamedIds(fault: GitFault): readonly ObjectId[] {
  return [...new Set(fault.detail.match(/\b[0-9a-f]{40}\b/gu) ?? [])];
}
