import type { FoldItem, MarkdownFold, MeasureText } from "../report/markdown/fold.ts";

/** What the tags around a fold and the line ends in it take at most, "continued" included. */
const FOLD_ROOM = 150;

/**
 * Lays folds out over at most `most` pages: a fold moves as a whole to the next page, and one that is longer than a page
 * is continued between two of its items. All pages but the last are within `roomOf(page)`; the last holds what remains,
 * however long. An item that is longer than any page stands briefly, and says so.
 */
export function paginate(
  folds: readonly MarkdownFold[],
  most: number,
  roomOf: (page: number) => number,
  measure: MeasureText,
): readonly (readonly MarkdownFold[])[] {
  const longest = roomOf(1) - FOLD_ROOM;
  const pages: MarkdownFold[][] = [];
  let waiting = folds.map((fold) => keepItemsBelow(fold, longest - measure(fold.summary), measure));
  while (pages.length < most - 1 && measureFolds(waiting, measure) > roomOf(pages.length)) {
    const { page, rest } = takePage(waiting, roomOf(pages.length), roomOf(pages.length + 1), measure);
    pages.push(page);
    waiting = rest;
  }
  return [...pages, waiting];
}

/** Never less than what the folds take once they are written. */
export function measureFolds(folds: readonly MarkdownFold[], measure: MeasureText): number {
  return folds.reduce((sum, fold) => sum + measureFold(fold, measure), 0);
}

function measureFold({ summary, items }: MarkdownFold, measure: MeasureText): number {
  return items.reduce((sum, { full }) => sum + measure(full) + 2, FOLD_ROOM + measure(summary));
}

function keepItemsBelow(fold: MarkdownFold, limit: number, measure: MeasureText): MarkdownFold {
  if (fold.items.every(({ full }) => measure(full) <= limit)) return fold;
  const items = fold.items.map((item): FoldItem => {
    if (measure(item.full) <= limit) return item;
    const brief = item.brief === undefined || measure(item.brief) > limit ? undefined : item.brief;
    const full = brief === undefined ? `${fold.isList ? "- " : ""}One ${fold.noun}` : brief;
    return { full: `${full} (left out here: it is too long)`, brief };
  });
  return { ...fold, items };
}

interface TakenPage {
  readonly page: MarkdownFold[];
  readonly rest: MarkdownFold[];
}

function takePage(folds: readonly MarkdownFold[], room: number, nextRoom: number, measure: MeasureText): TakenPage {
  const page: MarkdownFold[] = [];
  let left = room;
  for (const [index, fold] of folds.entries()) {
    const size = measureFold(fold, measure);
    if (size <= left) {
      page.push(fold);
      left -= size;
      continue;
    }
    const others = folds.slice(index + 1);
    const split = size <= nextRoom ? undefined : splitFold(fold, left, measure);
    if (split === undefined) return { page, rest: [fold, ...others] };
    return { page: [...page, split.first], rest: [split.second, ...others] };
  }
  return { page, rest: [] };
}

/** Undefined when not even the first item has room. */
function splitFold(
  fold: MarkdownFold,
  room: number,
  measure: MeasureText,
): { readonly first: MarkdownFold; readonly second: MarkdownFold } | undefined {
  let left = room - FOLD_ROOM - measure(fold.summary);
  const taken = fold.items.findIndex(({ full }) => (left -= measure(full) + 2) < 0);
  if (taken <= 0) return undefined;
  const summary = fold.summary.endsWith(CONTINUED) ? fold.summary : fold.summary + CONTINUED;
  return {
    // Its apps are told of here, so that they are not counted as left out when the second part is.
    first: { ...fold, items: fold.items.slice(0, taken) },
    second: { ...fold, summary, items: fold.items.slice(taken), apps: 0 },
  };
}

const CONTINUED = ", continued";
