/** A compiled pattern. `matches` takes time linear in pattern times text, whatever either of them holds. */
export interface Glob {
  readonly pattern: string;
  readonly matches: (text: string) => boolean;
}

export type GlobResult =
  { readonly kind: "glob"; readonly glob: Glob } | { readonly kind: "invalid"; readonly message: string };

const MAX_PATTERN_LENGTH = 512;
/** How many patterns `{a,b}` groups may stand for together. */
const MAX_ALTERNATIVES = 64;

/**
 * Compiles a glob over repository paths: `*` and `?` stay inside one name, `**` crosses folders, `[a-z]` and `{a,b}`
 * choose. A pattern without `/` matches that name at any depth; one with `/` starts at the repository's root. Dot files
 * are names like any other. Not a regular expression underneath: those of glob libraries backtrack, and these patterns
 * come from repositories.
 */
export function compilePathGlob(pattern: string): GlobResult {
  const problem = findProblem(pattern);
  if (problem !== undefined) return { kind: "invalid", message: problem };
  const trimmed = pattern.replace(/^\.\//, "").replace(/\/+$/, "");
  if (trimmed === "" || trimmed === ".") return { kind: "invalid", message: "an empty glob matches nothing; use **" };
  if (trimmed.split("/").includes("..")) return { kind: "invalid", message: "a glob cannot lead out with .." };
  if (!trimmed.includes("/") && trimmed !== "**") return compileNameGlob(pattern, trimmed);
  const alternatives = expandBraces(trimmed.replace(/^\/+/, ""));
  if (alternatives === undefined) return { kind: "invalid", message: tooManyAlternatives };
  const compiled = alternatives.map((alternative) => alternative.split("/").map(compileSegment));
  if (compiled.some((segments) => segments.includes(undefined))) return { kind: "invalid", message: unclosedClass };
  const segments = compiled as readonly (readonly Segment[])[];
  const matches = (path: string): boolean => {
    const names = path.split("/");
    return segments.some((alternative) => matchSegments(alternative, names));
  };
  return { kind: "glob", glob: { pattern, matches: trimmed === "**" ? () => true : matches } };
}

/** A pattern without `/`: the last name of a path decides. */
function compileNameGlob(pattern: string, name: string): GlobResult {
  if (!/[*?[\]{}]/.test(name)) {
    const ending = `/${name}`;
    return { kind: "glob", glob: { pattern, matches: (path) => path === name || path.endsWith(ending) } };
  }
  const names = compileAppGlob(name);
  if (names.kind === "invalid") return names;
  const matches = (path: string): boolean => names.glob.matches(path.slice(path.lastIndexOf("/") + 1));
  return { kind: "glob", glob: { pattern, matches } };
}

/** Compiles a glob over app ids: as over paths, but `*` crosses `/` too, so that `helm:*` is every Helm app. */
export function compileAppGlob(pattern: string): GlobResult {
  const problem = findProblem(pattern);
  if (problem !== undefined) return { kind: "invalid", message: problem };
  const alternatives = expandBraces(pattern);
  if (alternatives === undefined) return { kind: "invalid", message: tooManyAlternatives };
  const compiled = alternatives.map((alternative) => compileTokens(alternative));
  if (compiled.includes(undefined)) return { kind: "invalid", message: unclosedClass };
  const tokens = compiled as readonly (readonly Token[])[];
  return {
    kind: "glob",
    glob: { pattern, matches: (id) => tokens.some((alternative) => matchTokens(alternative, id)) },
  };
}

const tooManyAlternatives = `the {a,b} groups stand for more than ${MAX_ALTERNATIVES} patterns, or one is not closed`;
const unclosedClass = "a [ is not closed, or holds nothing";

function findProblem(pattern: string): string | undefined {
  if (pattern === "") return "an empty glob matches nothing; use **";
  if (pattern.length > MAX_PATTERN_LENGTH) return `a glob can have at most ${MAX_PATTERN_LENGTH} characters`;
  if (pattern.startsWith("!")) return "a glob cannot start with !; use include and exclude";
  if (/[@!+?*]\(/.test(pattern)) return "groups such as !(a) or +(a) are not known here; use {a,b}";
  if (/[\u0000-\u001f\u007f\\]/.test(pattern)) return "backslashes and control characters are not allowed in a glob";
  return undefined;
}

/** All patterns that the `{a,b}` groups stand for; undefined when they are too many or not closed. */
function expandBraces(pattern: string): readonly string[] | undefined {
  let open = [pattern];
  const done: string[] = [];
  while (open.length > 0) {
    const next: string[] = [];
    for (const candidate of open) {
      const parts = splitFirstGroup(candidate);
      if (parts === undefined) return undefined;
      if (parts.choices.length === 0) done.push(candidate);
      for (const choice of parts.choices) next.push(parts.before + choice + parts.after);
      if (done.length + next.length > MAX_ALTERNATIVES) return undefined;
    }
    open = next;
  }
  return done;
}

interface BraceGroup {
  readonly before: string;
  readonly choices: readonly string[];
  readonly after: string;
}

function splitFirstGroup(pattern: string): BraceGroup | undefined {
  const start = pattern.indexOf("{");
  if (start < 0) return pattern.includes("}") ? undefined : { before: pattern, choices: [], after: "" };
  const choices: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let index = start; index < pattern.length; index++) {
    const char = pattern[index];
    if (char === "{") depth++;
    else if (char === "," && depth === 1) {
      choices.push(pattern.slice(from, index));
      from = index + 1;
    } else if (char === "}" && --depth === 0) {
      choices.push(pattern.slice(from, index));
      return { before: pattern.slice(0, start), choices, after: pattern.slice(index + 1) };
    }
  }
  return undefined;
}

type Token =
  | { readonly kind: "char"; readonly char: string }
  | { readonly kind: "any" }
  | { readonly kind: "star" }
  | { readonly kind: "class"; readonly isNegated: boolean; readonly ranges: readonly (readonly [string, string])[] };

type Segment = "**" | readonly Token[];

function compileSegment(text: string): Segment | undefined {
  return text === "**" ? "**" : compileTokens(text);
}

function compileTokens(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index);
    if (char === "*") {
      if (tokens.at(-1)?.kind !== "star") tokens.push({ kind: "star" });
    } else if (char === "?") tokens.push({ kind: "any" });
    else if (char === "[") {
      const end = text.indexOf("]", index + 2);
      if (end < 0) return undefined;
      tokens.push(compileClass(text.slice(index + 1, end)));
      index = end;
    } else tokens.push({ kind: "char", char });
  }
  return tokens;
}

