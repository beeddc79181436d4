import type { Report } from "../model/index.ts";
import type { LeftOut, MarkdownFold, MeasureText } from "../report/markdown/fold.ts";
import { fitFolds, listLeftOut } from "../report/markdown/fold.ts";
import { prose } from "../report/markdown/inline.ts";
import { writeQuiet } from "../report/markdown/quiet.ts";
import { listFolds, writeHead } from "../report/markdown/render-markdown.ts";
import { outlineReport } from "../report/outline.ts";
import { listPhrase } from "../report/phrase.ts";
import { measureFolds, paginate } from "./paginate.ts";
import { foldTotals } from "./total-apps.ts";

/** A report as blocks of Markdown, in the order in which they are told. */
export interface ToldReport {
  /** Title, counts, and the list of what matters most where there is anything to list. */
  readonly head: readonly string[];
  readonly folds: readonly MarkdownFold[];
  /** What is not told, one line a kind. */
  readonly quiet: readonly string[];
  /** Totals of every app, for a report that is too long to be told; `room` is what they may take. */
  readonly foldTotals?: (room: number, measure: MeasureText) => MarkdownFold;
}

/** How a report is written over one or several texts. */
export interface SpreadOptions {
  /** Texts that it may take at most. */
  readonly most: number;
  /** Longest text, in the unit of `measure`. */
  readonly limit: number;
  readonly measure: MeasureText;
  /** First line of the first text; undefined where something else shows it. */
  readonly title: string | undefined;
  /** Blocks between the first lines and the first fold. */
  readonly remarks: readonly string[];
  /** Last lines of the last text. */
  readonly footer: readonly string[];
  /** Says where everything is: one sentence. */
  readonly whole: string;
  /** The line that ends a text which another one follows, and the one that begins that other. */
  readonly writeEnd: (next: number, of: number) => string;
  readonly writeStart: (number: number, of: number) => string;
}

/** Room for the line that says what was left out, for those that lead from text to text, and for the blank lines. */
const REMARK_ROOM = 1_500;

/**
 * Writes a report as GitHub Markdown over as few texts as hold it, each within the limit. Folds move as a whole to the
 * next text. What has no room in the last one is left out from the least important end, which the first text says, and
 * the last one gives totals of every app. Nothing is cut inside an entry, so no fence and no character is.
 */
export function spreadReport(report: Report, options: SpreadOptions): readonly string[] {
  return spreadTold(tellReport(report), options);
}

function tellReport(report: Report): ToldReport {
  const outline = outlineReport(report);
  return {
    head: writeHead(report, outline),
    folds: listFolds(report, outline),
    quiet: writeQuiet(outline),
    foldTotals: (room, measure) => foldTotals(report, room, measure),
  };
}

/** As `spreadReport`, for what is told otherwise. */
export function spreadTold(told: ToldReport, options: SpreadOptions): readonly string[] {
  const { limit, measure, most } = options;
  const end = [...told.quiet, ...options.footer].join("\n");
  const head = writeFirst(told, options, measure(end));
  const roomOf = (page: number): number =>
    limit - REMARK_ROOM - measure(end) - (page === 0 ? measure(head.join("\n\n")) : 0);
  const pages = paginate(told.folds, most, roomOf, measure);
  const last = writeLast(told, pages.at(-1) ?? [], roomOf(pages.length - 1), measure);
  return pages.map((folds, index) => {
    const isLast = index === pages.length - 1;
    const leftOut = index === 0 ? writeLeftOut(last.leftOut, options.whole) : [];
    const start = index === 0 ? insertSecond(head, leftOut) : [options.writeStart(index + 1, pages.length)];
    const text = isLast ? last.text : fitFolds(folds, Infinity, measure).text;
    const close = isLast ? end : options.writeEnd(index + 2, pages.length);
    return [...start, text.trimEnd(), close].filter((block) => block !== "").join("\n\n");
  });
}

/** The blocks before the first fold; the list of what matters most only where it leaves half of the room. */
function writeFirst({ head }: ToldReport, options: SpreadOptions, end: number): readonly string[] {
  const [, counts = "", ...list] = head;
  const heading = options.title === undefined ? [] : [`### ${prose(options.title)}`];
  const top = [...heading, counts, ...options.remarks];
  const whole = [...top, ...list];
  return options.measure(whole.join("\n\n")) + end <= options.limit / 2 ? whole : top;
}

function insertSecond([first = "", ...rest]: readonly string[], blocks: readonly string[]): readonly string[] {
  return [first, ...blocks, ...rest];
}

interface LastPage {
  readonly text: string;
  readonly leftOut: LeftOut;
}

/** All folds, or what has room of them above the totals. */
function writeLast(told: ToldReport, folds: readonly MarkdownFold[], room: number, measure: MeasureText): LastPage {
  if (measureFolds(folds, measure) <= room) return fitFolds(folds, Infinity, measure);
  const totals = told.foldTotals === undefined ? [] : [told.foldTotals(room / 3, measure)];
  const { text } = fitFolds(totals, room / 2, measure);
  const fitted = fitFolds(folds, room - measure(text), measure);
  return { text: fitted.text + text, leftOut: fitted.leftOut };
}

function writeLeftOut(leftOut: LeftOut, whole: string): readonly string[] {
  const parts = listLeftOut(leftOut);
  if (parts.length === 0) return [];
  return [
    `Shortened to fit: ${listPhrase(parts)} left out; the counts and the totals of all apps include them. ${whole}`,
  ];
}
