import { Option, type Command } from "commander";
import { quoteLines } from "./quote-text.ts";
import type { Doors } from "./doors.ts";
import type { Terminal } from "./terminal.ts";
import { writeOutput } from "./write-output.ts";

interface PolicyPlace {
  readonly repo: string;
  /** A commit; by default the files of the work tree. */
  readonly ref?: string;
  /** A clone of the organization's `.github` repository; not asked for tests. */
  readonly organization?: string;
}

export type PolicyRequest = PolicyPlace & { readonly width: number } & (
    | { readonly action: "list"; readonly format: "text" | "json" }
    | { readonly action: "explain"; readonly rule: string }
    | { readonly action: "test" }
    | { readonly action: "baseline" }
  );

export interface PolicyOutput {
  readonly text: string;
  readonly exitCode: 0 | 1;
  /** What is worth saying beside the result. */
  readonly notice?: string;
}

export type PolicyDoor = (request: PolicyRequest) => Promise<PolicyOutput>;

const HELP = `
Policies in Rego are read from the folders that
policy.rego.paths names (default: policy), as the work tree
has them.

Exit status:
  0  fine
  1  a test failed
  3  wrong usage, or a policy that does not compile`;

/** Adds `drydock policy list | explain RULE | test | baseline`. */
export function addPolicy(
  program: Command,
  terminal: Terminal,
  doors: Pick<Doors, "policy" | "writeFile">,
  result: { status: number },
): void {
  const policy = program
    .command("policy")
    .description("list and explain rules, test policies, keep what is known")
    .addHelpText("after", HELP);
  const { width } = terminal;
  const run = async (request: PolicyRequest, file?: string): Promise<void> => {
    const output = await doors.policy(request);
    if (file === undefined) terminal.out(quoteLines(output.text));
    else await writeOutput(doors, file, output.text);
    if (output.notice !== undefined) terminal.err(quoteLines(output.notice));
    result.status = output.exitCode;
  };
  const organized = (command: Command): Command =>
    withPlace(command).option(
      "--organization <dir>",
      "a clone of the organisation's .github repository, with its floor",
    );
  organized(policy.command("list").description("the rules and their levels"))
    .addOption(new Option("--format <format>", "how to print them").choices(["text", "json"]).default("text"))
    .action((options: PolicyPlace & { readonly format: "text" | "json" }) =>
      run({ ...options, action: "list", width }),
    );
  organized(
    policy.command("explain").description("what a rule is for and what to do about it").argument("<rule>"),
  ).action((rule: string, options: PolicyPlace) => run({ ...options, action: "explain", rule, width }));
  withPlace(policy.command("test").description("run the unit tests of policies in Rego")).action(
    (options: PolicyPlace) => run({ ...options, action: "test", width }),
  );
  organized(policy.command("baseline").description("what policies find today, as a file of what is known"))
    .option("--output <file>", "write it to a file, the one that policy.baseline of the config names")
    .action(({ output, ...place }: PolicyPlace & { readonly output?: string }) =>
      run({ ...place, action: "baseline", width }, output),
    );
}

function withPlace(command: Command): Command {
  return command
    .option("--repo <dir>", "repository", ".")
    .option("--ref <ref>", "commit to read policies and config from (default: the work tree)");
}
