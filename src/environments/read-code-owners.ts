import type { OwnedFiles } from "../model/index.ts";

/** CODEOWNERS as it is written: which owners a path has, and the lines that GitHub skips. */
export interface CodeOwners {
  readonly ownersOf: (path: string) => OwnedFiles["owners"];
  readonly errors: readonly string[];
}

/** GitHub does not load a larger file, and no owner is asked then. */
export const LARGEST_CODE_OWNERS = 3 * 1024 * 1024;
const MOST_ERRORS = 20;
const LONGEST_PATTERN = 1024;

/**
 * Reads CODEOWNERS as GitHub does (docs.github.com, "About code owners"): the last pattern that matches decides, also one
 * without owners, and lines that are not understood are skipped. Patterns are those of gitignore without negation,
 * classes and escapes, and case counts. Linear in pattern times path, whatever the file holds.
 */
export function readCodeOwners(text: string): CodeOwners {
  const rules: { readonly matches: (names: readonly string[]) => boolean; readonly owners: readonly string[] }[] = [];
  const errors: string[] = [];
  for (const [index, line] of text.split(/\r?\n/u).entries()) {
    const [pattern, ...owners] = splitLine(line);
    if (pattern === undefined) continue;
    const wrong = owners.find((owner) => !OWNER.test(owner));
    const problem =
      wrong === undefined ? findProblem(pattern) : "names an owner that is neither a user, a team nor an address";
    if (problem === undefined)
      rules.push({ matches: compile(pattern), owners: owners.map((owner) => owner.replace(/^@/u, "")) });
    else if (errors.length < MOST_ERRORS) errors.push(`Line ${index + 1} of CODEOWNERS ${problem}, so GitHub skips it`);
  }
  return {
    ownersOf: (path) => {
      const names = path.split("/");
      return rules.findLast(({ matches }) => matches(names))?.owners ?? [];
    },
    errors,
  };
}

const OWNER = /^(?:@[\w-]+(?:\[bot\])?|@[\w-]+\/[\w.-]+|[^\s@]+@[^\s@]+)$/u;

/** Pattern and owners, without comments. A space in a path is written `\ `. */
function splitLine(line: string): readonly string[] {
  const words = line.match(/(?:\\ |\S)+/gu) ?? [];
  const comment = words.findIndex((word) => word.startsWith("#"));
  return words.slice(0, comment < 0 ? undefined : comment).map((word) => word.replaceAll("\\ ", " "));
}

function findProblem(pattern: string): string | undefined {
  if (pattern.length > LONGEST_PATTERN) return "is too long";
  if (pattern.startsWith("!")) return "negates a pattern";
  if (/[[\]]/u.test(pattern)) return "has a character class";
  if (pattern.includes("\\")) return "escapes a character";
  return /^\/*$/u.test(pattern) ? "has an empty pattern" : undefined;
}

/** `**` stands for any number of folders; undefined ends the pattern in what is below a folder, at any depth. */
function compile(pattern: string): (names: readonly string[]) => boolean {
  const isFolder = pattern.endsWith("/");
  const body = pattern.replace(/^\/+|\/+$/gu, "");
  const isAnchored = pattern.replace(/\/+$/u, "").includes("/");
  const parts = [...(isAnchored ? [] : ["**"]), ...body.split(/\/+/u)].filter(
    (part, index, all) => part !== "**" || all[index - 1] !== "**",
  );
  // `docs/*` is about the files right in it; any other pattern is about what is below what it matches, too.
  const isDirect = isAnchored && !isFolder && parts.at(-1) === "*";
  const below = isDirect ? [] : ["**"];
  return (names) => {
    const whole = matchAll(parts, names, (part) => part === "**", matchName);
    const isBelow = matchAll([...parts, "*", ...below], names, (part) => part === "**", matchName);
    return (!isFolder && whole) || (!isDirect && isBelow);
  };
}

function matchName(pattern: string, name: string): boolean {
  return matchAll(
    pattern.split(""),
    name.split(""),
    (char) => char === "*",
    (char, other) => char === "?" || char === other,
  );
}

/** Greedy, and on a mismatch back to the last star only: never exponential. */
function matchAll(
  pattern: readonly string[],
  text: readonly string[],
  isStar: (part: string) => boolean,
  matchesOne: (part: string, other: string) => boolean,
): boolean {
  let [at, read, star, starRead] = [0, 0, -1, 0];
  while (read < text.length) {
    const part = pattern[at];
    if (part !== undefined && isStar(part)) {
      star = at++;
      starRead = read;
    } else if (part !== undefined && matchesOne(part, text[read] ?? "")) {
      at++;
      read++;
    } else if (star >= 0) {
      at = star + 1;
      read = ++starRead;
    } else return false;
  }
  while (at < pattern.length && isStar(pattern[at] ?? "")) at++;
  return at === pattern.length;
}
