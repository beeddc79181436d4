import type { CheckPart, Verdict } from "../model/index.ts";
import { JUDGED_CHECK_NAMES } from "../model/index.ts";
import { prose } from "../report/markdown/inline.ts";
import { hashVerdict } from "./hash-verdict.ts";
import type { JudgedCommits } from "./judge-report.ts";
import { writeTitle } from "./write-title.ts";

/**
 * The verdict of a check that failed for good: never green, in advise mode neither, for nobody knows what is there.
 * `reason` is one sentence for the author; it is escaped here and must hold no secret.
 */
export function couldNotCheck(reason: string, commits: JudgedCommits): Verdict {
  const sentence = prose(reason, 600);
  return makeVerdict(commits, {
    state: "failure",
    title: writeTitle(`Could not check: ${reason}`),
    summary: [
      `Nothing was found wrong with this change: it could not be looked at. ${sentence}`,
      "Comment `/drydock check`, or press Re-run, to try again. If it stays like this, `drydock doctor --pr` with the address of this pull request tells whoever runs Drydock why.",
    ].join("\n\n"),
    details: "",
    annotations: [],
  });
}

/** A pull request from a fork to a public repository that asks for a maintainer's word first: nothing has run. */
export function waitsForMaintainer(commits: JudgedCommits): Verdict {
  return makeVerdict(commits, {
    state: "in_progress",
    title: "Waiting: a maintainer has to comment /drydock check",
    summary:
      "Pull requests from forks are checked here once a maintainer has looked at them. Nothing of this one has been rendered yet. A comment `/drydock check` by somebody who may write to this repository starts the check of this commit.",
    details: "",
    annotations: [],
  });
}

/** Every check says the same: none of them knows anything. */
function makeVerdict({ headSha, baseSha, baseRef }: JudgedCommits, said: Omit<CheckPart, "name">): Verdict {
  const parts = JUDGED_CHECK_NAMES.map((name): CheckPart => ({ name, ...said }));
  return { headSha, baseSha, baseRef, parts, isAdvice: false, hash: hashVerdict(parts, false) };
}
