import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decideEnvironments } from "../../../src/environments/index.ts";
import type { EnvironmentFacts, OwnedFiles } from "../../../src/model/index.ts";
import { ADA, approve, contentOf, GRACE, LIN, makeFacts, readRules, writer } from "../../fakes/environment-facts.ts";

const RULES = readRules("environments: { prod: { paths: [prod], approvals: { count: 0, codeOwners: true } } }");

function judge(files: readonly OwnedFiles[], parts: Partial<EnvironmentFacts> = {}) {
  const facts = makeFacts({ owners: { files, errors: [], problem: undefined }, ...parts });
  const { results } = decideEnvironments(facts, RULES);
  const result = results.find(({ rule }) => rule === "code-owners");
  assert.ok(result);
  return result;
}

const ALL = makeFacts();
const byGrace = approve(GRACE, contentOf(ALL));

describe("code owners", () => {
  it("have to approve every changed file that has owners", () => {
    const files = [
      { path: "prod/a", owners: ["grace"] },
      { path: "prod/b", owners: ["acme/sre", "lin"] },
      { path: "prod/c", owners: [] },
    ];
    const waiting = judge(files, { approvals: [byGrace] });
    assert.equal(waiting.state, "waiting");
    assert.deepEqual(waiting.steps, ["prod/b waits for acme/sre or lin."]);
    assert.equal(judge(files, { approvals: [byGrace, approve(LIN, contentOf(ALL))] }).state, "passed");
    const people = [writer(GRACE, { "acme/sre": "yes" })];
    assert.equal(judge(files, { approvals: [byGrace], people }).state, "passed");
    const unknown = [writer(GRACE, { "acme/sre": "unknown" })];
    assert.equal(judge(files, { approvals: [byGrace], people: unknown }).state, "waiting");
  });

  it("T01, T18: are neither an author nor asked once for all", () => {
    const own = [{ path: "prod/a", owners: ["ada"] }];
    assert.equal(judge(own, { approvals: [approve(ADA, contentOf(ALL))] }).state, "waiting");
    const files = [{ path: "prod/a", owners: ["grace"] }];
    assert.equal(
      judge(files, { approvals: [approve(GRACE, { prod: { "kustomize:prod": "other" } })] }).state,
      "waiting",
    );
    assert.equal(judge(files, { approvals: [approve(GRACE, undefined)] }).state, "waiting");
    assert.equal(
      judge(files, { approvals: [byGrace], people: [{ ...writer(GRACE), role: "triage" }] }).state,
      "waiting",
    );
  });

  it("T01: take one more of each file where an author is not known, and are none where not all commits are", () => {
    const files = [{ path: "prod/a", owners: ["grace", "lin"] }];
    const contributors = { people: [], unknown: ["Some One"], isComplete: true };
    assert.equal(judge(files, { approvals: [byGrace], contributors }).state, "waiting");
    const both = [byGrace, approve(LIN, contentOf(ALL))];
    assert.equal(judge(files, { approvals: both, contributors }).state, "passed");
    assert.equal(
      judge(files, { approvals: both, contributors: { ...contributors, isComplete: false } }).state,
      "unknown",
    );
  });

  it("T24: are not known where the list of files is cut, or there is no CODEOWNERS", () => {
    const owners = { files: [], errors: ["Line 2 of CODEOWNERS negates a pattern"], problem: "GitHub lists no more" };
    const unknown = judge([], { owners });
    assert.equal(unknown.state, "unknown");
    assert.deepEqual(unknown.notes, owners.errors);
    assert.equal(judge([], { owners: undefined }).state, "unknown");
  });
});
