import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { decideEnvironments } from "../../../src/environments/index.ts";
import type { EnvironmentFacts, PromotedItem } from "../../../src/model/index.ts";
import { judgeEnvironments } from "../../../src/publish/judge-environments.ts";
import {
  approve,
  change,
  changedApp,
  contentOf,
  GRACE,
  LIN,
  makeFacts,
  NOW,
  readRules,
  writer,
} from "../../fakes/environment-facts.ts";

const FOLDER = new URL("../../golden/environments/", import.meta.url);
const isUpdate = process.env["UPDATE_GOLDEN"] === "1";
const HOUR = 3_600_000;

const RULES = `environments:
  dev: { paths: ["**/dev"] }
  staging: { from: [dev], approvals: 1 }
  prod:
    from: [staging]
    promotion: { soak: 24h }
    approvals: { count: 2, teams: [sre] }
`;
const DIRECT = `environments:
  dev: {}
  prod: { from: [dev], directEdits: { except: ["**/overlays/prod/**"] } }
`;

const item: PromotedItem = {
  app: "kustomize:apps/web/overlays/prod",
  what: "image web of Deployment/web",
  value: "ghcr.io/harbor/web:1.9.0",
  counterpart: "kustomize:apps/web/overlays/staging",
  stands: "ghcr.io/harbor/web:1.9.0",
  since: NOW - HOUR,
  arrives: false,
};
const promotions = (...items: readonly PromotedItem[]): EnvironmentFacts["promotions"] => [
  { environment: "staging", from: "dev", items: [], problem: undefined },
  { environment: "prod", from: "staging", items, problem: undefined },
];
const prod = { changes: [change("prod", changedApp(item.app))] };
const people = [writer(GRACE, { sre: "yes" }), writer(LIN, { sre: "yes" })];
const approvals = [approve(GRACE, contentOf(prod)), approve(LIN, contentOf(prod))];
const shared = { causes: ["apps/web/base/deployment.yaml"] };

/** What reviewers meet most, each as one file to be read. */
const SITUATIONS: ReadonlyMap<string, readonly [rules: string, facts: Partial<EnvironmentFacts>]> = new Map([
  ["soaks", [RULES, { ...prod, people, approvals, promotions: promotions(item) }]],
  [
    "jumps",
    [
      RULES,
      { ...prod, people, approvals, promotions: promotions({ ...item, stands: "ghcr.io/harbor/web:1.8.2", since: 0 }) },
    ],
  ],
  [
    "edits-directly",
    [
      DIRECT,
      {
        changes: [
          change("dev", changedApp("kustomize:apps/web/overlays/dev", shared)),
          change("prod", changedApp(item.app, shared)),
        ],
        promotions: [{ environment: "prod", from: "dev", items: [], problem: undefined }],
      },
    ],
  ],
  [
    "lacks-approvals",
    [
      RULES,
      {
        changes: [change("staging"), ...prod.changes],
        people,
        approvals: [
          approve(GRACE, contentOf({ changes: [change("prod", changedApp(item.app, { digest: "before" }))] }), {
            environment: "prod",
          }),
        ],
        promotions: promotions(),
      },
    ],
  ],
  [
    "frozen",
    [
      RULES,
      {
        ...{ ...prod, people, approvals, promotions: promotions({ ...item, since: NOW - 48 * HOUR }) },
        stops: [
          {
            ...{ kind: "freeze", from: "command", environment: "prod", by: GRACE, reason: "Black Friday" },
            ...{ since: NOW - HOUR, until: NOW + 23 * HOUR },
          },
        ],
      },
    ],
  ],
  ["holds", [RULES, { ...prod, people, approvals, promotions: promotions({ ...item, since: NOW - 48 * HOUR }) }]],
  ["changes-nothing", [RULES, { changes: [], reported: { digest: "", isDeploying: false } }]],
]);

for (const [name, [rules, facts]] of SITUATIONS) {
  test(`a change that ${name} is told as test/golden/environments/${name}.md says`, () => {
    const decision = decideEnvironments(makeFacts(facts), readRules(rules));
    const { state, title, summary } = judgeEnvironments(decision, false);
    const actual = `${state}: ${title}\n\n${summary}\n`;
    const file = new URL(`${name}.md`, FOLDER);
    if (isUpdate) {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(file, actual);
    }
    assert.equal(actual, readFileSync(file, "utf8"));
  });
}
