import type { CommandArguments, CommandName } from "../model/index.ts";
import {
  readApp,
  readCheck,
  readEnvironment,
  readFreeze,
  readLock,
  readMerge,
  readOptionalEnvironment,
  readOptionalReason,
  readOverride,
  takesNothing,
  type ReadArguments,
} from "./read-arguments.ts";

/**
 * Who may give a command before the config narrows it: anybody who can comment; whoever can read the repository; its
 * writers and the author of the pull request, who may be neither (T07); its writers; its writers but for the author;
 * and those who keep an environment, which are its maintainers and, of its writers, the teams that approve for it.
 */
export type CommandRight = "anyone" | "reader" | "author-or-write" | "write" | "approver" | "keeper";

/**
 * What a command does to what may be merged. One that `answers` changes nothing. One that `acts` is not taken where the
 * conversation is locked. One that `vouches` lets something pass, and is not taken for a draft either (T13).
 */
export type CommandBearing = "answers" | "acts" | "vouches";

/** One command: its grammar, who may give it, and what `help` says. New commands are rows here. */
export interface CommandRow<Name extends CommandName = CommandName> {
  /** How its arguments are written; empty for none. */
  readonly usage: string;
  readonly right: CommandRight;
  readonly bearing: CommandBearing;
  readonly help: string;
  readonly read: ReadArguments<CommandArguments[Name]>;
}

export const COMMANDS: { readonly [Name in CommandName]: CommandRow<Name> } = {
  help: { usage: "", right: "anyone", bearing: "answers", help: "lists the commands", read: takesNothing },
  check: {
    usage: "",
    right: "author-or-write",
    bearing: "answers",
    help: "checks this pull request again",
    read: takesNothing,
  },
  diff: {
    usage: "[app]",
    right: "reader",
    bearing: "answers",
    help: "shows what this pull request changes in one app, or lists the apps that it changes",
    read: readApp,
  },
  explain: {
    usage: "[check]",
    right: "reader",
    bearing: "answers",
    help: "tells how a check stands: its rules, what is missing, who can do it and when it changes",
    read: readCheck,
  },
  approve: {
    usage: "[environment]",
    right: "approver",
    bearing: "vouches",
    help: "approves what waits for you here: changes of environments, or of one, and exceptions that it adds",
    read: readOptionalEnvironment,
  },
  unapprove: {
    usage: "",
    right: "reader",
    bearing: "acts",
    help: "takes your own approvals of this pull request back",
    read: takesNothing,
  },
  hold: {
    usage: "[reason]",
    right: "write",
    bearing: "acts",
    help: "keeps this pull request from being merged until somebody says `unhold`",
    read: readOptionalReason,
  },
  unhold: { usage: "", right: "write", bearing: "acts", help: "ends the hold", read: takesNothing },
  override: {
    usage: "<rule> <reason>",
    right: "write",
    bearing: "vouches",
    help: "lets this pull request pass a rule in an emergency, on record, as a member of a team that may",
    read: readOverride,
  },
  freeze: {
    usage: "<environment> [until] [reason]",
    right: "keeper",
    bearing: "acts",
    help: "stops every change of an environment, for 24 hours or as long as you say: `2h`, `2026-12-24T18:00Z`",
    read: readFreeze,
  },
  unfreeze: {
    usage: "<environment>",
    right: "keeper",
    bearing: "acts",
    help: "ends the freeze of an environment",
    read: readEnvironment,
  },
  lock: {
    usage: "<environment> [reason]",
    right: "write",
    bearing: "acts",
    help: "stops every change of an environment until you, or an admin, unlock it",
    read: readLock,
  },
  unlock: {
    usage: "<environment>",
    right: "write",
    bearing: "acts",
    help: "ends your lock of an environment; an admin ends anybody's",
    read: readEnvironment,
  },
  merge: {
    usage: "when ready",
    right: "write",
    bearing: "acts",
    help: "merges this pull request once every check holds, where the config lets Drydock merge; `merge cancel` takes that back",
    read: readMerge,
  },
};
