import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decideEnvironments } from "../../../src/environments/index.ts";
import { readCalendar } from "../../../src/environments/read-calendar.ts";
import type { Actor, EnvironmentFacts, RuleResult } from "../../../src/model/index.ts";
import { ADA, change, GRACE, LIN, makeFacts, person, readRules, writer } from "../../fakes/environment-facts.ts";

const OFFICE = "{ name: Office hours, effect: allow, cron: '0 9 * * 1-5', duration: 8h, timeZone: Europe/Berlin }";
const FRIDAY = "{ name: Friday, effect: deny, cron: '0 14 * * 5', duration: 10h, timeZone: Europe/Berlin }";
const YEAR_END =
  "{ name: Year end, effect: deny, from: 2026-12-18T00:00:00+01:00, until: 2027-01-04T08:00:00+01:00, timeZone: Europe/Berlin, reason: Nobody is here, exceptLabels: [hotfix] }";

function rulesOf(...windows: readonly string[]): ReturnType<typeof readRules> {
  return readRules(`environments: { dev: {}, prod: { windows: [${windows.join(", ")}] } }`);
}

function factsAt(moment: string, labels: readonly string[] = []): EnvironmentFacts {
  const labelers = labels.map((label) => ({ label: label.toLowerCase(), actor: GRACE }));
  const facts = makeFacts({ now: Date.parse(moment), labelers });
  return { ...facts, pullRequest: { ...facts.pullRequest, labels } };
}

function judge(facts: EnvironmentFacts, ...windows: readonly string[]): RuleResult {
  const found = decideEnvironments(facts, rulesOf(...windows)).results.find(({ rule }) => rule === "window");
  assert.ok(found);
  return found;
}

function print(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString().slice(0, 16);
}

