import { CHECK_NAMES, type CheckName } from "./verdict.ts";

/** By the names that people give them by, in the order that `help` lists them. */
export const COMMAND_NAMES = [
  "help",
  "check",
  "diff",
  "explain",
  "approve",
  "unapprove",
  "hold",
  "unhold",
  "override",
  "freeze",
  "unfreeze",
  "lock",
  "unlock",
  "merge",
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

/** What each command is told. */
export interface CommandArguments {
  readonly help: NoArguments;
  readonly check: NoArguments;
  readonly diff: { readonly app: string | undefined };
  readonly explain: { readonly check: CheckName | undefined };
  readonly approve: { readonly environment: string | undefined };
  readonly unapprove: NoArguments;
  readonly hold: { readonly reason: string | undefined };
  readonly unhold: NoArguments;
  /** A rule of an environment, a rule of policy, or the name of a check for its Failures. */
  readonly override: { readonly rule: string; readonly reason: string };
  readonly freeze: {
    readonly environment: string;
    readonly until: FreezeEnd | undefined;
    readonly reason: string | undefined;
  };
  readonly unfreeze: { readonly environment: string };
  readonly lock: { readonly environment: string; readonly reason: string | undefined };
  readonly unlock: { readonly environment: string };
  readonly merge: { readonly wish: "when-ready" | "cancel" };
}
type NoArguments = Readonly<Record<string, never>>;

/** Milliseconds from when it was said, or a moment in milliseconds since the epoch. */
export type FreezeEnd =
  { readonly kind: "after"; readonly milliseconds: number } | { readonly kind: "at"; readonly moment: number };

/** One command as it was read: its name with what it is told. */
export type Command<Name extends CommandName = CommandName> = {
  readonly [Each in Name]: { readonly name: Each; readonly args: CommandArguments[Each] };
}[Name];

/**
 * Where a command stands: a comment on the conversation, the text of a review, or a comment on a line. GitHub counts
 * their ids apart.
 */
export type CommandSource = "comment" | "review" | "review-comment";

export interface CommandKey {
  readonly source: CommandSource;
  /** GitHub's id of the comment or the review. */
  readonly commentId: number;
}

/** One text for one command: of a comment on the conversation its id alone. */
export function nameCommand({
  source = "comment",
  commentId,
}: {
  readonly source?: CommandSource | undefined;
  readonly commentId: number;
}): string {
  return source === "comment" ? `${commentId}` : `${source}-${commentId}`;
}

/** A check by its name, or by what follows `drydock/` in it. */
export function findCheck(word: string): CheckName | undefined {
  return CHECK_NAMES.find((name) => name === word || name === `drydock/${word}`);
}
