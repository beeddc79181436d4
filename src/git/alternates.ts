import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";

/** Bounds a chain that somebody made too long; git itself follows five. */
const MAX_STORES = 64;

/**
 * The object directory and those that its `info/alternates` name, directly or through others: absolute, real, each
 * once. Ones that do not exist are left out, as git does.
 */
export function findObjectStores(objectDirectory: string): readonly string[] {
  const stores = new Set<string>();
  const pending = [objectDirectory];
  for (let next = pending.shift(); next !== undefined && stores.size < MAX_STORES; next = pending.shift()) {
    if (!existsSync(next)) continue;
    const real = realpathSync(next);
    if (stores.has(real)) continue;
    stores.add(real);
    const file = join(real, "info", "alternates");
    if (existsSync(file))
      pending.push(...parseAlternates(readFileSync(file, "utf8")).map((path) => resolve(real, path)));
  }
  return [...stores];
}

/** One line a path, `#` for comments, C-style quotes for unusual ones (gitrepository-layout(5)). */
export function parseAlternates(text: string): readonly string[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => (line.startsWith('"') ? unquote(line) : line));
}

function unquote(line: string): string {
  return line
    .replace(/^"|"$/gu, "")
    .replace(/\\([\\"n])/gu, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}

/** The reverse: every path in quotes, so that a line feed or a leading `#` in it means nothing. */
export function formatAlternates(stores: readonly string[]): string {
  return stores
    .map((store) => `"${store.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"\n`)
    .join("");
}
