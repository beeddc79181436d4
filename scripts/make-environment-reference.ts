// Writes the reference of the rules of environments into docs/environments.md, from the schema of the config. With
// --check it only compares, and fails when the page is not what the schema says.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { repositorySchema } from "../src/config/index.ts";

const target = fileURLToPath(new URL("../docs/environments.md", import.meta.url));
const [begin, end] = ["<!-- keys: made by scripts/make-environment-reference.ts -->", "<!-- end of keys -->"];

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
}

const root = z.toJSONSchema(repositorySchema, { io: "input", target: "draft-7" }) as Schema;

/** Sections of the config that are rules of environments. */
const SECTIONS: readonly [title: string, section: Schema | undefined][] = [
  ["environments.<name>", asSchema(root.properties?.["environments"]?.additionalProperties)],
  ["changes", root.properties?.["changes"]],
  ["branches[]", root.properties?.["branches"]?.items],
  ["override", root.properties?.["override"]],
  ["bypasses", root.properties?.["bypasses"]],
];

function asSchema(schema: Schema | boolean | undefined): Schema | undefined {
  return typeof schema === "object" ? schema : undefined;
}

function listRows(schema: Schema, prefix: string): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const cells = [`\`${prefix}${name}\``, describeValue(value), describeDefault(value), value.description ?? ""];
    const row = `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    const below = [value, ...(value.anyOf ?? [])].flatMap((each) => listRows(each, `${prefix}${name}.`));
    return [row, ...below, ...listRows(value.items ?? {}, `${prefix}${name}[].`)];
  });
}

function describeValue({ type, enum: values, anyOf, items }: Schema): string {
  if (anyOf !== undefined) return anyOf.map(describeValue).join(" or ");
  if (values !== undefined) return values.map((value) => `\`${String(value)}\``).join(", ");
  if (type === "array")
    return items?.enum === undefined ? `list${nameItems(items)}` : `list of ${describeValue(items)}`;
  return { object: "mapping", integer: "number", boolean: "`true`, `false`", string: "text" }[type ?? ""] ?? "";
}

function nameItems(items: Schema | undefined): string {
  return items?.type === "object" ? " of mappings" : items?.type === "array" ? " of lists" : "";
}

function describeDefault({ default: standard }: Schema): string {
  const values = Array.isArray(standard) ? (standard as readonly unknown[]) : [standard];
  return values
    .filter((value) => ["string", "number", "boolean"].includes(typeof value))
    .map((value) => `\`${String(value)}\``)
    .join(", ");
}

const tables = SECTIONS.map(([title, section]) => {
  if (section === undefined) throw new Error(`the schema has no ${title}`);
  return [`### \`${title}\``, "", "| Key | Value | Default | |", "|---|---|---|---|", ...listRows(section, "")];
});
const text = [begin, "", ...tables.flatMap((table) => [...table, ""]), end].join("\n");

const before = readFileSync(target, "utf8");
const [first, last] = [before.indexOf(begin), before.indexOf(end)];
if (first === -1 || last < first) throw new Error("docs/environments.md has no place for the keys");
const after = before.slice(0, first) + text + before.slice(last + end.length);

if (!process.argv.includes("--check")) writeFileSync(target, after);
else if (before !== after) {
  console.error(
    "The keys in docs/environments.md are out of date; run: sh scripts/node.sh scripts/make-environment-reference.ts",
  );
  process.exitCode = 1;
}
