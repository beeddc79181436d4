import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decideEnvironments } from "../../../src/environments/index.ts";
import type { EnvironmentFacts, Stop } from "../../../src/model/index.ts";
import {
  approve,
  change,
  changedApp,
  contentOf,
  makeFacts,
  NOW,
  person,
  readRules,
} from "../../fakes/environment-facts.ts";

const HOUR = 3_600_000;
const RULES = readRules(`environments:
  staging: { sharedChanges: refuse }
  prod:
    from: [staging]
    promotion: { soak: 24h }
    approvals: { count: 2, users: [u2, u3, u4] }
    directEdits: { bots: ["bot[bot]"], except: [free.yaml] }
changes: { apps: 3 }
branches: [{ base: [main], heads: [feature], forks: false }]
`);

/** Plain choices, from which facts are made here and judged naively below. */
const anyChoices = fc.record({
  isStagingChanged: fc.boolean(),
  prodCauses: fc.subarray(["free.yaml", "base.yaml", "prod.yaml"]),
  stagingCauses: fc.subarray(["base.yaml", "staging.yaml"]),
  isBot: fc.boolean(),
  isFork: fc.boolean(),
  headRef: fc.constantFrom("feature", "other"),
  approvals: fc.array(
    fc.record({
      who: fc.integer({ min: 1, max: 5 }),
      isCurrent: fc.boolean(),
      environment: fc.constantFrom(undefined, "prod", "staging"),
    }),
    { maxLength: 6 },
  ),
  contributors: fc.subarray([2, 3]),
  unknown: fc.nat({ max: 1 }),
  isComplete: fc.boolean(),
  readers: fc.subarray([3, 4]),
  promotion: fc.constantFrom("none", "problem", "differs", "unseen", "young", "old", "alone"),
  stops: fc.array(
    fc.record({
      kind: fc.constantFrom("hold", "lock", "freeze"),
      environment: fc.constantFrom(undefined, "prod", "elsewhere"),
      until: fc.constantFrom(undefined, NOW - 1, NOW + HOUR),
    }),
    { maxLength: 2 },
  ),
});
type Choices = typeof anyChoices extends fc.Arbitrary<infer T> ? T : never;

function build(said: Choices): EnvironmentFacts {
  const prod = change("prod", changedApp("p", { causes: said.prodCauses }));
  const staging = change("staging", changedApp("s", { causes: said.stagingCauses }));
  const plain = makeFacts({ changes: said.isStagingChanged ? [staging, prod] : [prod] });
  const now = contentOf(plain);
  const item = { app: "p", what: "image web", value: "web:2", counterpart: "s", arrives: false };
  const seen = {
    differs: { ...item, stands: "web:1", since: undefined },
    unseen: { ...item, stands: "web:2", since: undefined },
    young: { ...item, stands: "web:2", since: NOW - HOUR },
    old: { ...item, stands: "web:2", since: NOW - 25 * HOUR },
    alone: { ...item, counterpart: undefined, stands: undefined, since: undefined },
  };
  const step = { environment: "prod", from: "staging", problem: undefined };
  const { promotion } = said;
  const promotions =
    promotion === "none"
      ? []
      : promotion === "problem"
        ? [{ ...step, items: [], problem: "it does not render" }]
        : [{ ...step, items: [seen[promotion]] }];
  return {
    ...plain,
    promotions,
    pullRequest: {
      ...plain.pullRequest,
      author: said.isBot ? person(9, "bot[bot]", "Bot") : person(1, "u1"),
      ...{ isFork: said.isFork, headRef: said.headRef },
    },
    approvals: said.approvals.map(({ who, isCurrent, environment }) =>
      approve(person(who, `u${who}`), isCurrent ? now : { prod: { p: "another" } }, { environment }),
    ),
    contributors: {
      people: said.contributors.map((id) => ({ actor: person(id, `u${id}`), hasOnlySuggested: false })),
      unknown: said.unknown === 0 ? [] : ["somebody"],
      isComplete: said.isComplete,
    },
    people: [1, 2, 3, 4, 5].map((id) => ({ id, role: said.readers.includes(id) ? "read" : "write", teams: {} })),
    stops: said.stops.map((stop): Stop => {
      return { ...stop, from: "command", by: undefined, reason: "", since: NOW - HOUR };
    }),
  };
}

