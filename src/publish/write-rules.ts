import type { EnvironmentDecision } from "../model/index.ts";
import { code, prose } from "../report/markdown/inline.ts";

/** Rules that are told in the comment; the check tells all of them. */
const MOST = 5;

/** What the rules of environments keep a change out for, as one paragraph; nothing where they let it in. */
export function writeRules({ state, results }: EnvironmentDecision): readonly string[] {
  if (state === "success") return [];
  const keeping = results.filter((result) => result.state !== "passed" && result.state !== "overridden");
  const told = keeping.slice(0, MOST).map(({ environment, says }) => {
    return `${environment === undefined ? "" : `${code(environment, 80)}: `}${prose(says, 200)}`;
  });
  const more = keeping.length - told.length;
  const reasons = [...told, ...(more > 0 ? [`${more} more`] : [])].join("; ");
  const word = state === "failure" ? "keeps this out" : "waits";
  return [`**\`drydock/environments\` ${word}.** ${reasons === "" ? "" : `${reasons}. `}The check says what to do.`];
}
