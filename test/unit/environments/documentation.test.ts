import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { load } from "js-yaml";
import { readRepositoryConfig } from "../../../src/config/index.ts";
import { decideEnvironments } from "../../../src/environments/index.ts";
import { ENVIRONMENT_RULES, type EnvironmentFacts } from "../../../src/model/index.ts";
import { change, changedApp, GRACE, makeFacts, NOW } from "../../fakes/environment-facts.ts";

function readText(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
}

const PAGE = readText("docs/environments.md");
const validate = new Ajv({ strict: false }).compile(JSON.parse(readText("schemas/drydock.schema.json")) as object);

interface Section {
  readonly title: string;
  readonly config: string | undefined;
  /** What the check says of the facts below: `state: says` of each result. */
  readonly says: readonly string[] | undefined;
}

const SECTIONS = PAGE.split(/^## /mu)
  .slice(1)
  .map((text): Section => {
    const block = (language: string): string | undefined =>
      new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(text)?.[1];
    return { title: text.split("\n")[0] ?? "", config: block("yaml"), says: block("text")?.trim().split("\n") };
  });

const both = { changes: [change("staging"), change("prod")] };
const shared = changedApp("kustomize:web", { causes: ["base/deployment.yaml"] });
const item = {
  app: "kustomize:web",
  what: "image web",
  value: "1.3",
  counterpart: "kustomize:web",
  stands: "1.2",
  arrives: false,
};

const STOP = { from: "command", environment: "prod", by: GRACE, since: NOW } as const;

/** The pull request that each section tells of, beside ada's change of prod. */
const FACTS: ReadonlyMap<string, Partial<EnvironmentFacts>> = new Map<string, Partial<EnvironmentFacts>>([
  [
    "promotion-order",
    {
      promotions: [
        { environment: "prod", from: "staging", items: [{ ...item, since: undefined }], problem: undefined },
      ],
    },
  ],
  ["direct-edits", {}],
  ["shared-changes", { changes: [change("staging", shared), change("prod", shared)] }],
  ["limits", both],
  ["approvals", {}],
  [
    "code-owners",
    {
      owners: {
        files: [
          { path: "overlays/prod/web.yaml", owners: ["grace"] },
          { path: "README.md", owners: [] },
        ],
        errors: [],
        problem: undefined,
      },
    },
  ],
  ["window", { now: Date.parse("2026-12-21T10:00:00Z") }],
  [
    "hold, lock, freeze",
    {
      stops: [
        { ...STOP, kind: "hold", environment: undefined, reason: "look at the graphs first", until: undefined },
        { ...STOP, kind: "lock", reason: "", until: undefined },
        { ...STOP, kind: "freeze", reason: "the shop is down", until: NOW + 24 * 3_600_000 },
      ],
    },
  ],
  ["branches", {}],
]);

describe("docs/environments.md", () => {
  for (const { title, config } of SECTIONS.filter((section) => section.config !== undefined)) {
    it(`${title}: its configuration is read without a problem, and by editors too`, () => {
      const reading = readRepositoryConfig(config, ".github/drydock.yaml");
      assert.equal(reading.kind, "loaded", JSON.stringify(reading));
      assert.ok(validate(load(config ?? "")), JSON.stringify(validate.errors));
    });
  }

  for (const { title, config, says } of SECTIONS.filter((section) => section.says !== undefined)) {
    it(`${title}: the check says so`, () => {
      const reading = readRepositoryConfig(config, ".github/drydock.yaml");
      const parts = FACTS.get(title);
      assert.ok(reading.kind === "loaded" && parts !== undefined);
      const { results } = decideEnvironments(makeFacts(parts), reading.config.rules);
      assert.deepEqual(
        results.map((result) => `${result.state}: ${result.says}`),
        says,
      );
    });
  }

  it("tells of every rule, with an example", () => {
    const told = SECTIONS.filter(({ says }) => says !== undefined).flatMap(({ title }) => title.split(", "));
    const missing = ENVIRONMENT_RULES.filter((rule) => !told.includes(rule));
    assert.deepEqual(missing, []);
    assert.deepEqual(
      [...FACTS.keys()].filter((rule) => SECTIONS.find(({ title }) => title === rule)?.says === undefined),
      [],
    );
  });

  it("has the keys of the schema", () => {
    const script = fileURLToPath(new URL("../../../scripts/make-environment-reference.ts", import.meta.url));
    execFileSync(process.execPath, [script, "--check"]);
  });
});
