import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { NumberText } from "../../../src/model/index.ts";
import { renderReport, type ReportFormat } from "../../../src/report/index.ts";
import { makeApp, makeChange, makeField, makeReport, makeResource } from "../../fakes/reports.ts";

const ASSETS = { diffStyle: "", diffScript: "", pageStyle: "", pageScript: "" };
const resource = makeResource("Deployment", "web");
const [from, to] = [makeApp("apps/web"), makeApp("apps/<shop>")];
const removed = makeChange(resource, { action: "removed", moved: { direction: "to", app: to.id }, likeness: "to" });
const added = makeChange(resource, {
  action: "added",
  moved: { direction: "from", app: from.id },
  fields: [makeField(["spec", "replicas"], new NumberText("2"), new NumberText("3"))],
  likeness: "from",
});
const report = makeReport({
  apps: [
    { ...from, changes: [removed] },
    { ...to, changes: [added] },
  ],
});
const render = (format: ReportFormat): string => renderReport(report, format, { assets: ASSETS });

describe("a resource that moves from one app to another", () => {
  const texts: readonly (readonly [format: ReportFormat, ...texts: RegExp[]])[] = [
    [
      "text",
      /- Deployment \S+ moved to kustomize:apps\/<shop>\n/u,
      /moved from kustomize:apps\/web\n +~ spec.replicas: 2 → 3/u,
    ],
    [
      "markdown",
      /Removed\*\* `.*`, moved to `kustomize:apps\/<shop>`/u,
      /Added\*\* `.*`, moved from `kustomize:apps\/web`/u,
    ],
    ["html", /moved to <code>kustomize:apps\/&(?:lt|#60);shop/u, /moved from <code>kustomize:apps\/web<\/code>/u],
  ];
  for (const [format, ...expected] of texts) {
    it(`is told as moved on both sides as ${format}`, () => {
      for (const text of expected) assert.match(render(format), text);
    });
  }

  it("does not read in HTML as if nothing differed", () => {
    assert.doesNotMatch(render("html"), /No field differs/u);
  });

  it("names the other app in JSON, as the schema has it", () => {
    const json = JSON.parse(render("json")) as { apps: { changes: { moved?: unknown }[] }[] };
    assert.deepEqual(
      json.apps.flatMap(({ changes }) => changes.map(({ moved }) => moved)),
      [
        { direction: "to", app: "kustomize:apps/<shop>" },
        { direction: "from", app: "kustomize:apps/web" },
      ],
    );
    const schema = readFileSync(new URL("../../../schemas/report.schema.json", import.meta.url), "utf8");
    const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(schema) as object);
    assert.ok(validate(json), JSON.stringify(validate.errors));
  });
});