/** What each rule says, in the plainest way: true where it lets the change in. */
function judgeNaively(said: Choices): boolean {
  const approvers = new Set(
    said.approvals
      .filter(({ isCurrent, environment }) => isCurrent && environment !== "staging")
      .map(({ who }) => who)
      .filter((who) => [2, 3, 4].includes(who) && !said.contributors.includes(who) && !said.readers.includes(who)),
  );
  const areApproved = approvers.size >= 2 + said.unknown && said.isComplete;
  const isPromoted = said.promotion === "old" || said.promotion === "alone";
  const isBots = said.isBot && said.contributors.length === 0 && said.unknown === 0 && said.isComplete;
  const isEditable = isBots || (said.prodCauses.length === 1 && said.prodCauses[0] === "free.yaml");
  const isStaged =
    !said.isStagingChanged ||
    (said.stagingCauses.length > 0 && !said.stagingCauses.some((file) => said.prodCauses.includes(file)));
  const isOpen = !said.stops.some(({ kind, environment, until }) => {
    const isOver = until !== undefined && until <= NOW;
    return !isOver && (kind === "hold" || environment === undefined || environment === "prod");
  });
  return areApproved && isPromoted && isEditable && isStaged && isOpen && !said.isFork && said.headRef === "feature";
}

const isGreen = (facts: EnvironmentFacts): boolean => decideEnvironments(facts, RULES).state === "success";

describe("any facts", () => {
  it("are green exactly where every rule, judged naively, lets them in", () => {
    fc.assert(
      fc.property(anyChoices, (said) => {
        const expected = judgeNaively(said);
        assert.equal(isGreen(build(said)), expected);
      }),
      { numRuns: 3000 },
    );
    // Green by chance is rare: from here on only one thing is varied.
    const good: Choices = {
      ...{ isStagingChanged: false, prodCauses: ["prod.yaml"], stagingCauses: [], isBot: true, isFork: false },
      ...{
        headRef: "feature",
        contributors: [],
        unknown: 0,
        isComplete: true,
        readers: [],
        promotion: "old",
        stops: [],
      },
      approvals: [2, 3].map((who) => ({ who, isCurrent: true, environment: undefined })),
    };
    assert.equal(isGreen(build(good)), true);
    fc.assert(
      fc.property(anyChoices, fc.constantFrom(...(Object.keys(good) as (keyof Choices)[])), (said, key) => {
        const one = { ...good, [key]: said[key] };
        assert.equal(isGreen(build(one)), judgeNaively(one));
      }),
      { numRuns: 3000 },
    );
  });

  it("never turn green by an approval less, or a stop more", () => {
    const stop: Stop = {
      ...{
        kind: "freeze",
        from: "server",
        environment: "prod",
        by: undefined,
        reason: "",
        since: NOW,
        until: undefined,
      },
    };
    fc.assert(
      fc.property(anyChoices, (said) => {
        const facts = build(said);
        const before = isGreen(facts);
        facts.approvals.forEach((_approval, index) => {
          const fewer = { ...facts, approvals: facts.approvals.toSpliced(index, 1) };
          assert.ok(before || !isGreen(fewer));
        });
        assert.equal(isGreen({ ...facts, stops: [...facts.stops, stop] }), false);
      }),
      { numRuns: 1000 },
    );
  });

  it("that name the next moment are decided as before until then", () => {
    fc.assert(
      fc.property(anyChoices, fc.nat({ max: HOUR }), (said, later) => {
        const facts = build(said);
        const { state, changesAt } = decideEnvironments(facts, RULES);
        const now = NOW + later;
        if (changesAt !== undefined && changesAt <= now) return;
        assert.equal(decideEnvironments({ ...facts, now }, RULES).state, state);
      }),
      { numRuns: 1000 },
    );
  });
});
