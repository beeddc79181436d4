import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RenderedSide } from "../../../src/pipeline/compare-app.ts";
import { openSides } from "../../../src/pipeline/policy-sides.ts";
import { emptySnapshot, type AppRecord } from "../../../src/pipeline/snapshot.ts";
import type { Survey } from "../../../src/pipeline/survey.ts";

describe("openSides", () => {
  it("opens the apps that bring policies once for each side, however often they are asked for", async () => {
    const record = { app: { id: "plain:policies" }, holdsPolicies: true } as AppRecord;
    const other = { app: { id: "plain:web" }, holdsPolicies: false } as AppRecord;
    const changed = new Map([record, other].map((each) => [each.app.id, each]));
    const survey = { snapshot: emptySnapshot("0".repeat(40)), changed, crds: new Map() } as unknown as Survey;
    const opened: string[] = [];
    const sides = openSides(
      { base: survey, head: survey },
      {
        open: ({ app }) => {
          opened.push(app.id);
          const rendering = { kind: "rendered", manifests: [], findings: [], trace: [] } as const;
          return Promise.resolve<RenderedSide>({ app, rendering, findings: [] });
        },
      },
    );
    await Promise.all([sides.base.readHolders(), sides.base.readHolders(), sides.head.readHolders()]);
    await sides.head.readHolders();
    assert.deepEqual(opened, ["plain:policies", "plain:policies"]);
  });
});
