import type { CheckOutput } from "../cli/doors.ts";
import { buildSample } from "./build-sample.ts";

export interface DemoPlan {
  /** The demo's own files: `sample/` and `changes/`. */
  readonly source: string;
  /** Where the repository is made; emptied first. */
  readonly repository: string;
  /** Checks one branch of the sample against `main`, in two formats at once. */
  readonly check: (branch: string, page: string) => Promise<CheckOutput>;
  readonly pageOf: (branch: string) => string;
  readonly path: string;
  readonly print: (text: string) => void;
}

/**
 * Makes the sample repository, checks each of its proposed changes as a pull request would be, and prints the results
 * with the page of each. Rejects with a Fault when git or an engine fails.
 */
export async function runDemo({ source, repository, check, pageOf, path, print }: DemoPlan): Promise<void> {
  const changes = await buildSample(source, repository, path);
  print(`A sample config repository with ${changes.length} proposed changes is in ${repository}\n`);
  for (const [index, { branch, title }] of changes.entries()) {
    const page = pageOf(branch);
    const { text, exitCode } = await check(branch, page);
    print(`\n${"─".repeat(72)}\nChange ${index + 1} of ${changes.length}: ${title}\n`);
    print(`$ drydock check --repo ${repository} --base main --head ${branch}\n\n`);
    print(`${text.trimEnd()}\n\n(exit status ${exitCode}; whole diff: file://${page})\n`);
  }
  const [first] = changes;
  if (first !== undefined) print(`\nOpen the pages in a browser, for example\n  file://${pageOf(first.branch)}\n`);
}
