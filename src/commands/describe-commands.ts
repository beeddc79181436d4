import { COMMAND_NAMES, type CommandName } from "../model/index.ts";
import { COMMANDS } from "./command-table.ts";

/** A command as it is written: `/drydock freeze <environment> [until] [reason]`. */
export function describeUse(name: CommandName): string {
  const { usage } = COMMANDS[name];
  return `/drydock ${name}${usage === "" ? "" : ` ${usage}`}`;
}

/** The answer to `/drydock help`: every command with its use, and what this installation lacks permission for. */
export function describeCommands(shortForms: readonly CommandName[], notes: readonly string[]): string {
  const rows = COMMAND_NAMES.map((name) => `- \`${describeUse(name)}\`: ${COMMANDS[name].help}`);
  const rest = notes.length === 0 ? [] : ["", ...notes];
  const place = "A command stands on a line of its own in a new comment or review; edits are not read.";
  return [[place, ...describeShortForms(shortForms)].join(" "), "", ...rows, ...rest].join("\n");
}

function describeShortForms(shortForms: readonly CommandName[]): readonly string[] {
  if (shortForms.length === 0) return [];
  if (shortForms.length === COMMAND_NAMES.length) return ["The word `drydock` may be left out: `/hold`."];
  return [`These may stand without \`drydock\`: ${shortForms.map((name) => `\`/${name}\``).join(", ")}.`];
}
