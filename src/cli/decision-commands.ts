import { InvalidArgumentError, Option, type Command } from "commander";
import type { Doors } from "./doors.ts";
import { quoteLines } from "./quote-text.ts";
import type { Terminal } from "./terminal.ts";

export interface SimulateRequest {
  /** YAML or JSON. */
  readonly facts: string;
  readonly repo: string;
  /** Whose rules count in place of `.github/drydock.yaml` of the work tree. */
  readonly config?: string;
  /** A clone of the organization's `.github` repository. */
  readonly organization?: string;
  /** Milliseconds since the epoch. */
  readonly at?: number;
  readonly format: "text" | "json";
  readonly width: number;
}

export interface ExplainRequest {
  readonly pr: number;
  /** YAML or JSON: what only GitHub and the server know. */
  readonly facts?: string;
  readonly repo: string;
  readonly base?: string;
  readonly head?: string;
  readonly worktree?: true;
  /** Used in place of `.github/drydock.yaml` of the default branch. */
  readonly config?: string;
  readonly organization?: string;
  readonly at?: number;
  readonly format: "text" | "json";
  readonly width: number;
}

export interface DecisionOutput {
  readonly text: string;
  /** 0: every rule holds; 1: one refuses; 2: one waits, or is not known. */
  readonly exitCode: 0 | 1 | 2;
}

const EXIT_HELP = `
Exit status:
  0  every rule holds
  1  a rule refuses it
  2  it waits, or something is not known
  3  wrong usage, facts or a config that cannot be read`;

const EXPLAIN_HELP = `
Without --head and --worktree it is what refs/pull/N/head is
in the clone:
  git fetch origin pull/N/head:refs/pull/N/head
${EXIT_HELP}`;

/** Adds `drydock explain`. */
export function addExplain(
  program: Command,
  terminal: Terminal,
  doors: Pick<Doors, "explain">,
  result: { status: number },
): void {
  withFormat(
    program
      .command("explain")
      .description("say how a pull request stands by the rules of environments, as far as a clone tells")
      .requiredOption("--pr <number>", "number of the pull request", parseNumber)
      .option("--facts <file>", "what only GitHub and the server know, in YAML or JSON; see docs/environments.md")
      .option("--repo <dir>", "clone to look at", ".")
      .option("--base <ref>", "what it would land on (default: the tip of the default branch)")
      .option("--head <ref>", "the change")
      .option("--worktree", "take uncommitted and untracked files for the change")
      .option("--config <file>", "use this file instead of .github/drydock.yaml of the default branch")
      .option("--organization <dir>", "a clone of the organisation's .github repository, whose rules count too")
      .option("--at <time>", AT, parseMoment)
      .addHelpText("after", EXPLAIN_HELP),
  ).action(async (options: Omit<ExplainRequest, "width">) => {
    const output = await doors.explain({ ...options, width: terminal.width });
    terminal.out(quoteLines(output.text));
    result.status = output.exitCode;
  });
}

const AT = "when it is, such as 2026-12-24T18:00:00+01:00 (default: what the facts say, else now)";

/** Adds `drydock simulate`. */
export function addSimulate(
  program: Command,
  terminal: Terminal,
  doors: Pick<Doors, "simulate">,
  result: { status: number },
): void {
  withFormat(
    program
      .command("simulate")
      .description("decide by the rules of environments over facts from a file")
      .argument("<facts>", "what changes, who approved and so on, in YAML or JSON; see docs/environments.md")
      .option("--repo <dir>", "repository whose .github/drydock.yaml has the rules, as the work tree has it", ".")
      .option("--config <file>", "use this file instead")
      .option("--organization <dir>", "a clone of the organisation's .github repository, whose rules count too")
      .option("--at <time>", AT, parseMoment)
      .addHelpText("after", EXIT_HELP),
  ).action(async (facts: string, options: Omit<SimulateRequest, "facts" | "width">) => {
    const output = await doors.simulate({ ...options, facts, width: terminal.width });
    terminal.out(quoteLines(output.text));
    result.status = output.exitCode;
  });
}

function withFormat(command: Command): Command {
  return command.addOption(
    new Option("--format <format>", "how to print it").choices(["text", "json"]).default("text"),
  );
}

function parseNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/u.test(text)) throw new InvalidArgumentError("the number of a pull request is needed");
  return Number(text);
}

function parseMoment(text: string): number {
  const isWhole = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/u.test(text);
  const at = isWhole ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) {
    throw new InvalidArgumentError("a moment with its offset is needed, such as 2026-12-24T18:00:00+01:00");
  }
  return at;
}
