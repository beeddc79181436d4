import { byImportance } from "../judge/index.ts";
import type { AppId, JudgedFinding, PolicyProblem, Tree } from "../model/index.ts";
import { knowByBaseline, readBaseline, type BaselineEntry } from "../policy/index.ts";

/** Bytes of a baseline. Beyond that it is not read. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Entries named in a note; the rest are counted. */
const NAMED = 3;

/** Apps as they were looked at, to tell which entries match nothing any more. */
export interface LookedAt {
  /** Rendered on the head, with their findings. */
  readonly judged: ReadonlySet<AppId>;
  readonly isOnHead: (app: AppId) => boolean;
}

export interface OpenedBaseline {
  readonly problems: readonly PolicyProblem[];
  /** Sentences about the file itself. */
  readonly notes: readonly string[];
  /** Those that the file knows count as known; new before known, as findings are listed. */
  know(findings: readonly JudgedFinding[], apps: LookedAt): SettledFindings;
}

export interface SettledFindings {
  readonly findings: readonly JudgedFinding[];
  /** Sentences about entries of the baseline. */
  readonly notes: readonly string[];
}

/**
 * Reads the baseline that the config names from the base. What the change makes of it counts once it is on the base:
 * here it is only read, so that a change cannot break it unseen. One that is broken on the base and mended by the
 * change keeps nothing from passing, and nothing is known by it. A file that is not there knows nothing.
 */
export async function openBaseline(
  file: string | undefined,
  trees: { readonly base: Tree; readonly head: Tree },
  isExempt: (rule: string) => boolean,
): Promise<OpenedBaseline> {
  if (file === undefined) return { problems: [], notes: [], know: (findings) => ({ findings, notes: [] }) };
  const [base, head] = [await readFrom(trees.base, file), await readFrom(trees.head, file)];
  const entries = base.kind === "read" ? base.entries : [];
  const broken = head.kind === "broken" ? head : undefined;
  const isMended = base.kind === "broken" && broken === undefined;
  return {
    problems: broken === undefined ? [] : [{ file, line: broken.line, message: `the baseline: ${broken.message}` }],
    notes: [
      ...(base.kind === "absent" ? [`The baseline ${file} is not on the base: it makes no finding known.`] : []),
      ...(isMended ? [`The baseline ${file} on the base is broken: it makes no finding known.`] : []),
      ...(base.kind === "read" && base.id !== head.id
        ? [`This change edits the baseline ${file}, which counts once it is on the base.`]
        : []),
    ],
    know: (findings, apps) => {
      const known = knowByBaseline(findings, entries, isExempt);
      const stale = known.unmatched.filter(({ app }) => apps.judged.has(app) || !apps.isOnHead(app));
      return { findings: known.findings.toSorted(byImportance), notes: describeStale(stale, file) };
    },
  };
}

type Reading =
  | { readonly kind: "absent"; readonly id: undefined }
  | { readonly kind: "read"; readonly id: string; readonly entries: readonly BaselineEntry[] }
  | { readonly kind: "broken"; readonly id: string; readonly line: number | undefined; readonly message: string };

async function readFrom(tree: Tree, file: string): Promise<Reading> {
  const found = await tree.resolve(file);
  if (found.kind === "absent") return { kind: "absent", id: undefined };
  if (found.kind !== "file")
    return { kind: "broken", id: "", line: undefined, message: "this is no file of the repository" };
  const { id } = found;
  const [bytes] = await tree.readBlobs([id]);
  if (bytes === undefined || bytes.byteLength > MOST_BYTES) {
    const message = `it is larger than ${MOST_BYTES / 1024 / 1024} MiB`;
    return { kind: "broken", id, line: undefined, message };
  }
  const reading = readBaseline(Buffer.from(bytes).toString("utf8"));
  return reading.kind === "read" ? { ...reading, id } : { ...reading, id };
}

function describeStale(entries: readonly BaselineEntry[], file: string): readonly string[] {
  if (entries.length === 0) return [];
  const count = entries.reduce((sum, entry) => sum + entry.count, 0);
  const names = entries.slice(0, NAMED).map(({ rule, resource, app }) => `${rule} of ${resource} in ${app}`);
  const more = entries.length > NAMED ? ` and ${entries.length - NAMED} more` : "";
  const what = count === 1 ? "1 finding of the baseline is" : `${count} findings of the baseline are`;
  const renew = `\`drydock policy baseline --output ${file}\` renews it`;
  return [`${what} not there any more (${names.join(", ")}${more}); ${renew}.`];
}
