import type { OwnedFiles } from "../model/index.ts";

/** CODEOWNERS as it is written: which owners a path has, and the lines that GitHub skips. */
export interface CodeOwners {
  /** Undefined once all paths that were asked for took more steps than there are: who owns it is not known then. */
  readonly ownersOf: (path: string) => OwnedFiles["owners"] | undefined;
  readonly errors: readonly string[];
}

/** GitHub does not load a larger file, and no owner is asked then. */
export const LARGEST_CODE_OWNERS = 3 * 1024 * 1024;
const MOST_ERRORS = 20;
const LONGEST_PATTERN = 1024;
/** For all paths together: about a second, in which nothing else runs. 3,000 files by 5,000 plain rules take a quarter. */
const MOST_STEPS = 60_000_000;

/**
 * Reads CODEOWNERS as GitHub does (docs.github.com, "About code owners"): the last pattern that matches decides, also one
 * without owners, and lines that are not understood are skipped. Patterns are those of gitignore without negation,
 * classes and escapes, and case counts. A rule is linear in pattern times path, and the steps of all rules are counted.
 */
export function readCodeOwners(text: string, steps = MOST_STEPS): CodeOwners {
  const rules: OwnerRule[] = [];
  const errors: string[] = [];
  for (const [index, line] of text.split(/\r?\n/u).entries()) {
    const [pattern, ...owners] = splitLine(line);
    if (pattern === undefined) continue;
    const wrong = owners.find((owner) => !OWNER.test(owner));
    const problem =
      wrong === undefined ? findProblem(pattern) : "names an owner that is neither a user, a team nor an address";
    if (problem === undefined)
      rules.push({ ...compile(pattern), owners: owners.map((owner) => owner.replace(/^@/u, "")) });
    else if (errors.length < MOST_ERRORS) errors.push(`Line ${index + 1} of CODEOWNERS ${problem}, so GitHub skips it`);
  }
  const left = { steps };
  return { ownersOf: (path) => findOwners(rules, path, left), errors };
}

interface OwnerRule extends Pattern {
  readonly owners: readonly string[];
}

/** What is left of the steps that may be taken. */
interface StepsLeft {
  steps: number;
}

function findOwners(rules: readonly OwnerRule[], path: string, left: StepsLeft): readonly string[] | undefined {
  const names = path.split("/").map((name) => name.split(""));
  for (let at = rules.length - 1; at >= 0; at--) {
    const rule = rules[at];
    left.steps--;
    if (rule === undefined || !path.startsWith(rule.prefix)) continue;
    const isMatch = rule.matches(names, left);
    if (left.steps < 0) return undefined;
    if (isMatch) return rule.owners;
  }
  return left.steps < 0 ? undefined : [];
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

interface Pattern {
  /** Folders that every path begins with that it matches: most rules are told apart by these. */
  readonly prefix: string;
  readonly matches: (names: readonly (readonly string[])[], left: StepsLeft) => boolean;
}

/** A part of a pattern: any number of folders, or the characters of a name. */
type Part = "**" | readonly string[];

/** `**` stands for any number of folders; one more part ends the pattern in what is below a folder, at any depth. */
function compile(pattern: string): Pattern {
  const isFolder = pattern.endsWith("/");
  const body = pattern.replace(/^\/+|\/+$/gu, "");
  const isAnchored = pattern.replace(/\/+$/u, "").includes("/");
  const texts = [...(isAnchored ? [] : ["**"]), ...body.split(/\/+/u)].filter(
    (part, index, all) => part !== "**" || all[index - 1] !== "**",
  );
  // `docs/*` is about the files right in it; any other pattern is about what is below what it matches, too.
  const isDirect = isAnchored && !isFolder && texts.at(-1) === "*";
  const toPart = (text: string): Part => (text === "**" ? text : text.split(""));
  const whole = texts.map(toPart);
  const below = [...texts, "*", ...(isDirect ? [] : ["**"])].map(toPart);
  const wild = texts.findIndex((text) => /[*?]/u.test(text));
  return {
    prefix: texts.slice(0, wild < 0 ? undefined : wild).join("/"),
    matches: (names, left) =>
      (!isFolder && matchPath(whole, names, left)) || (!isDirect && matchPath(below, names, left)),
  };
}

function matchPath(parts: readonly Part[], names: readonly (readonly string[])[], left: StepsLeft): boolean {
  return matchAll<Part, readonly string[]>(
    parts,
    names,
    (part) => part === "**",
    (part, name) => part !== "**" && matchName(part, name, left),
    left,
  );
}

function matchName(pattern: readonly string[], name: readonly string[], left: StepsLeft): boolean {
  return matchAll<string, string>(
    pattern,
    name,
    (char) => char === "*",
    (char, other) => char === "?" || char === other,
    left,
  );
}

/** Greedy, and on a mismatch back to the last star only: never exponential. Says no where no steps are left. */
function matchAll<P, T>(
  pattern: readonly P[],
  text: readonly T[],
  isStar: (part: P) => boolean,
  matchesOne: (part: P, other: T) => boolean,
  left: StepsLeft,
): boolean {
  let [at, read, star, starRead] = [0, 0, -1, 0];
  while (read < text.length) {
    if (left.steps-- <= 0) return false;
    const [part, other] = [pattern[at], text[read]];
    if (part !== undefined && isStar(part)) {
      star = at++;
      starRead = read;
    } else if (part !== undefined && other !== undefined && matchesOne(part, other)) {
      at++;
      read++;
    } else if (star >= 0) {
      at = star + 1;
      read = ++starRead;
    } else return false;
  }
  for (let part = pattern[at]; part !== undefined && isStar(part); part = pattern[at]) at++;
  return at === pattern.length;
}
