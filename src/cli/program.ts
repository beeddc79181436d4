import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { Fault, UsageError } from "../model/index.ts";
import type { AppsRequest, CheckRequest, ConfigRequest, DoctorRequest, Doors, RenderRequestOptions } from "./doors.ts";
import { addExplain, addSimulate } from "./decision-commands.ts";
import { addFreeze } from "./freeze-command.ts";
import { addPolicy } from "./policy-command.ts";
import { printApps } from "./print-apps.ts";
import { quoteLines } from "./quote-text.ts";
import { createProgress } from "./progress.ts";
import type { Terminal } from "./terminal.ts";
import { writeOutput } from "./write-output.ts";

/** Exit status of wrong usage and internal errors; it wins over every result. */
const EXIT_UNUSABLE = 3;

const FORMATS = ["text", "markdown", "json", "sarif", "html"] as const;

/**
 * Runs one command line (without node and the script's name) and gives its exit status: 0 passed, 1 the change brings
 * an error, 2 something could not be looked at, 3 wrong usage or internal error. Results go to `terminal.out`,
 * progress and errors to `terminal.err`.
 */
export async function runCli(argv: readonly string[], terminal: Terminal, doors: Doors): Promise<number> {
  const result = { status: 0 };
  const program = buildProgram(terminal, doors, result);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return result.status;
  } catch (error) {
    return reportProblem(error, terminal);
  }
}

