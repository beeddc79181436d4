import { createHash } from "node:crypto";
import type { RuleSet } from "../../config/index.ts";

/**
 * What digests of content hang on beside the trees: what rendered them, and the rules that say what belongs to which
 * environment. Digests of two builds are not compared; the trees are rendered again.
 */
export function nameBuild(build: string, { environments }: Pick<RuleSet, "environments">): string {
  const borders = environments.map(({ name, branch, paths, ignore }) => {
    return [name, branch ?? null, paths.map(({ pattern }) => pattern), ignore.map(({ pattern }) => pattern)];
  });
  return createHash("sha256")
    .update(JSON.stringify([build, borders]))
    .digest("hex");
}