describe("windows", () => {
  it("are asked of the environments that change, and of those that have some", () => {
    const dev = makeFacts({ changes: [change("dev")] });
    assert.deepEqual(decideEnvironments(dev, rulesOf(YEAR_END)).results, []);
    assert.deepEqual(decideEnvironments(makeFacts(), rulesOf()).results, []);
  });

  it("let changes in while one of `allow` lasts, and tell when it ends", () => {
    const open = judge(factsAt("2026-11-19T10:00Z"), OFFICE);
    assert.equal(open.state, "passed");
    assert.equal(
      open.says,
      'Changes may be merged until 2026-11-19 17:00 CET (Europe/Berlin), when "Office hours" ends',
    );
    assert.equal(print(open.changesAt), "2026-11-19T16:00");
  });

  it("keep them waiting outside of it, until the next one", () => {
    const closed = judge(factsAt("2026-11-20T16:00Z"), OFFICE);
    assert.equal(closed.state, "waiting");
    assert.equal(closed.title, "prod is closed until 2026-11-23 09:00 CET");
    assert.equal(
      closed.says,
      'Changes may be merged in "Office hours", closed until 2026-11-23 09:00 CET (Europe/Berlin)',
    );
    assert.equal(print(closed.changesAt), "2026-11-23T08:00");
    assert.deepEqual(closed.steps, ["Wait: this check turns by itself."]);
  });

  it("keep them out while one of `deny` lasts, also where another one lets them in", () => {
    assert.equal(judge(factsAt("2026-11-20T12:59Z"), OFFICE, FRIDAY).state, "passed");
    const frozen = judge(factsAt("2026-11-20T13:00Z"), OFFICE, FRIDAY);
    assert.equal(frozen.state, "waiting");
    // Office hours are over when the deny window is.
    assert.equal(frozen.title, "prod is frozen until 2026-11-23 09:00 CET");
    assert.equal(judge(factsAt("2026-11-20T13:00Z"), FRIDAY).title, "prod is frozen until 2026-11-21 00:00 CET");
  });

  it("are open outside of `deny` where none is `allow`, and tell what comes", () => {
    const open = judge(factsAt("2026-11-20T12:00Z"), YEAR_END);
    assert.equal(open.state, "passed");
    assert.equal(open.says, 'Changes may be merged until 2026-12-18 00:00 CET (Europe/Berlin), then "Year end" begins');
    assert.equal(print(open.changesAt), "2026-12-17T23:00");
    const over = judge(factsAt("2027-01-04T07:00Z"), YEAR_END);
    assert.equal(over.state, "passed");
    assert.equal(over.says, "Changes may be merged at any time");
  });

  it("T27: freeze what is queued at their very beginning, and end with no event", () => {
    const before = decideEnvironments(factsAt("2026-12-17T22:59:59.999Z"), rulesOf(YEAR_END));
    assert.equal(before.state, "success");
    const at = before.changesAt ?? 0;
    const during = decideEnvironments({ ...factsAt("2026-12-18T00:00Z"), now: at }, rulesOf(YEAR_END));
    assert.equal(during.state, "in_progress");
    assert.equal(during.title, "Waiting: prod is frozen until 2027-01-04 08:00 CET");
    const after = decideEnvironments(
      { ...factsAt("2026-12-18T00:00Z"), now: during.changesAt ?? 0 },
      rulesOf(YEAR_END),
    );
    assert.equal(after.state, "success");
  });

  it("are one where they follow each other without a gap", () => {
    const next = "{ name: Inventory, effect: deny, from: 2027-01-04T07:00:00Z, until: 2027-01-06T00:00:00Z }";
    assert.equal(print(judge(factsAt("2026-12-20T00:00Z"), YEAR_END, next).changesAt), "2027-01-06T00:00");
    const day = "{ name: Day, effect: allow, cron: '0 0 * * *', duration: 1d }";
    assert.equal(judge(factsAt("2026-12-20T00:00Z"), day).says, "Changes may be merged at any time");
  });

  it("let a labelled pull request pass where they name the label, and say so", () => {
    const hotfix = judge(factsAt("2026-12-20T00:00Z", ["Hotfix"]), YEAR_END);
    assert.equal(hotfix.state, "passed");
    assert.deepEqual(hotfix.notes, ['A label lets this pull request pass "Year end".']);
    assert.deepEqual(judge(factsAt("2026-11-20T00:00Z", ["hotfix"]), YEAR_END).notes, []);
    assert.deepEqual(judge(factsAt("2026-12-20T00:00Z", ["fix"]), YEAR_END).steps, [
      "Wait: this check turns by itself.",
      "In an emergency, label the pull request hotfix.",
    ]);
  });

  it("T54: a label lifts the window that names it, and neither another one nor another rule", () => {
    const friday = judge(factsAt("2026-12-18T14:00Z", ["hotfix"]), YEAR_END, FRIDAY);
    assert.equal(friday.state, "waiting");
    assert.equal(friday.title, "prod is frozen until 2026-12-19 00:00 CET");
    const rules = readRules(`environments: { prod: { approvals: 1, windows: [${YEAR_END}] } }`);
    assert.equal(decideEnvironments(factsAt("2026-12-20T00:00Z", ["hotfix"]), rules).state, "in_progress");
  });

  it("T54: a label counts of somebody who may approve there, and who is known to have set it", () => {
    const facts = factsAt("2026-12-20T00:00Z", ["Hotfix"]);
    const ask = (parts: Partial<EnvironmentFacts>, approvals = "0"): RuleResult => {
      const rules = readRules(`environments: { prod: { approvals: ${approvals}, windows: [${YEAR_END}] } }`);
      const found = decideEnvironments({ ...facts, ...parts }, rules).results.find(({ rule }) => rule === "window");
      assert.ok(found);
      return found;
    };
    const by = (actor: Actor) => ({ labelers: [{ label: "hotfix", actor }] });
    assert.equal(ask({}).state, "passed");
    assert.deepEqual(ask({ labelers: [] }).notes, [
      "The label Hotfix lets nothing pass: nobody knows who set it; take it off and set it again.",
    ]);
    const others: readonly (readonly [Partial<EnvironmentFacts>, string, RegExp])[] = [
      [by(person(9, "flow[bot]", "Bot")), "0", /flow\[bot\], who set it, is no person/u],
      [{ people: [{ ...writer(GRACE), role: "triage" }] }, "0", /grace, who set it, is not among those who can write/u],
      [{ people: [writer(GRACE, { sre: "no" })] }, "{ teams: [sre] }", /grace, who set it, is not among team sre/u],
      [{ people: [writer(GRACE, { sre: "unknown" })] }, "{ teams: [sre] }", /GitHub does not tell what grace/u],
      [{ people: [writer(LIN)] }, "0", /GitHub does not tell what grace/u],
    ];
    for (const [parts, approvals, why] of others) {
      const result = ask(parts, approvals);
      assert.equal(result.state, "waiting");
      assert.match(result.notes.join(), why);
    }
    assert.equal(ask({ people: [writer(ADA), writer(GRACE, { sre: "yes" })] }, "{ teams: [sre] }").state, "passed");
  });

  it("let a labelled pull request in outside of an `allow` that names the label", () => {
    const office = OFFICE.replace(" }", ", exceptLabels: [hotfix] }");
    assert.equal(judge(factsAt("2026-11-21T00:00Z", ["hotfix"]), office).state, "passed");
    assert.equal(judge(factsAt("2026-11-21T00:00Z"), office).state, "waiting");
    const nights = "{ name: Night, effect: allow, cron: '0 22 * * *', duration: 1h }";
    assert.equal(judge(factsAt("2026-11-21T00:00Z", ["hotfix"]), office, nights).state, "passed");
  });

  it("say so where they stay closed for more than a year", () => {
    const long = "{ name: Gone, effect: deny, from: 2026-01-01T00:00:00Z, until: 2036-01-01T00:00:00Z }";
    const closed = judge(factsAt("2026-11-20T12:00Z"), long);
    assert.equal(closed.title, "prod is frozen");
    assert.equal(closed.says, 'Frozen by "Gone" for more than a year');
    assert.ok((closed.changesAt ?? 0) > Date.parse("2027-11-20T12:00Z"));
    const same = judge(factsAt("2026-11-20T12:00:01Z"), long);
    assert.equal(same.changesAt, closed.changesAt);
  });

  it("have titles of 45 characters at most", () => {
    const name = "a-very-long-name-of-an-environment-that-somebody-has-made-up-ab";
    const rules = readRules(`environments: { ${name}: { windows: [${YEAR_END.replace("Berlin", "London")}] } }`);
    const facts = { ...factsAt("2026-12-20T00:00Z"), changes: [change(name)] };
    const { title } = decideEnvironments(facts, rules);
    assert.equal(title, "Waiting: a-very-… is frozen until 2027-01-04 07:00 GMT");
    assert.ok(title.length <= "Waiting: ".length + 45);
  });

  it("that cannot be read are never open", () => {
    const rules = rulesOf(YEAR_END);
    const [environment] = rules.environments.filter(({ name }) => name === "prod");
    assert.ok(environment);
    const schedule = { kind: "cron", text: "never" } as const;
    const windows = environment.windows.map((window) => ({ ...window, fixed: undefined, schedule }));
    const decision = decideEnvironments(makeFacts(), { ...rules, environments: [{ ...environment, windows }] });
    assert.equal(decision.results[0]?.state, "unknown");
    assert.equal(decision.state, "in_progress");
  });
});

