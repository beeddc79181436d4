import type { AppId, PolicyProblem, Tree } from "../model/index.ts";
import { createBaseline, readBaseline, type Baseline, type BaselineEntry } from "../policy/index.ts";

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
  readonly baseline: Baseline;
  readonly problems: readonly PolicyProblem[];
  /** Sentences about the file itself. */
  readonly notes: readonly string[];
  /** Sentences about entries that match nothing any more, once all findings are judged. */
  describeStale(apps: LookedAt): readonly string[];
}

/**
 * Reads the baseline that the config names from the base. What the change makes of it counts once it is on the base:
 * here it is only read, so that a change cannot break it unseen. One that is broken on the base and mended by the
 * change keeps nothing from passing, and nothing is known by it. A file that is not there knows nothing.
 */
export async function openBaseline(
  file: string | undefined,
  trees: { readonly base: Tree; readonly head: Tree },
  isPolicy: (rule: string) => boolean,
): Promise<OpenedBaseline> {
  if (file === undefined) {
    return { baseline: createBaseline([], isPolicy), problems: [], notes: [], describeStale: () => [] };
  }
  const [base, head] = [await readFrom(trees.base, file), await readFrom(trees.head, file)];
  const baseline = createBaseline(base.kind === "read" ? base.entries : [], isPolicy);
  const broken = head.kind === "broken" ? head : undefined;
  const isMended = base.kind === "broken" && broken === undefined;
  return {
    baseline,
    problems: broken === undefined ? [] : [{ file, line: broken.line, message: `the baseline: ${broken.message}` }],
    notes: [
      ...(base.kind === "absent" ? [`The baseline ${file} is not on the base: it makes no finding known.`] : []),
      ...(isMended ? [`The baseline ${file} on the base is broken: it makes no finding known.`] : []),
      ...(base.kind === "read" && base.id !== head.id
        ? [`This change edits the baseline ${file}, which counts once it is on the base.`]
        : []),
    ],
    describeStale: (apps) => {
      const isStale = ({ app }: BaselineEntry): boolean => apps.judged.has(app) || !apps.isOnHead(app);
      return describeStale(baseline.listUnmatched().filter(isStale), file);
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
