import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decideEnvironments } from "../../../src/environments/index.ts";
import type { Actor, EnvironmentFacts, EnvironmentRule, RuleResult } from "../../../src/model/index.ts";
import {
  ADA,
  GRACE,
  change,
  changedApp,
  makeFacts,
  person,
  readRules,
  writer,
  wrote,
} from "../../fakes/environment-facts.ts";

function statesOf(rule: EnvironmentRule, facts: EnvironmentFacts, text: string): readonly RuleResult["state"][] {
  return decideEnvironments(facts, readRules(text))
    .results.filter((result) => result.rule === rule)
    .map(({ state }) => state);
}

const pull = makeFacts().pullRequest;

describe("limits", () => {
  const two = [change("dev", changedApp("a"), changedApp("b")), change("prod", changedApp("b", { resources: 3 }))];
  const states = (text: string, changes = two) => statesOf("limits", makeFacts({ changes }), text);
  const environments = "environments: { dev: {}, prod: {} }\n";

  it("count environments, and an app in two of them once", () => {
    assert.deepEqual(states(`${environments}changes: { environments: 2, apps: 2 }`), ["passed", "passed"]);
    assert.deepEqual(states(`${environments}changes: { environments: 1 }`), ["refused"]);
    assert.deepEqual(states(`${environments}changes: { apps: 1 }`), ["refused"]);
  });

  it("are not known where an app could not be rendered, which has one resource at least", () => {
    const changes = [change("prod", changedApp("a", { isRendered: false, resources: 0 }), changedApp("b"))];
    assert.deepEqual(states("environments: { prod: { limits: { resources: 2 } } }", changes), ["unknown"]);
    assert.deepEqual(states("environments: { prod: { limits: { resources: 1 } } }", changes), ["refused"]);
    assert.deepEqual(states("environments: { prod: {} }\nchanges: { resources: 2 }", changes), ["unknown"]);
    assert.deepEqual(states("environments: { prod: { limits: { apps: 2 } } }", changes), ["passed"]);
  });

  it("count files that no app reads as resources, in two environments once", () => {
    const files = [1, 2].map((blob) => ({ path: `prod/${blob}.sh`, blob: `${blob}` }));
    const changes = ["dev", "prod"].map((environment) => ({ environment, apps: [], files }));
    const limited = (limit: number) => `${environments}changes: { resources: ${limit} }`;
    assert.deepEqual(states(limited(2), changes), ["passed"]);
    assert.deepEqual(states(limited(1), changes), ["refused"]);
  });

  it("keep environments apart", () => {
    assert.deepEqual(states(`${environments}changes: { apart: [[dev, prod]] }`), ["refused"]);
    assert.deepEqual(states(`${environments}changes: { apart: [[dev, prod]] }`, two.slice(1)), ["passed"]);
  });
});

describe("shared changes", () => {
  const REFUSE = "environments: { staging: {}, prod: { sharedChanges: refuse } }";
  const states = (prod: readonly string[], staging: readonly string[] | undefined) =>
    statesOf(
      "shared-changes",
      makeFacts({
        changes: [
          ...(staging === undefined ? [] : [change("staging", changedApp("s", { causes: staging }))]),
          change("prod", changedApp("p", { causes: prod })),
        ],
      }),
      REFUSE,
    );

  it("are refused where one file changes another environment too", () => {
    assert.deepEqual(states(["base/a.yaml", "prod/b.yaml"], ["base/a.yaml"]), ["refused"]);
    assert.deepEqual(states(["prod/b.yaml"], ["staging/b.yaml"]), ["passed"]);
    assert.deepEqual(states(["base/a.yaml"], undefined), ["passed"]);
  });

  it("are not known where nobody knows what an app is made of", () => {
    assert.deepEqual(states([], ["base/a.yaml"]), ["unknown"]);
    assert.deepEqual(states([], undefined), ["passed"]);
  });
});

