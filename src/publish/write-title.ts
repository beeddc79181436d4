import { shorten, toVisible } from "../report/visible-text.ts";
import { TITLE_LIMIT } from "./bounds.ts";

/** A title as GitHub shows it: plain text on one line, nothing hidden, at most 60 code points. */
export function writeTitle(text: string): string {
  return shorten(toVisible(text.replaceAll(/\s+/gu, " ").trim()), TITLE_LIMIT);
}

/** The title of a check that passes because nothing is enforced yet. */
export function writeAdviceTitle(title: string): string {
  return writeTitle(`Would have failed: ${title}`);
}
