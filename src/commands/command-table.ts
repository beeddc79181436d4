/**
 * Who may give a command: anybody who can comment, the author of the pull request too, or members from a role up. An
 * approver writes to the repository and is not the author; of which team, the thing that is approved says.
 */
export type CommandRight = "anyone" | "author-or-write" | "approver";

/** One command: its grammar, who may give it, and what `help` says. New commands are rows here. */
export interface CommandRow {
  readonly name: string;
  /** How its arguments are written; empty for none. */
  readonly usage: string;
  readonly right: CommandRight;
  readonly help: string;
  /** What is wrong with these arguments, in a few words; undefined when they are right. */
  readonly findProblem: (args: readonly string[]) => string | undefined;
}

const takesNothing = (args: readonly string[]): string | undefined =>
  args.length === 0 ? undefined : "it takes no arguments";

export const COMMANDS = [
  {
    name: "check",
    usage: "",
    right: "author-or-write",
    help: "checks this pull request again",
    findProblem: takesNothing,
  },
  {
    name: "approve",
    usage: "",
    right: "approver",
    help: "approves the exceptions that this pull request adds, as a member of the team that the check names",
    findProblem: takesNothing,
  },
  { name: "help", usage: "", right: "anyone", help: "lists the commands", findProblem: takesNothing },
] as const satisfies readonly CommandRow[];

export type CommandName = (typeof COMMANDS)[number]["name"];
