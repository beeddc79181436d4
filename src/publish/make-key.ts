import { createHash } from "node:crypto";

/** A short name for something that is told by many words, the same for the same words. */
export function makeKey(kind: "finding" | "rendered", about: readonly unknown[]): string {
  return `${kind}:${createHash("sha256").update(JSON.stringify(about)).digest("hex")}`;
}
