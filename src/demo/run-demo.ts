import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Outcome } from "../model/index.ts";
import type { Sample, SampleChange } from "./build-sample.ts";
import { renderIndex } from "./render-index.ts";

/** One change of the sample as the check sees it: what the terminal shows, and the whole page. */
export interface DemoResult {
  readonly outcome: Outcome;
  readonly text: string;
  readonly page: string;
}

export interface DemoPlan {
  readonly sample: Sample;
  /** Where the pages are written. */
  readonly directory: string;
  /** Checks one branch of the sample against `main`. */
  readonly check: (branch: string) => Promise<DemoResult>;
  /** The style sheet of the pages. */
  readonly style: string;
  /** The program that opens pages here, to be named and not run. */
  readonly opener: string | undefined;
  readonly print: (text: string) => void;
}

/**
 * Checks each proposed change of the sample repository as a pull request would be, prints the results, and leaves a page
 * of each with an index of them. Rejects with a Fault when git or an engine fails.
 */
export async function runDemo({ sample, directory, check, style, opener, print }: DemoPlan): Promise<void> {
  const { repository, changes } = sample;
  print(`A sample config repository with ${changes.length} proposed changes, each a branch of its own, is in\n`);
  print(`  ${repository}\n`);
  const checked: (SampleChange & { readonly outcome: Outcome; readonly page: string })[] = [];
  for (const change of changes) {
    const { outcome, text, page } = await check(change.branch);
    const file = `${change.branch}.html`;
    await writeFile(join(directory, file), page);
    checked.push({ ...change, outcome, page: file });
    print(`\n${writeRuler(`${checked.length} of ${changes.length}: ${change.title}`)}\n`);
    print(`$ drydock check --head ${change.branch}\n\n${shorten(text)}(exit status ${outcome.exitCode})\n`);
  }
  const index = join(directory, "index.html");
  await writeFile(index, renderIndex(checked, style));
  const opening = opener === undefined ? pathToFileURL(index).href : `${opener} ${quoteForShell(index)}`;
  print(`\n${writeRuler("The same as pages, with the whole diffs")}\n${opening}\n`);
}

function quoteForShell(path: string): string {
  return /^[\w./-]+$/u.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** What matters most comes first in a report, so its beginning says enough here: five of them fit two screens. */
const LINES_SHOWN = 16;

function shorten(text: string): string {
  const lines = text.trimEnd().split("\n");
  if (lines.length <= LINES_SHOWN + 3) return text;
  const shown = lines.slice(0, LINES_SHOWN).join("\n").trimEnd();
  return `${shown}\n  … and ${lines.length - LINES_SHOWN} more lines\n`;
}

/** Columns of the line that stands between two changes: it fits a narrow terminal. */
const RULER = 60;

function writeRuler(title: string): string {
  return `── ${title} ${"─".repeat(Math.max(2, RULER - title.length))}`;
}