function reportProblem(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_UNUSABLE;
  if (error instanceof UsageError || error instanceof Fault) terminal.err(`drydock: ${quoteLines(error.message)}\n`);
  else
    terminal.err(
      `drydock: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  return EXIT_UNUSABLE;
}

function buildProgram(terminal: Terminal, doors: Doors, result: { status: number }): Command {
  const program = new Command("drydock")
    .description("Says what a change to a GitOps config repository would really deploy, and whether it is valid.")
    .version(doors.version, "-V, --version")
    .exitOverride()
    .showHelpAfterError("Run it with --help to see what it takes.")
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  addCheck(program, terminal, doors, result);
  addRender(program, terminal, doors);
  addApps(program, terminal, doors);
  addConfig(program, terminal, doors, result);
  addDemo(program, terminal, doors, result);
  addServe(program, terminal, doors, result);
  addDoctor(program, terminal, doors, result);
  addFreeze(program, terminal, doors);
  addPolicy(program, terminal, doors, result);
  addExplain(program, terminal, doors, result);
  addSimulate(program, terminal, doors, result);
  return program;
}

const CHECK_HELP = `
Exit status:
  0  passed
  1  the change brings an error, or breaks a render
  2  an app that the change touches could not be looked at
  3  wrong usage, or an internal error

Examples:
  drydock check                    this branch, merged into the default branch
  drydock check --worktree         what is not committed yet
  drydock check --format html --output report.html
  drydock check --all --base main --head main`;

function addCheck(program: Command, terminal: Terminal, doors: Doors, result: { status: number }): void {
  program
    .command("check")
    .description("check what the change between two commits would deploy")
    .option("--repo <dir>", "repository to check", ".")
    .option("--base <ref>", "what the change would land on (default: the tip of the default branch)")
    .option("--head <ref>", "the change (default: HEAD)")
    .option("--worktree", "check uncommitted and untracked files instead of a commit")
    .option("--no-merge", "compare the two as they are, without merging the head into the base")
    .option("--all", "report on every app, and on what was there before")
    .option("--config <file>", "use this file instead of .github/drydock.yaml of the base")
    .option("--organization <dir>", "a clone of the organisation's .github repository, whose rules count too")
    .addOption(new Option("--format <format>", "how to print the result").choices(FORMATS).default("text"))
    .option("--output <file>", "write the result to a file")
    .option("--kubernetes-version <version>", "Kubernetes to judge by, for example 1.35")
    .option("--jobs <n>", "apps rendered at once (default: number of processors)", parseCount)
    .option("--allow-host <host...>", "hosts that schemas may be fetched from")
    .option("--no-cache", "neither use nor keep results of earlier checks")
    .option("--stats", "say on stderr how much work was done")
    .addHelpText("after", CHECK_HELP)
    .action(async (options: CheckRequest) => {
      const progress = createProgress(terminal);
      const output = await doors.check(
        { ...options, width: terminal.width, color: terminal.isColorWanted },
        progress.update,
      );
      progress.end();
      if (options.output === undefined) terminal.out(output.text);
      else await writeOutput(doors, options.output, output.text);
      if (options.stats === true) terminal.err(output.stats);
      result.status = output.exitCode;
    });
}

function addRender(program: Command, terminal: Terminal, doors: Doors): void {
  program
    .command("render")
    .description("print the rendered YAML of one app")
    .argument("<app>", "app id or directory, see `drydock apps`")
    .option("--repo <dir>", "repository", ".")
    .option("--ref <ref>", "commit to render", "HEAD")
    .option("--kubernetes-version <version>", "Kubernetes to render for")
    .option("--show-secrets", "print secret values as they are")
    .action(async (app: string, options: Omit<RenderRequestOptions, "app">) => {
      terminal.out(await doors.render({ ...options, app }));
    });
}

function addApps(program: Command, terminal: Terminal, doors: Doors): void {
  program
    .command("apps")
    .description("list the apps of a commit")
    .option("--repo <dir>", "repository", ".")
    .option("--ref <ref>", "commit to look at", "HEAD")
    .addOption(new Option("--format <format>", "how to print the list").choices(["text", "json"]).default("text"))
    .action(async (options: AppsRequest) => {
      terminal.out(printApps(await doors.apps(options), options.format, terminal.width));
    });
}

function addConfig(program: Command, terminal: Terminal, doors: Doors, result: { status: number }): void {
  const config = program.command("config").description("write, check or modernise .github/drydock.yaml");
  const actions = {
    init: "write a commented config for this repository",
    validate: "check the config file",
    migrate: "rename keys that have a new name",
  };
  for (const [action, description] of Object.entries(actions)) {
    config
      .command(action)
      .description(description)
      .option("--repo <dir>", "repository", ".")
      .action(async (options: Omit<ConfigRequest, "action">) => {
        const output = await doors.config({ ...options, action: action as ConfigRequest["action"] });
        terminal.out(quoteLines(output.text));
        result.status = output.exitCode;
      });
  }
}

const DEMO_HELP = `
A stand-in for GitHub and the real server run side by side
on this machine alone, with a sample repository and pull
requests that the server checks. A page shows them as GitHub
would; push changes, comment, approve and merge there.
Ctrl-C ends it. Without a terminal it ends as with --once.

Exit status:
  0  every gate ended as the sample expects
  1  one did not`;

function addDemo(program: Command, terminal: Terminal, doors: Doors, result: { status: number }): void {
  program
    .command("demo")
    .description("show the GitHub App at work on sample pull requests")
    .option("--once", "end once every gate is known")
    .option("--directory <dir>", "keep the sample repository here")
    .addHelpText("after", DEMO_HELP)
    .action(async ({ once, directory }: { readonly once?: true; readonly directory?: string }) => {
      const isOnce = once === true || !terminal.isInteractive;
      const kept = directory === undefined ? {} : { directory };
      result.status = await doors.demo({ ...kept, isOnce, color: terminal.isColorWanted }, terminal.out);
    });
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 64)
    throw new InvalidArgumentError("a number from 1 to 64 is needed");
  return count;
}

function addServe(program: Command, terminal: Terminal, doors: Doors, result: { status: number }): void {
  program
    .command("serve")
    .description("run the GitHub App; it is configured by environment variables, see docs/server.md")
    .action(async () => {
      result.status = await doors.serve(terminal.err);
    });
}

const DOCTOR_HELP = `
Run it where the server runs, with the same environment.

Exit status:
  0  nothing is wrong
  1  something is
  3  wrong usage, no configuration, or an internal error`;

function addDoctor(program: Command, terminal: Terminal, doors: Doors, result: { status: number }): void {
  program
    .command("doctor")
    .description("say what is wrong with the GitHub App, its installations and its server")
    .option("--repository <owner/name>", "look at this repository alone", parseRepository)
    .option("--pr <url>", "print what the server knows of this pull request")
    .addOption(new Option("--format <format>", "how to print it").choices(["text", "json"]).default("text"))
    .addHelpText("after", DOCTOR_HELP)
    .action(async (options: DoctorRequest) => {
      const output = await doors.doctor({ ...options, width: terminal.width });
      terminal.out(quoteLines(output.text));
      result.status = output.exitCode;
    });
}

function parseRepository(text: string): string {
  if (!/^[\w.-]+\/[\w.-]+$/u.test(text)) throw new InvalidArgumentError("OWNER/NAME is needed");
  return text;
}
