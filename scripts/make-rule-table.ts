// Writes the table of built-in rules into docs/findings.md. With --check it only compares, and fails when the table is not
// what the rules say of themselves.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { BuiltInRule } from "../src/policy/index.ts";
import { BUILT_IN_RULES } from "../src/policy/index.ts";

const target = fileURLToPath(new URL("../docs/findings.md", import.meta.url));
const [begin, end] = ["<!-- rules: made by scripts/make-rule-table.ts -->", "<!-- end of rules -->"];

function writeRow({ id, title, why, fix, link, levels, isAnnotationEnough }: BuiltInRule): string {
  const cells = [
    `[\`${id}\`](${link})`,
    levels.default,
    levels.baseline,
    levels.strict,
    isAnnotationEnough ? "yes" : "no",
    `**${title}.** ${why} ${fix}`,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

const table = [
  begin,
  "",
  "| Rule | `default` | `baseline` | `strict` | Annotation | What it tells, and what to do |",
  "|---|---|---|---|---|---|",
  ...[...BUILT_IN_RULES.values()].map(writeRow),
  "",
  end,
].join("\n");

const before = readFileSync(target, "utf8");
const [first, last] = [before.indexOf(begin), before.indexOf(end)];
if (first === -1 || last < first) throw new Error("docs/findings.md has no place for the table of rules");
const after = before.slice(0, first) + table + before.slice(last + end.length);

if (!process.argv.includes("--check")) writeFileSync(target, after);
else if (before !== after) {
  console.error(
    "The table of rules in docs/findings.md is out of date; run: sh scripts/node.sh scripts/make-rule-table.ts",
  );
  process.exitCode = 1;
}