describe("direct edits", () => {
  const RULES = `environments: { prod: { directEdits: { bots: ["renovate[bot]"], except: ["**/notes.yaml"] } } }`;
  const states = (parts: Partial<EnvironmentFacts>) => statesOf("direct-edits", makeFacts(parts), RULES);
  const causes = (...files: readonly string[]) => ({ changes: [change("prod", changedApp("p", { causes: files }))] });

  it("are refused to people, and free by path where every cause is", () => {
    assert.deepEqual(states({}), ["refused"]);
    assert.deepEqual(states(causes("prod/notes.yaml")), ["passed"]);
    assert.deepEqual(states(causes("prod/notes.yaml", "prod/web.yaml")), ["refused"]);
    assert.deepEqual(states(causes()), ["refused"]);
    const file = { path: "prod/run.sh", blob: "1" };
    assert.deepEqual(states({ changes: [{ environment: "prod", apps: [], files: [file] }] }), ["refused"]);
  });

  const by = (author: Actor, ...others: readonly Actor[]): Partial<EnvironmentFacts> => ({
    pullRequest: { ...pull, author },
    contributors: { people: wrote(author, ...others), unknown: [], isComplete: true },
  });

  it("T04: are free to bots by GitHub's word, not to an account of their name", () => {
    assert.deepEqual(states(by(person(9, "renovate[bot]", "Bot"))), ["passed"]);
    assert.deepEqual(states(by(person(9, "renovate[bot]"))), ["refused"]);
    assert.deepEqual(states(by(person(9, "other[bot]", "Bot"))), ["refused"]);
  });

  it("T07: are not free to whoever pushes to the branch of a bot", () => {
    const bot = person(9, "renovate[bot]", "Bot");
    const facts = makeFacts(by(bot, GRACE));
    const [result] = decideEnvironments(facts, readRules(RULES)).results;
    assert.equal(result?.state, "refused");
    assert.match(result.notes[0] ?? "", /^renovate\[bot\] may change it, but not with grace, who wrote this too\.$/u);
    const contributors = { people: wrote(bot), unknown: [], isComplete: true };
    assert.deepEqual(states({ ...by(bot), contributors: { ...contributors, unknown: ["Some One"] } }), ["refused"]);
    assert.deepEqual(states({ ...by(bot), contributors: { ...contributors, isComplete: false } }), ["refused"]);
  });

  it("are no promotion or rollback that Drydock opened", () => {
    assert.deepEqual(states({ pullRequest: { ...pull, kind: "promotion" } }), ["passed"]);
  });
});

describe("branches", () => {
  const HEADS = "branches: [{ base: [env/prod], heads: [env/staging] }]";
  const onto = (parts: Partial<typeof pull>) => makeFacts({ pullRequest: { ...pull, baseRef: "env/prod", ...parts } });

  it("are merged from the named ones alone", () => {
    assert.deepEqual(statesOf("branches", onto({ headRef: "env/staging" }), HEADS), ["passed"]);
    assert.deepEqual(statesOf("branches", onto({ headRef: "env/stagingx" }), HEADS), ["refused"]);
    assert.deepEqual(statesOf("branches", onto({ headRef: "x", baseRef: "main" }), HEADS), []);
  });

  it("T35: a fork's branch of the right name is another branch", () => {
    assert.deepEqual(statesOf("branches", onto({ headRef: "env/staging", isFork: true }), HEADS), ["refused"]);
    const forks = "branches: [{ base: [env/prod], forks: false }]";
    assert.deepEqual(statesOf("branches", onto({ isFork: true }), forks), ["refused"]);
    assert.deepEqual(statesOf("branches", onto({}), forks), ["passed"]);
  });

  it("T05: are merged into by whom the config names; what GitHub does not tell is no yes", () => {
    const teams = "branches: [{ base: [env/prod], teams: [sre] }]";
    const facts = (team: "yes" | "no" | "unknown") => ({ ...onto({}), people: [writer(ADA, { sre: team })] });
    assert.deepEqual(statesOf("branches", facts("yes"), teams), ["passed"]);
    assert.deepEqual(statesOf("branches", facts("no"), teams), ["refused"]);
    assert.deepEqual(statesOf("branches", facts("unknown"), teams), ["unknown"]);
    assert.deepEqual(statesOf("branches", { ...onto({}), people: [] }, teams), ["unknown"]);
    assert.deepEqual(statesOf("branches", onto({ author: undefined }), teams), ["refused"]);
  });

  it("T04: are not merged into by a bot of a person's name, or a person of a bot's", () => {
    const users = `branches: [{ base: [env/prod], users: [ada, "renovate[bot]"] }]`;
    const by = (author: typeof ADA) => statesOf("branches", onto({ author }), users);
    assert.deepEqual(by(ADA), ["passed"]);
    assert.deepEqual(by(person(1, "ada", "Bot")), ["refused"]);
    assert.deepEqual(by(person(9, "renovate[bot]", "Bot")), ["passed"]);
    assert.deepEqual(by(person(9, "renovate[bot]")), ["refused"]);
  });
});
