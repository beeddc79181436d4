import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeRuleChange } from "../../../src/pipeline/describe-rule-change.ts";
import { readRules } from "../../fakes/environment-facts.ts";

const prod = (rules: string): string => `environments: { dev: {}, prod: { ${rules} } }`;
const FRIDAY = "{ name: Friday, effect: deny, cron: '0 14 * * 5', duration: 10h, timeZone: Europe/Berlin }";

describe("a change of rules", () => {
  const table: readonly [before: string, after: string, told: readonly string[]][] = [
    [prod("approvals: 2"), prod("approvals: 2"), []],
    [prod("approvals: 2"), prod("approvals: 1"), ["approvals for prod would be 1 instead of 2"]],
    [
      prod("approvals: { count: 2, teams: [sre], codeOwners: true }"),
      prod("approvals: { count: 2, users: [ada, lin], destructive: { count: 3, teams: [dba] } }"),
      [
        "approvals for prod would be 2 by ada or lin, 3 where it is destructive by team dba instead of 2 by team sre, with code owners",
      ],
    ],
    [
      prod("approvals: { users: [a, b, c, d] }"),
      prod("approvals: { users: [a, b, c, e] }"),
      ["approvals for prod would differ"],
    ],
    [
      prod("from: [dev], promotion: { soak: 2d }"),
      prod("promotion: { track: [images], soak: 90m }"),
      [
        "environments before it for prod would be none instead of dev",
        "promotion for prod would be images for 90m instead of images, charts for 2d",
      ],
    ],
    [
      prod("directEdits: { bots: ['renovate[bot]'] }, limits: { apps: 3 }"),
      prod("directEdits: allowed"),
      [
        "direct edits for prod would be allowed instead of refused but for renovate[bot]",
        "limits for prod would be none instead of 3 apps",
      ],
    ],
    [
      prod(`windows: [${FRIDAY}]`),
      prod(`windows: [${FRIDAY.replace("10h", "1h")}]`),
      [
        "window for prod would be gone: Friday (deny 0 14 * * 5 for 10h in Europe/Berlin)",
        "window for prod would be added: Friday (deny 0 14 * * 5 for 1h in Europe/Berlin)",
      ],
    ],
    [
      prod(""),
      `${prod("")}\nbypasses: { report: false, bots: [b] }`,
      ["pushes and merges past the rules would not be told", "bot that may push would be added: b"],
    ],
    [
      prod(`windows: [${FRIDAY}]`),
      prod(`windows: [${FRIDAY.replace(" }", ", reason: Nobody is here. }")}]`),
      [
        "window for prod would be gone: Friday (deny 0 14 * * 5 for 10h in Europe/Berlin)",
        "window for prod would be added: Friday (deny 0 14 * * 5 for 10h in Europe/Berlin: Nobody is here.)",
      ],
    ],
    [prod(`windows: [${FRIDAY}]`), "environments: { dev: {} }", ["prod would be no environment, and have no rules"]],
    [
      `${prod("")}\nchanges: { apps: 5, apart: [[dev, prod]] }\nbranches: [{ base: [main], heads: [staging], forks: false }]\noverride: { teams: [sre] }`,
      `${prod("")}\nchanges: { environments: 1 }\noverride: { teams: [interns], breakGlass: true }`,
      [
        "a pull request could change 1 environment instead of any number of",
        "a pull request could change any number of apps instead of 5",
        "set of environments that change apart would be gone: dev and prod",
        "rule of branches would be gone: into main from staging, no forks",
        "teams that may override would be interns instead of sre",
        "1 more rule would differ",
      ],
    ],
  ];

  for (const [before, after, told] of table) {
    it(told[0] ?? "is none", () => assert.deepEqual(describeRuleChange(readRules(before), readRules(after)), told));
  }
});
