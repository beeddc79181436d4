import type { Actor } from "../model/index.ts";
import { code, prose } from "../report/markdown/inline.ts";

/** Why a wish to merge is over before it was fulfilled; `reason` is a clause. */
export function writeMergeEnd(asker: Actor, reason: string): string {
  return `Not merged: ${prose(reason, 500)}. ${code(asker.login)} asked for it; \`/drydock merge when ready\` asks anew.`;
}

/** What GitHub said when it was asked to merge. */
export function writeMergeRefusal(asker: Actor, said: string): string {
  return `Not merged, as ${code(asker.login)} asked for: ${prose(said, 500)}. Drydock does not try again by itself; \`/drydock merge when ready\` asks anew.`;
}
