import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listOutdated } from "../../../src/environments/index.ts";
import {
  ADA,
  approve,
  change,
  changedApp,
  contentOf,
  GRACE,
  LIN,
  makeFacts,
  NOW,
  readRules,
} from "../../fakes/environment-facts.ts";

const RULES = readRules("environments: { prod: { approvals: 1 }, dev: {} }");
const THEN = contentOf({ changes: [change("prod", changedApp("kustomize:prod", { digest: "another" }))] });
const NOW_CONTENT = contentOf(makeFacts());

describe("approvals that died of a change", () => {
  it("are told by the state that they were given on, with everybody who gave one, the newest first", () => {
    const base = { ref: "main", sha: "b".repeat(40) };
    const approvals = [
      approve(GRACE, THEN, { base }),
      approve(LIN, THEN, { base, givenAt: NOW + 1 }),
      approve(LIN, {}, { headSha: "2".repeat(40), sourceId: 9, givenAt: NOW - 1 }),
    ];
    const listed = listOutdated(makeFacts({ approvals }), RULES);
    assert.deepEqual(
      listed.map(({ given, changed }) => [given.map(({ actor }) => actor.login), changed]),
      [
        [["lin", "grace"], ["kustomize:prod"]],
        [["lin"], ["kustomize:prod"]],
      ],
    );
  });

  it("are nobody's whose later word counts, who may not approve, or of whom nobody knows what they saw", () => {
    const approvals = [
      approve(GRACE, THEN),
      approve(GRACE, NOW_CONTENT, { sourceId: 5 }),
      approve(ADA, THEN),
      approve(LIN, undefined),
    ];
    assert.deepEqual(listOutdated(makeFacts({ approvals }), RULES), []);
  });
});
