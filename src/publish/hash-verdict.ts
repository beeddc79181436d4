import { createHash } from "node:crypto";
import type { RepositoryConfig } from "../config/index.ts";
import type { CheckPart, Report } from "../model/index.ts";
import { renderJson } from "../report/index.ts";

/**
 * SHA-256 over the checks of a verdict and all else that is made of the same report: comment, review and labels. The two
 * commits are no part of it: a base that moves without a consequence for this pull request writes nothing.
 */
export function hashVerdict(
  parts: readonly CheckPart[],
  isAdvice: boolean,
  source?: { readonly report: Report; readonly config: RepositoryConfig },
): string {
  const hash = createHash("sha256").update(JSON.stringify([isAdvice, parts.map(listFields)]));
  if (source === undefined) return hash.digest("hex");
  const { comment, review, labels } = source.config;
  hash.update(JSON.stringify([comment, review, labels]));
  return hash.update(renderJson({ ...source.report, base: NO_SIDE, head: NO_SIDE })).digest("hex");
}

const NO_SIDE = { ref: "", commit: undefined, tree: "" };

/** In an order of our own, so that equal parts are equal bytes wherever they were read from. */
function listFields({ name, state, title, summary, details, annotations, isEnforced }: CheckPart): readonly unknown[] {
  const places = annotations.map((each) => [
    each.path,
    each.startLine,
    each.endLine,
    each.level,
    each.title,
    each.message,
  ]);
  return [name, state, title, summary, details, places, isEnforced === true];
}
