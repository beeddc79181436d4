import type { ResourceId } from "../model/index.ts";

const WORD = /[\p{L}\p{N}_.-]+/gu;
/** Words with a digit are counts, versions, digests. They change while what is wrong stays the same. */
const DIGIT = /\p{N}/u;

/**
 * Names what a policy says of a resource, so that one rule that finds another fault is not taken for the fault that was
 * there before. The name stays the same when the resource is renamed or moved, and when only numbers differ. It is for
 * comparing, not for reading.
 */
export function identifyMessage(message: string, { name, namespace }: Pick<ResourceId, "name" | "namespace">): string {
  const names = [name, namespace].filter((known) => known !== "");
  const text = names.reduce((rest, known) => rest.replaceAll(known, "\u0000"), message);
  return text.replaceAll(WORD, (word) => (DIGIT.test(word) ? "#" : word));
}
