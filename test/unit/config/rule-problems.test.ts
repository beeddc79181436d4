import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRepositoryConfig } from "../../../src/config/index.ts";

function findProblems(text: string): readonly string[] {
  const reading = readRepositoryConfig(`version: 1\n${text}`, ".github/drydock.yaml");
  return reading.kind === "invalid" ? reading.problems.map(({ line, message }) => `${line} ${message}`) : [];
}

describe("rules of environments that do not go together", () => {
  const table: readonly [text: string, problems: readonly string[]][] = [
    ["environments:\n  dev: {}\n  prod:\n    from: [dev]", []],
    [
      "environments:\n  dev: {}\n  prod:\n    from:\n      - dev\n      - staging",
      ['7 environments.prod.from[1]: there is no environment "staging"'],
    ],
    [
      "environments:\n  staging: {}\n  prod: { from: [stagin] }",
      ['4 environments.prod.from[0]: there is no environment "stagin"; did you mean staging?'],
    ],
    [
      "environments:\n  prod: { from: [toString] }",
      ['3 environments.prod.from[0]: there is no environment "toString"'],
    ],
    [
      "environments: { prod: {} }\nlabels:\n  environment: env/{environment}\n  merged: Env/{environment}",
      ["5 labels.merged: open pull requests have the labels of labels.environment; name others"],
    ],
    [
      'environments: { prod: {} }\nlabels:\n  merged: "deploy/{environment}"\n  previews:\n    - { label: Deploy/prod, environments: [dev] }\n    - { label: preview }\n    - { label: Preview }',
      [
        '6 labels.previews[0].label: "Deploy/prod" says something else already',
        '6 labels.previews[0].environments[0]: there is no environment "dev"',
        '8 labels.previews[2].label: "Preview" says something else already',
      ],
    ],
    ["environments:\n  prod: { from: [prod] }", ["3 environments.prod.from: prod would come from itself"]],
    [
      "environments:\n  last: { from: [prod] }\n  dev: { from: [prod] }\n  prod: { from: [staging] }\n  staging: { from: [dev] }",
      ["4 environments.dev.from: dev would come from prod, which comes from staging, which comes from dev"],
    ],
    ["environments:\n  dev: {}\n  eu: { from: [dev] }\n  us: { from: [dev] }\n  prod: { from: [eu, us] }", []],
    [
      "environments: { dev: {}, prod: {} }\nchanges:\n  apart:\n    - [dev, prodd]",
      ['5 changes.apart[0][1]: there is no environment "prodd"; did you mean prod?'],
    ],
    [
      "environments:\n  dev: { branch: main }\n  prod:\n    branch: main",
      ['5 environments.prod.branch: "main" is dev already'],
    ],
    [
      "environments:\n  prod:\n    approvals:\n      count: 3\n      users: [ada, Ada, grace, 'renovate[bot]']",
      ["5 environments.prod.approvals.count: 3 approvals never come: bots do not count, and of users there are 2"],
    ],
    ["environments:\n  prod: { approvals: { count: 3, users: [ada], teams: [sre] } }", []],
    [
      "environments:\n  prod: { approvals: { users: [ada], destructive: { count: 2 } } }",
      [
        "3 environments.prod.approvals.destructive.count: 2 approvals never come: bots do not count, and of users there is 1",
      ],
    ],
    ["environments:\n  prod: { approvals: { users: [ada], destructive: { count: 2, teams: [sre] } } }", []],
    [
      "environments: { prod: {} }\ncommands:\n  approve:\n    environments:\n      prod: { role: admin }\n      prodd:\n        role: admin",
      ['7 commands.approve.environments.prodd: there is no environment "prodd"; did you mean prod?'],
    ],
    [
      "environments: { prod: {} }\napps:\n  - path: charts/web\n    environment: prodd\n  - { path: b, environment: prod }",
      ['5 apps[0].environment: there is no environment "prodd"; did you mean prod?'],
    ],
    ["commands: { lock: { environments: { prod: { role: admin } } } }\napps: [{ path: b, environment: prod }]", []],
  ];

  for (const [text, problems] of table) {
    it(problems.length === 0 ? `none: ${text.split("\n").at(-1)?.trim()}` : (problems[0] ?? ""), () => {
      assert.deepEqual(findProblems(text), problems);
    });
  }

  it("are told by the nearest name where a key of theirs is misspelt", () => {
    assert.deepEqual(findProblems("environments:\n  prod:\n    approvals:\n      cont: 2"), [
      '5 unknown key "cont" in environments.prod.approvals; did you mean count?',
    ]);
    assert.deepEqual(findProblems("environments:\n  prod:\n    sharedChange: refuse\noverride: { team: [a] }"), [
      '4 unknown key "sharedChange" in environments.prod; did you mean sharedChanges?',
      '5 unknown key "team" in override; did you mean teams?',
    ]);
  });

  it("are found in bounded time", () => {
    const names = Array.from({ length: 3000 }, (_, index) => `e${index}`);
    const chain = names.map((name, index) => `  ${name}: { from: [e${(index + 1) % names.length}] }`).join("\n");
    const started = performance.now();
    assert.equal(findProblems(`environments:\n${chain}`).length, 1);
    assert.equal(findProblems(`environments:\n${chain.replaceAll("[e", "[f")}`).length, 20);
    assert.ok(performance.now() - started < 10_000);
  });
});
