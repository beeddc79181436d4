import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { load } from "js-yaml";
import { readRepositoryConfig, repositorySchema } from "../../../src/config/index.ts";

function readText(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
}

const page = readText("docs/configuration.md");
const examples = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map((match) => match[1] ?? "");
const validate = new Ajv({ strict: false }).compile(JSON.parse(readText("schemas/drydock.schema.json")) as object);

describe("docs/configuration.md", () => {
  it("has examples", () => assert.ok(examples.length >= 10));

  for (const [index, example] of examples.entries()) {
    it(`example ${index + 1} is read without a problem, and by editors too`, () => {
      const reading = readRepositoryConfig(example, ".github/drydock.yaml");
      assert.equal(reading.kind, "loaded", JSON.stringify(reading));
      assert.ok(validate(load(example)), JSON.stringify(validate.errors));
    });
  }

  it("names every key, also those inside other keys", () => {
    const { shape } = repositorySchema;
    const nested = [
      shape.apps.unwrap().element,
      shape.helm.unwrap(),
      shape.kubernetes.unwrap(),
      shape.comment.unwrap(),
      shape.review.unwrap(),
      shape.checks.unwrap(),
      shape.labels.unwrap(),
      shape.policy.unwrap(),
      shape.policy.unwrap().shape.rego.unwrap(),
      shape.policy.unwrap().shape.exceptions.unwrap().element,
      shape.limits.unwrap(),
    ];
    const keys = [...Object.keys(shape), ...nested.flatMap((schema) => Object.keys(schema.shape))];
    assert.deepEqual(
      keys.filter((key) => key !== "version" && !page.includes(`\`${key}\``) && !page.includes(`\`${key}: `)),
      [],
    );
  });
});

describe("schemas/drydock.schema.json", () => {
  it("is what the zod schema says", () => {
    const script = fileURLToPath(new URL("../../../scripts/make-config-schema.ts", import.meta.url));
    execFileSync(process.execPath, [script, "--check"]);
  });

  const table: readonly [title: string, text: string][] = [
    ["an unknown key", "version: 1\nexlude: []"],
    ["a misspelt value", "version: 1\nkubernetes: {missingSchema: eror}"],
    ["a misspelt mode", "version: 1\nmode: advice"],
    ["an unknown key of labels", "version: 1\nlabels: {env: env/prod}"],
    ["more comments than ten", "version: 1\ncomment: {max: 11}"],
    ["an app without path or drop", "version: 1\napps: [{kind: helm}]"],
    ["a file without a version", "strict: true"],
  ];
  for (const [title, text] of table) it(`refuses ${title}`, () => assert.equal(validate(load(text)), false));
});
