import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SinceApproval } from "../../../src/model/index.ts";
import { measureComment } from "../../../src/publish/bounds.ts";
import { planPublication } from "../../../src/publish/index.ts";
import { makeApp, makeChange, makeReport, makeResource } from "../../fakes/reports.ts";
import { assertInert } from "./assert-inert.ts";
import { FACTS, manyApps, PAGE, readConfig, reportOf } from "./publish-fixtures.ts";

const HOSTILE = "</details> @all #1 `x` <img src=x> [a](javascript:b)";
const STATE: SinceApproval = { by: ["grace"], headSha: "abc1234".padEnd(40, "0"), changed: [], report: undefined };

function commentsWith(...sinceApprovals: readonly SinceApproval[]): readonly string[] {
  return planPublication(reportOf("good"), readConfig(), { ...FACTS, sinceApprovals }).comments;
}

function appOf(path: string, diff: string): ReturnType<typeof makeApp> {
  return makeApp(path, { changes: [makeChange(makeResource("Deployment", "web"), { diff, likeness: path + diff })] });
}

describe("what changed since an approval, in the comment", () => {
  it("shows the apps whose approval died, and no other", () => {
    const [web, api] = [appOf("apps/web", "-a: 1\n+a: 2\n"), appOf("apps/api", "-b: 1\n+b: 2\n")];
    const report = makeReport({ apps: [web, api] });
    const [comment = ""] = commentsWith({
      ...STATE,
      by: ["grace", "lin"],
      changed: [web.id, "file:prod/x.json"],
      report,
    });
    assert.match(comment, /\*\*Changed since the approval of `grace` and `lin`\*\* at `abc1234`: 1 change in 1 app\./u);
    assert.match(comment, /Files that no app reads: `prod\/x\.json`\./u);
    assert.match(comment, /-a: 1\n\+a: 2/u);
    assert.doesNotMatch(comment, /\+b: 2/u);
    assertInert(comment, PAGE);
  });

  it("says so where the two cannot be compared, or the same would land", () => {
    const [lost = ""] = commentsWith({ ...STATE, changed: ["kustomize:web"] });
    assert.match(lost, /at `abc1234`: it cannot be compared any more\.\n\nApps: `kustomize:web`\./u);
    const [same = ""] = commentsWith({ ...STATE, changed: ["kustomize:web"], report: makeReport({ apps: [] }) });
    assert.match(same, /Renders as it did, but changes something else, because its base moved: `kustomize:web`\./u);
  });

  it("T45: lets no name, login or value do anything", () => {
    const app = appOf(`apps/${HOSTILE}`, `+${HOSTILE}\n+\`\`\`\n`);
    const report = makeReport({ apps: [app] });
    for (const comment of commentsWith({ ...STATE, by: [HOSTILE], changed: [app.id, `file:${HOSTILE}`], report })) {
      assertInert(comment, PAGE);
    }
  });

  it("T47: is bounded, and says that it is", () => {
    const report = manyApps(200, 100, "new: ", (path, name, diff) =>
      makeApp(path, { changes: [makeChange(makeResource("Deployment", name), { diff, likeness: path })] }),
    );
    const state = { ...STATE, changed: report.apps.map(({ id }) => id), report };
    const [alone = ""] = commentsWith();
    const [comment = ""] = commentsWith(state, state);
    assert.ok(measureComment(comment) - measureComment(alone) < 30_000);
    assert.match(comment, /Shortened to fit\./u);
    assertInert(comment, PAGE);
  });
});
