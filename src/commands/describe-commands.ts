import { COMMANDS, type CommandRow } from "./command-table.ts";

const ROWS: readonly CommandRow[] = COMMANDS;

/** The answer to `/drydock help`: every command with its use, and what this installation lacks permission for. */
export function describeCommands(notes: readonly string[]): string {
  const rows = ROWS.map(({ name, usage, help }) => `- \`/drydock ${name}${usage === "" ? "" : ` ${usage}`}\`: ${help}`);
  const rest = notes.length === 0 ? [] : ["", ...notes];
  return ["A command stands on a line of its own in a new comment; edits are not read.", "", ...rows, ...rest].join(
    "\n",
  );
}