describe("any calendar", () => {
  const hours = fc.integer({ min: 0, max: 23 });
  const window = fc
    .record({
      effect: fc.constantFrom("allow", "deny"),
      schedule: fc.oneof(
        hours.map((hour) => `cron: "15 ${hour} * * 1-5"`),
        hours.map((hour) => `cron: "0 ${hour} 1,15 * *"`),
        hours.map((hour) => `rrule: "DTSTART:20260101T000000 RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;BYHOUR=${hour}"`),
        fc.constant('rrule: "DTSTART:20260101T023000 RRULE:FREQ=DAILY"'),
      ),
      duration: fc.constantFrom("30m", "5h", "2d", "9d"),
      timeZone: fc.constantFrom("Europe/Berlin", "America/New_York", "UTC", "Pacific/Auckland"),
    })
    .map(
      ({ effect, schedule, duration, timeZone }) =>
        `{ name: w, effect: ${effect}, ${schedule}, duration: ${duration}, timeZone: ${timeZone} }`,
    );
  const year = fc.integer({ min: 0, max: 365 * 24 * 60 });

  it("stays as it is until the moment that it tells, and is another one then", () => {
    fc.assert(
      fc.property(
        fc.array(window, { minLength: 1, maxLength: 3 }),
        year,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (windows, minute, part) => {
          const rules = rulesOf(...windows).environments.find(({ name }) => name === "prod")?.windows ?? [];
          const now = Date.UTC(2026, 0, 1) + minute * 60_000;
          const told = readCalendar(rules, [], now);
          assert.ok(told);
          const isOpen = (at: number): boolean | undefined => readCalendar(rules, [], at)?.isOpen;
          const between = now + Math.floor((told.changesAt - 1 - now) * part);
          assert.equal(isOpen(between), told.isOpen);
          assert.equal(isOpen(told.changesAt - 1), told.isOpen);
          if (told.until !== undefined) assert.equal(isOpen(told.until), !told.isOpen);
        },
      ),
      { numRuns: 40 },
    );
  });
});
