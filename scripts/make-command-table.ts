// Writes the table of commands into docs/commands.md. With --check it only compares, and fails when the table is not what
// the commands say of themselves.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { COMMANDS, describeUse, type CommandBearing, type CommandRight } from "../src/commands/index.ts";
import { COMMAND_NAMES, type CommandName } from "../src/model/index.ts";

const target = fileURLToPath(new URL("../docs/commands.md", import.meta.url));
const [begin, end] = ["<!-- commands: made by scripts/make-command-table.ts -->", "<!-- end of commands -->"];

const RIGHTS: Readonly<Record<CommandRight, string>> = {
  anyone: "whoever can comment",
  reader: "whoever can read the repository",
  "author-or-write": "the author of the pull request; `write`",
  write: "`write`",
  approver: "`write`, but for the author",
  keeper: "`maintain`; `write` in a team that approves for the environment",
};

const BEARINGS: Readonly<Record<CommandBearing, string>> = {
  answers: "open",
  acts: "open, not locked",
  vouches: "open, not locked, no draft",
};

function writeRow(name: CommandName): string {
  const { right, bearing, help } = COMMANDS[name];
  const cells = [`\`${describeUse(name)}\``, help, RIGHTS[right], BEARINGS[bearing]];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

const table = [
  begin,
  "",
  "| Command | What it does | Who | On pull requests that are |",
  "|---|---|---|---|",
  ...COMMAND_NAMES.map(writeRow),
  "",
  end,
].join("\n");

const before = readFileSync(target, "utf8");
const [first, last] = [before.indexOf(begin), before.indexOf(end)];
if (first === -1 || last < first) throw new Error("docs/commands.md has no place for the table of commands");
const after = before.slice(0, first) + table + before.slice(last + end.length);

if (!process.argv.includes("--check")) writeFileSync(target, after);
else if (before !== after) {
  console.error(
    "The table of commands in docs/commands.md is out of date; run: sh scripts/node.sh scripts/make-command-table.ts",
  );
  process.exitCode = 1;
}
