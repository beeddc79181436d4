import type { Command } from "commander";
import type { Doors } from "./doors.ts";
import { quoteLines } from "./quote-text.ts";
import type { Terminal } from "./terminal.ts";

export interface FreezeRequest {
  /** Stops everything that the server judges. */
  readonly all?: true;
  /** Lifts what the server stops. */
  readonly lift?: true;
  /** `2h`, or a moment with its offset. */
  readonly until?: string;
  readonly reason?: string;
}

const HELP = `
Run it where the server runs, with the same environment. No
pull request that changes anything that deploys passes until
it is lifted, or over; open ones are judged again at once.

Exit status:
  0  done
  3  wrong usage, no configuration, or no answer of the server`;

/** Adds `drydock freeze`. */
export function addFreeze(program: Command, terminal: Terminal, doors: Pick<Doors, "freeze">): void {
  program
    .command("freeze")
    .description("stop every change of every repository that the server judges, or lift that")
    .option("--all", "stop everything")
    .option("--until <time>", "when it ends by itself: 2h, or 2026-12-24T18:00Z (default: when it is lifted)")
    .option("--reason <text>", "shown on every pull request that it stops")
    .option("--lift", "lift what stops everything, or all of an account")
    .addHelpText("after", HELP)
    .action(async (options: FreezeRequest) => {
      terminal.out(quoteLines(await doors.freeze(options)));
    });
}
