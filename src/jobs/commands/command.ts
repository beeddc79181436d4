import type { CommandConfig } from "../../commands/index.ts";
import type {
  Actor,
  CommandArguments,
  CommandName,
  CommandSource,
  Intent,
  PullRequest,
  Role,
} from "../../model/index.ts";
import type { RepositoryFacts } from "../ports.ts";
import type { JobServices } from "../services.ts";

/** Where, when and by whom a command was given, and what is so now that it is its turn. */
export interface CommandPlace {
  readonly repository: RepositoryFacts;
  /** As GitHub has it now: open. */
  readonly pullRequest: PullRequest;
  /** A person, who may give this command: that was asked before. */
  readonly actor: Actor;
  readonly role: Role;
  readonly source: CommandSource;
  /** GitHub's id of the comment or review. What it does is kept under both, so that twice is once. */
  readonly sourceId: number;
  /** The head that had been judged when it was said; undefined when none had: nobody knows what was seen then (T14). */
  readonly headSha: string | undefined;
  /** When it was said, by GitHub's clock, in milliseconds since the epoch. */
  readonly givenAt: number;
  /** Of the default branch. */
  readonly config: CommandConfig;
  /** Permissions of the installation. */
  readonly permissions: Readonly<Record<string, string>>;
}

/** What a command comes to, before anything is done: all commands of a comment are planned, then all carried out. */
export type PlannedCommand =
  /** `why` ends a sentence that begins with "Not done:", in Markdown that nothing of the asker's is active in. */
  | { readonly kind: "refused"; readonly why: string }
  /** Safe to run twice, also after somebody else undid it: a second run adds nothing. */
  | { readonly kind: "planned"; readonly carryOut: () => Promise<CommandAnswer> };

export interface CommandAnswer {
  /** GitHub Markdown for the one comment that answers; undefined where checks and the sticky comment tell it all. */
  readonly says?: string | undefined;
  /** What has to be judged again by it. */
  readonly intents: readonly Intent[];
}

/** The effect of one command. The right of who asks, the environment in it and the state of the pull request are known. */
export type PlanCommand<Name extends CommandName> = (
  args: CommandArguments[Name],
  place: CommandPlace,
  services: JobServices,
) => Promise<PlannedCommand>;

/** Has the pull request that a command stands on judged again, out loud only where that was asked for. */
export function judgeAgain({ repository, pullRequest }: CommandPlace, reason: "asked" | "edited"): Intent {
  return { kind: "judge", repository, number: pullRequest.number, reason, lane: "people", headSha: undefined };
}

export function refuseCommand(why: string): PlannedCommand {
  return { kind: "refused", why };
}
