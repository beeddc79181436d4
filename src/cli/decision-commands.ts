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
      .option(
        "--at <time>",
        "when it is, such as 2026-12-24T18:00:00+01:00 (default: what the facts say, else now)",
        parseMoment,
      )
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

function parseMoment(text: string): number {
  const isWhole = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/u.test(text);
  const at = isWhole ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) {
    throw new InvalidArgumentError("a moment with its offset is needed, such as 2026-12-24T18:00:00+01:00");
  }
  return at;
}
