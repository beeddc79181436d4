import type { Report } from "../model/index.ts";
import type { LeftOut, MarkdownFold, MeasureText } from "../report/markdown/fold.ts";
import { fitFolds, listLeftOut } from "../report/markdown/fold.ts";
import { writeQuiet } from "../report/markdown/quiet.ts";
import { listFolds, writeHead } from "../report/markdown/render-markdown.ts";
import type { ReportOutline } from "../report/outline.ts";
import { outlineReport } from "../report/outline.ts";
import { listPhrase } from "../report/phrase.ts";
import { measureFolds, paginate } from "./paginate.ts";
import { foldTotals } from "./total-apps.ts";

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
  const { limit, measure, most } = options;
  const outline = outlineReport(report);
  const end = [...writeQuiet(outline), ...options.footer].join("\n");
  const head = writeFirst(report, outline, options, measure(end));
  const roomOf = (page: number): number =>
    limit - REMARK_ROOM - measure(end) - (page === 0 ? measure(head.join("\n\n")) : 0);
  const pages = paginate(listFolds(report, outline), most, roomOf, measure);
  const last = writeLast(report, pages.at(-1) ?? [], roomOf(pages.length - 1), measure);
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
function writeFirst(report: Report, outline: ReportOutline, options: SpreadOptions, end: number): readonly string[] {
  const title = options.title ?? "";
  const [heading = "", counts = "", ...list] = writeHead({ ...report, outcome: { ...report.outcome, title } }, outline);
  const top = [...(options.title === undefined ? [] : [heading]), counts, ...options.remarks];
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
function writeLast(report: Report, folds: readonly MarkdownFold[], room: number, measure: MeasureText): LastPage {
  if (measureFolds(folds, measure) <= room) return fitFolds(folds, Infinity, measure);
  const totals = fitFolds([foldTotals(report, room / 3, measure)], room / 2, measure).text;
  const fitted = fitFolds(folds, room - measure(totals), measure);
  return { text: fitted.text + totals, leftOut: fitted.leftOut };
}

function writeLeftOut(leftOut: LeftOut, whole: string): readonly string[] {
  const parts = listLeftOut(leftOut);
  if (parts.length === 0) return [];
  return [
    `Shortened to fit: ${listPhrase(parts)} left out; the counts and the totals of all apps include them. ${whole}`,
  ];
}