function compileClass(text: string): Token {
  const isNegated = text.startsWith("!") || text.startsWith("^");
  const body = isNegated ? text.slice(1) : text;
  const ranges: [string, string][] = [];
  for (let index = 0; index < body.length; index++) {
    const isRange = body[index + 1] === "-" && index + 2 < body.length;
    ranges.push([body.charAt(index), body.charAt(isRange ? index + 2 : index)]);
    if (isRange) index += 2;
  }
  return { kind: "class", isNegated, ranges };
}

function matchesOne(token: Token, char: string): boolean {
  switch (token.kind) {
    case "char":
      return token.char === char;
    case "any":
      return true;
    case "star":
      return false;
    case "class":
      return token.ranges.some(([from, to]) => char >= from && char <= to) !== token.isNegated;
  }
}

/** Greedy, and on a mismatch back to the last `*` only: enough for globs, and never exponential. */
function matchTokens(tokens: readonly Token[], text: string): boolean {
  return matchStarred(
    tokens.length,
    text.length,
    (token) => tokens[token]?.kind === "star",
    (token, char) => {
      const wanted = tokens[token];
      return wanted !== undefined && matchesOne(wanted, text.charAt(char));
    },
  );
}

function matchSegments(segments: readonly Segment[], names: readonly string[]): boolean {
  return matchStarred(
    segments.length,
    names.length,
    (segment) => segments[segment] === "**",
    (segment, name) => {
      const wanted = segments[segment];
      return wanted !== undefined && wanted !== "**" && matchTokens(wanted, names[name] ?? "");
    },
  );
}

function matchStarred(
  patternLength: number,
  textLength: number,
  isStar: (index: number) => boolean,
  isMatch: (patternIndex: number, textIndex: number) => boolean,
): boolean {
  let pattern = 0;
  let text = 0;
  let star = -1;
  let starText = 0;
  while (text < textLength) {
    if (pattern < patternLength && isStar(pattern)) {
      star = pattern++;
      starText = text;
    } else if (pattern < patternLength && isMatch(pattern, text)) {
      pattern++;
      text++;
    } else if (star >= 0) {
      pattern = star + 1;
      text = ++starText;
    } else return false;
  }
  while (pattern < patternLength && isStar(pattern)) pattern++;
  return pattern === patternLength;
}
