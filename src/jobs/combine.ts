import { combineVerdicts } from "../publish/index.ts";
import type { CombineVerdicts } from "./ports.ts";

/** The checks of one commit, each with the page of the verdict that it tells. */
export const combine: CombineVerdicts = (headSha, verdicts) =>
  combineVerdicts(headSha, verdicts, ({ verdict }) => verdict?.page);
