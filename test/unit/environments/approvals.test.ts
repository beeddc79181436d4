import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decideEnvironments } from "../../../src/environments/index.ts";
import type { EnvironmentFacts, RuleResult } from "../../../src/model/index.ts";
import {
  ADA,
  GRACE,
  LIN,
  approve,
  change,
  changedApp,
  contentOf,
  makeFacts,
  person,
  readRules,
  writer,
  wrote,
} from "../../fakes/environment-facts.ts";

const ONE = readRules("environments: { prod: { approvals: 1 } }");
const TEAM = readRules("environments: { prod: { approvals: { count: 2, teams: [sre], users: [lin] } } }");

function judge(facts: EnvironmentFacts, rules = ONE): RuleResult {
  const found = decideEnvironments(facts, rules).results.find(({ rule }) => rule === "approvals");
  assert.ok(found);
  return found;
}

/** Facts in which everybody named approves exactly the change. */
function approvedBy(actors: readonly (typeof ADA)[], parts: Partial<EnvironmentFacts> = {}): EnvironmentFacts {
  const facts = makeFacts(parts);
  return { ...facts, approvals: actors.map((actor) => approve(actor, contentOf(facts))) };
}

describe("approvals", () => {
  it("are waited for, with the number, the environment and whose", () => {
    assert.equal(judge(makeFacts()).state, "waiting");
    assert.equal(judge(makeFacts(), TEAM).title, "0 of 2 approvals for prod (team sre or lin)");
    assert.equal(decideEnvironments(makeFacts(), ONE).title, "Waiting: 0 of 1 approval for prod");
    assert.equal(decideEnvironments(makeFacts(), ONE).state, "in_progress");
  });

  it("by somebody who can write and did not write it are enough", () => {
    assert.equal(judge(approvedBy([GRACE])).state, "passed");
    assert.equal(decideEnvironments(approvedBy([GRACE]), ONE).state, "success");
  });

  it("are asked for where an environment says so, and nowhere else", () => {
    const dev = makeFacts({ changes: [change("dev")] });
    assert.equal(decideEnvironments(dev, ONE).state, "success");
  });

  it("T01: of the author, or of who wrote a commit, do not count", () => {
    assert.equal(judge(approvedBy([ADA])).state, "waiting");
    const contributors = { people: wrote(GRACE), unknown: [], isComplete: true };
    assert.equal(judge(approvedBy([GRACE], { contributors })).state, "waiting");
    assert.match(judge(approvedBy([GRACE], { contributors })).notes.join(), /grace wrote commits/u);
    const requested = makeFacts().pullRequest;
    const pullRequest = { ...requested, author: person(9, "bot[bot]", "Bot"), requestedBy: GRACE };
    assert.equal(judge(approvedBy([GRACE], { pullRequest })).state, "waiting");
  });

  it("T01: of who only suggested count where the environment lets them", () => {
    const contributors = { people: [{ actor: GRACE, hasOnlySuggested: true }], unknown: [], isComplete: true };
    const facts = approvedBy([GRACE], { contributors });
    assert.match(judge(facts).notes.join(), /grace made or took a suggestion/u);
    const lenient = "environments: { prod: { paths: [prod], approvals: { excludeSuggestions: false } } }";
    assert.equal(judge(facts, readRules(lenient)).state, "passed");
    const wroteMore = { contributors: { ...contributors, people: wrote(GRACE) } };
    assert.equal(judge(approvedBy([GRACE], wroteMore), readRules(lenient)).state, "waiting");
    const opened = { ...facts.pullRequest, author: GRACE };
    assert.equal(judge({ ...facts, pullRequest: opened }, readRules(lenient)).state, "waiting");
  });

  it("T01: take one more for each author that GitHub does not know", () => {
    const contributors = { people: [], unknown: ["someone@example.com"], isComplete: true };
    assert.equal(judge(approvedBy([GRACE], { contributors })).state, "waiting");
    assert.equal(judge(approvedBy([GRACE, LIN], { contributors })).state, "passed");
  });

  it("T24: are never enough where not all authors are known", () => {
    const contributors = { people: [], unknown: [], isComplete: false };
    const facts = approvedBy([GRACE, LIN], { contributors });
    assert.equal(judge(facts).state, "unknown");
    assert.equal(decideEnvironments(facts, ONE).state, "in_progress");
  });

  it("T02: take the role to write, as GitHub has it now", () => {
    for (const role of ["none", "read", "triage"] as const) {
      const people = [{ ...writer(GRACE), role }];
      assert.equal(judge(approvedBy([GRACE], { people })).state, "waiting", role);
    }
    assert.equal(judge(approvedBy([GRACE], { people: [{ ...writer(GRACE), role: "unknown" }] })).state, "waiting");
    assert.equal(judge(approvedBy([GRACE], { people: [] })).state, "waiting");
  });

  it("T04: of bots never count, whatever they are called", () => {
    const bot = person(5, "renovate[bot]", "Bot");
    assert.equal(judge(approvedBy([bot], { people: [writer(bot)] })).state, "waiting");
    const named = person(6, "lin", "User");
    assert.equal(judge(approvedBy([named], { people: [writer(GRACE)] }), TEAM).state, "waiting");
  });

  it("T05: are of the team while GitHub says that they are", () => {
    const inTeam = [writer(GRACE, { sre: "yes" }), writer(LIN)];
    assert.equal(judge(approvedBy([GRACE, LIN], { people: inTeam }), TEAM).state, "passed");
    for (const answer of ["no", "unknown"] as const) {
      const people = [writer(GRACE, { sre: answer }), writer(LIN)];
      assert.equal(judge(approvedBy([GRACE, LIN], { people }), TEAM).state, "waiting", answer);
    }
  });

  it("of one person count once", () => {
    const facts = makeFacts();
    const twice = [
      approve(GRACE, contentOf(facts)),
      approve(GRACE, contentOf(facts), { source: "comment", sourceId: 9 }),
    ];
    const two = readRules("environments: { prod: { approvals: 2 } }");
    assert.equal(judge({ ...facts, approvals: twice }, two).says, "1 of 2 approvals: grace");
  });

  it("T18: die with any change, and live on where none is", () => {
    const before = makeFacts();
    const approvals = [approve(GRACE, contentOf(before))];
    const other = [change("prod", changedApp("kustomize:prod", { digest: "another" }))];
    const more = [change("prod", changedApp("kustomize:prod"), changedApp("kustomize:more"))];
    const file = [{ ...change("prod"), files: [{ path: "prod/x", blob: "1" }] }];
    for (const changes of [other, more, file]) {
      const result = judge(makeFacts({ approvals, changes }));
      assert.equal(result.state, "waiting");
      assert.match(result.notes.join(), /grace approved before .+ changed: approve again/u);
    }
    const elsewhere = [change("prod"), change("dev")];
    assert.equal(judge(makeFacts({ approvals, changes: elsewhere })).state, "passed");
    assert.equal(
      judge(makeFacts({ approvals, pullRequest: { ...before.pullRequest, headSha: "2".repeat(40) } })).state,
      "passed",
    );
  });

  it("T19: of something that nobody knows any more count for nothing", () => {
    assert.equal(judge(makeFacts({ approvals: [approve(GRACE, undefined)] })).state, "waiting");
  });

  it("T21: of a change into another branch do not count, whatever the content, and say so", () => {
    const facts = makeFacts();
    const onto = (ref: string) => approve(GRACE, contentOf(facts), { base: { ref, sha: "2".repeat(40) } });
    assert.equal(judge({ ...facts, approvals: [onto("main")] }).state, "passed");
    const result = judge({ ...facts, approvals: [onto("dev")] });
    assert.equal(result.state, "waiting");
    assert.deepEqual(result.notes, ["grace approved before this was to be merged into main: approve again."]);
  });

  it("T21: of another environment do not count here", () => {
    const facts = makeFacts();
    const approvals = [approve(GRACE, contentOf(facts), { environment: "staging" })];
    assert.equal(judge({ ...facts, approvals }).state, "waiting");
    const onlyStaging = [approve(GRACE, { staging: { "kustomize:prod": "digest of kustomize:prod" } })];
    assert.equal(judge({ ...facts, approvals: onlyStaging }).state, "waiting");
  });

  it("of a destructive change are more, and of others", () => {
    const rules = readRules(
      "environments: { prod: { approvals: { count: 1, destructive: { count: 2, teams: [sre] } } } }",
    );
    const changes = [change("prod", changedApp("kustomize:prod", { isDestructive: true }))];
    const people = [writer(GRACE, { sre: "yes" }), writer(LIN, { sre: "yes" })];
    assert.equal(judge(approvedBy([GRACE], { people }), rules).state, "passed");
    assert.equal(judge(approvedBy([GRACE], { people, changes }), rules).state, "waiting");
    assert.equal(judge(approvedBy([GRACE, LIN], { people, changes }), rules).state, "passed");
    assert.equal(judge(approvedBy([GRACE, LIN], { changes }), rules).state, "waiting");
  });

  it("names that are keys of objects are names like any other", () => {
    const rules = readRules("environments: { constructor: { approvals: { count: 1, teams: [constructor] } } }");
    const facts = makeFacts({ changes: [change("constructor")] });
    assert.equal(judge({ ...facts, approvals: [approve(GRACE, {})] }, rules).state, "waiting");
    assert.equal(judge({ ...facts, approvals: [approve(GRACE, contentOf(facts))] }, rules).state, "waiting");
  });
});
