import { count } from "../phrase.ts";
import { countCodePoints } from "../visible-text.ts";

/** One entry of a fold: whole Markdown blocks. `brief` is what stays when room is short; undefined when nothing does. */
export interface FoldItem {
  readonly full: string;
  readonly brief: string | undefined;
}

/** A `<details>` block. Folds and their items stand in the order of their weight, the most important first. */
export interface MarkdownFold {
  /** Inline HTML, already safe. */
  readonly summary: string;
  readonly items: readonly FoldItem[];
  /** Whether the items are entries of one list, or blocks with a blank line between them. */
  readonly isList: boolean;
  /** What an item is called where some of them are left out. */
  readonly noun: string;
  readonly plural?: string;
  /** The apps that this fold tells about, so that a fold that is left out can be accounted for. */
  readonly apps: number;
}

/** What fits, and what was left out of it. */
export interface FittedFolds {
  readonly text: string;
  readonly leftOut: LeftOut;
}

export interface LeftOut {
  readonly details: number;
  readonly items: number;
  readonly apps: number;
}

interface FoldState {
  readonly fold: MarkdownFold;
  /** Sizes of each item, with the line ends after it. */
  readonly sizes: readonly { readonly full: number; readonly brief: number }[];
  /** How many items, counted from the front, stand in full; those after them stand briefly, up to `kept`. */
  readonly full: number;
  readonly kept: number;
  /** Size of all that is written; never less than what `writeFold` gives. */
  readonly size: number;
}

/** What the tags, the line ends and the sentence about what is missing take at most. */
const OVERHEAD = 120;

/** The size of a text in the unit of the limit: code points for a comment, bytes for a check's summary. */
export type MeasureText = (text: string) => number;

/**
 * Writes folds within a bound, of code points unless another measure is given. Room is made from the least important end: first details become brief,
 * last fold first; then entries go, counted where they stood; then whole folds. Nothing is ever cut in the middle.
 */
export function fitFolds(
  folds: readonly MarkdownFold[],
  limit: number,
  measure: MeasureText = countCodePoints,
): FittedFolds {
  const states = folds.map((fold) => measureFold(fold, measure));
  let size = states.reduce((sum, state) => sum + state.size, 0);
  for (const shed of [shedDetails, shedItems]) {
    for (let index = states.length - 1; index >= 0 && size > limit; index--) {
      const state = states[index];
      if (state === undefined) continue;
      const smaller = shed(state, limit - (size - state.size));
      size += smaller.size - state.size;
      states[index] = smaller;
    }
  }
  return { text: states.map(writeFold).join(""), leftOut: countLeftOut(states) };
}

function measureFold(fold: MarkdownFold, measure: MeasureText): FoldState {
  const sizes = fold.items.map(({ full, brief }) => ({
    full: measure(full) + 2,
    brief: brief === undefined ? 0 : measure(brief) + 2,
  }));
  const whole = sizes.reduce((sum, item) => sum + item.full, OVERHEAD + measure(fold.summary));
  return { fold, sizes, full: sizes.length, kept: sizes.length, size: whole };
}

function shedDetails(state: FoldState, room: number): FoldState {
  let { full, size } = state;
  while (full > 0 && size > room) {
    full--;
    const item = state.sizes[full];
    size += (item?.brief ?? 0) - (item?.full ?? 0);
  }
  return { ...state, full, size };
}

/** Takes items that stand briefly away; runs after `shedDetails`, so that none stands in full where room is short. */
function shedItems(state: FoldState, room: number): FoldState {
  let { kept, size } = state;
  while (kept > state.full && size > room) {
    kept--;
    size -= state.sizes[kept]?.brief ?? 0;
  }
  const isGone =
    kept === 0 || state.sizes.slice(0, kept).every((item, index) => index >= state.full && item.brief === 0);
  return { ...state, kept, size: isGone ? 0 : size };
}

function writeItems({ fold, full, kept }: FoldState): string[] {
  return fold.items.slice(0, kept).flatMap((item, index) => (index < full ? item.full : item.brief) ?? []);
}

/** A fold without any entry left is gone. */
function writeFold(state: FoldState): string {
  const { fold } = state;
  const items = writeItems(state);
  if (items.length === 0) return "";
  const missing = fold.items.length - items.length;
  const more =
    missing > 0
      ? `\n\nAnd ${count(missing, `more ${fold.noun}`, `more ${fold.plural ?? `${fold.noun}s`}`)}, left out here.`
      : "";
  const body = items.join(fold.isList ? "\n" : "\n\n");
  return `<details><summary>${fold.summary}</summary>\n\n${body}${more}\n\n</details>\n\n`;
}

/** What was left out, in words; empty when nothing was. */
export function listLeftOut({ details, items, apps }: LeftOut): readonly string[] {
  return [
    ...(details > 0 ? [count(details, "detail")] : []),
    ...(items > 0 ? [count(items, "entry", "entries")] : []),
    ...(apps > 0 ? [`the changes of ${count(apps, "app")}`] : []),
  ];
}

function countLeftOut(states: readonly FoldState[]): LeftOut {
  const counts = { details: 0, items: 0, apps: 0 };
  for (const state of states) {
    const written = writeItems(state).length;
    counts.items += state.fold.items.length - written;
    counts.details += Math.max(0, written - state.full);
    if (written === 0) counts.apps += state.fold.apps;
  }
  return counts;
}
