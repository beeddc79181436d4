import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Report } from "../../../src/model/index.ts";
import { planPublication } from "../../../src/publish/index.ts";
import type { PublicationFacts } from "../../../src/publish/index.ts";
import { makeApp, makeChange, makeFailure, makeReport, makeResource } from "../../fakes/reports.ts";
import { FACTS, readConfig, reportOf } from "./publish-fixtures.ts";

const ALL = 'labels: { environment: "env/{environment}", risk: "risk/{risk}", state: "drydock/{state}" }';

function labelsOn(report: Report, text: string, facts: Partial<PublicationFacts> = {}): readonly string[] {
  const state = report.outcome.status === "passed" ? "success" : "failure";
  return planPublication(report, readConfig(text), { ...FACTS, state, ...facts }).labels.map(({ name }) => name);
}

function inEnvironments(names: readonly string[]): Report {
  return makeReport({
    apps: names.map((environment, index) =>
      makeApp(`apps/${index}`, { environment, changes: [makeChange(makeResource("Service", "web"))] }),
    ),
  });
}

describe("labels", () => {
  it("are none unless a family is named", () => assert.deepEqual(labelsOn(reportOf("risky"), ""), []));

  it("are those of the families that are named", () => {
    assert.deepEqual(labelsOn(reportOf("risky"), ALL), ["env/prod", "risk/destructive", "drydock/ready"]);
    assert.deepEqual(labelsOn(reportOf("risky"), 'labels: {risk: "danger: {risk}"}'), ["danger: destructive"]);
    assert.deepEqual(labelsOn(reportOf("broken"), 'labels: {state: "drydock/{state}"}'), ["drydock/blocked"]);
    assert.deepEqual(labelsOn(reportOf("not-checked"), 'labels: {state: "drydock/{state}"}'), ["drydock/blocked"]);
  });

  it("are none on forks, quiet pull requests and where nothing that deploys changes", () => {
    for (const facts of [{ isFork: true }, { isQuiet: true }])
      assert.deepEqual(labelsOn(reportOf("risky"), ALL, facts), []);
    assert.deepEqual(labelsOn(reportOf("quiet"), ALL), []);
  });

  it("call no draft ready or blocked, and nothing blocked that is only advised", () => {
    assert.deepEqual(labelsOn(reportOf("risky"), ALL, { isDraft: true }), ["env/prod", "risk/destructive"]);
    assert.deepEqual(labelsOn(reportOf("broken"), `${ALL}\nmode: advise`), ["env/prod"]);
  });

  it("call nothing ready or blocked that waits, whatever the report says", () => {
    assert.deepEqual(labelsOn(reportOf("risky"), ALL, { state: "in_progress" }), ["env/prod", "risk/destructive"]);
    assert.deepEqual(labelsOn(reportOf("risky"), ALL, { state: "failure" }).at(-1), "drydock/blocked");
  });

  it("T54: tell which of Drydock's own stand, on forks and where nothing deploys as well", () => {
    const standing = (name: string, facts: Partial<PublicationFacts>): readonly string[] =>
      planPublication(reportOf(name), readConfig(ALL), { ...FACTS, ...facts }).standingLabels;
    const labels = ["Drydock/Ready", "mine", "drydock/blocked", "env/prod"];
    assert.deepEqual(standing("quiet", { labels }), ["Drydock/Ready", "drydock/blocked"]);
    assert.deepEqual(standing("risky", { labels, isFork: true }), ["Drydock/Ready", "drydock/blocked"]);
    assert.deepEqual(standing("risky", { labels }), ["Drydock/Ready", "drydock/blocked", "env/prod"]);
  });

  it("T54: stay on a quiet pull request only where they are Drydock's own and hold; none is put on", () => {
    const labels = ["Drydock/Ready", "mine", "drydock/blocked", "env/prod"];
    const plan = (name: string, state: PublicationFacts["state"]) =>
      planPublication(reportOf(name), readConfig(ALL), { ...FACTS, labels, state, isQuiet: true });
    const names = ({ labels: planned }: ReturnType<typeof plan>) => planned.map(({ name }) => name);
    const holds = plan("risky", "success");
    assert.deepEqual(names(holds), ["drydock/ready"]);
    assert.deepEqual(holds.standingLabels, ["Drydock/Ready", "drydock/blocked"]);
    assert.deepEqual(holds.comments, []);
    assert.deepEqual(names(plan("broken", "failure")), ["drydock/blocked"]);
    assert.deepEqual(names(plan("risky", "in_progress")), []);
    assert.deepEqual(names(plan("quiet", "success")), []);
  });

  it("call a high risk that destroys nothing high, and a medium one nothing", () => {
    const risky = (level: "high" | "medium"): Report => {
      const risks = [{ id: "scaled-to-zero", level, message: "Is scaled to 0 replicas." }];
      return makeReport({
        apps: [makeApp("apps/web", { changes: [makeChange(makeResource("Service", "web"), { risks })] })],
      });
    };
    assert.deepEqual(labelsOn(risky("high"), 'labels: {risk: "risk/{risk}"}'), ["risk/high"]);
    assert.deepEqual(labelsOn(risky("medium"), 'labels: {risk: "risk/{risk}"}'), []);
  });

  it("name each environment once, and more than ten by one label", () => {
    const template = 'labels: {environment: "env/{environment}"}';
    assert.deepEqual(labelsOn(inEnvironments(["prod", "dev", "prod"]), template), ["env/dev", "env/prod"]);
    const eleven = Array.from({ length: 11 }, (_, index) => `e${index}`);
    assert.deepEqual(labelsOn(inEnvironments(eleven), template), ["env/many"]);
    assert.equal(labelsOn(inEnvironments(["prod", "dev"]), "labels: {environment: deploys}").length, 1);
    assert.deepEqual(labelsOn(inEnvironments(["$&"]), template), ["env/$&"], "a name is no pattern");
  });

  it("leave out the environment of an app that fails and is not touched", () => {
    const failure = makeFailure({ isNew: false, isTouched: false, effect: "passes" });
    const other = makeApp("apps/old", { environment: "legacy", failure });
    const report = { ...inEnvironments(["prod"]), apps: [...inEnvironments(["prod"]).apps, other] };
    assert.deepEqual(labelsOn(report, ALL), ["env/prod", "drydock/ready"]);
  });

  it("T45: keep GitHub's bounds and hide nothing, whatever an environment is called", () => {
    const [label] = planPublication(inEnvironments([`\u202e${"😀".repeat(80)}\n`]), readConfig(ALL), FACTS).labels;
    assert.match(label?.name ?? "", /^env\/\\u\{202e\}/u);
    assert.equal(Array.from(label?.name ?? "").length, 50);
    assert.ok(Array.from(label?.description ?? "").length <= 100);
    assert.match(label?.color ?? "", /^[0-9a-f]{6}$/u);
  });
});
