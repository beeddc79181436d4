import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Registry } from "prom-client";
import { z } from "zod";
import { serverSchema } from "../../src/config/server.ts";
import { PERMISSION_SETS } from "../../src/github/index.ts";
import { createMetrics } from "../../src/web/index.ts";
import { ROOT } from "./read-documents.ts";

const text = readFileSync(join(ROOT, "docs", "server.md"), "utf8");

/** The rows of the table under a heading, cell by cell. */
function readTable(heading: string): readonly (readonly string[])[] {
  const section = text.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(1).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

test("docs/server.md lists every environment variable with its default", () => {
  const shown = readTable("Environment").map(([name = "", standard = ""]) => [name.replaceAll("`", ""), standard]);
  const defaults = new Map<string, string | number | boolean | string[] | undefined>(
    Object.entries(serverSchema.parse({})),
  );
  const expected = Object.keys(serverSchema.shape).map((name) => {
    const text = [defaults.get(name) ?? []].flat().join();
    return [name, text !== "" ? `\`${text}\`` : name === "DRYDOCK_JOBS" ? "one a core" : ""];
  });
  assert.deepEqual(shown, expected);
});

test("docs/server.md says of each variable what the schema says", () => {
  const { properties } = z.toJSONSchema(serverSchema, { io: "input", unrepresentable: "any" });
  for (const [name = "", , words = ""] of readTable("Environment")) {
    const property = properties?.[name.replaceAll("`", "")];
    const described = typeof property === "object" ? (property.description ?? "") : "";
    const first = described.split(/[:;,.]/u)[0] ?? "";
    assert.ok(first.length > 5 && words.replaceAll("`", "").startsWith(first), `${name}: ${first}`);
  }
});

test("docs/server.md lists both permission sets", () => {
  const rows = readTable("Two permission sets").map(([name = "", checks, full]) => [
    name.replaceAll("`", ""),
    checks,
    full,
  ]);
  const { "checks only": checks, full } = PERMISSION_SETS;
  const expected = Object.keys(full).map((name) => [name, checks[name] ?? "", full[name]]);
  assert.deepEqual(rows.toSorted(), expected.toSorted());
});

test("docs/server.md lists every metric of Drydock's own", async () => {
  const registry = new Registry();
  createMetrics(registry, () => Promise.resolve({ waiting: 0, active: 0, oldestWaitingHead: undefined }));
  const names = (await registry.getMetricsAsJSON())
    .map(({ name }) => name)
    .filter((name) => name.startsWith("drydock_"));
  const shown = readTable("Metrics").flatMap(([cell = ""]) => cell.split(", ").map((name) => name.replaceAll("`", "")));
  assert.deepEqual(shown.toSorted(), names.toSorted());
});
