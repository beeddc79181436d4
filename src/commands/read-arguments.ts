import { CHECK_NAMES, findCheck, type CommandArguments, type FreezeEnd } from "../model/index.ts";

/** What a command is told, or what is wrong with it, in a few words that repeat nothing of it. */
export type ArgumentsReading<Arguments> =
  { readonly kind: "read"; readonly args: Arguments } | { readonly kind: "wrong"; readonly problem: string };

/** Reads the words after a command's name. Strict: a word that it does not take is a problem, never left out. */
export type ReadArguments<Arguments> = (words: readonly string[]) => ArgumentsReading<Arguments>;

const LONGEST_REASON = 300;
const LONGEST_FREEZE = 366 * 86_400_000;
const UNITS: ReadonlyMap<string, number> = new Map([
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
  ["w", 604_800_000],
]);

export function takesNothing(words: readonly string[]): ArgumentsReading<Readonly<Record<string, never>>> {
  return words.length === 0 ? { kind: "read", args: {} } : wrong("it takes no arguments");
}

/** The app's id as the report writes it, which may hold spaces. */
export const readApp: ReadArguments<CommandArguments["diff"]> = (words) => {
  const app = words.join(" ");
  if (app.length > 1000 || isHidden(app)) return wrong("it takes the id of an app, as the report writes it");
  return { kind: "read", args: { app: app === "" ? undefined : app } };
};

export const readCheck: ReadArguments<CommandArguments["explain"]> = ([word, ...more]) => {
  const check = word === undefined ? undefined : findCheck(word);
  if (more.length > 0 || (word !== undefined && check === undefined)) {
    return wrong(`it takes one check at most: ${CHECK_NAMES.map((name) => `\`${name}\``).join(", ")}`);
  }
  return { kind: "read", args: { check } };
};

export const readOptionalEnvironment: ReadArguments<CommandArguments["approve"]> = (words) => {
  const [environment] = words;
  if (words.length > 1) return wrong("it takes one environment at most");
  return environment === undefined || isEnvironment(environment)
    ? { kind: "read", args: { environment } }
    : wrong(NO_ENVIRONMENT);
};

export const readEnvironment: ReadArguments<CommandArguments["unfreeze"]> = ([environment, ...more]) => {
  if (environment === undefined || more.length > 0) return wrong("it takes one environment");
  return isEnvironment(environment) ? { kind: "read", args: { environment } } : wrong(NO_ENVIRONMENT);
};

export const readOptionalReason: ReadArguments<CommandArguments["hold"]> = (words) => {
  const problem = findReasonProblem(words);
  return problem === undefined ? { kind: "read", args: { reason: joinReason(words) } } : wrong(problem);
};

export const readLock: ReadArguments<CommandArguments["lock"]> = ([environment, ...words]) => {
  if (environment === undefined) return wrong("it takes an environment, and a reason if you like");
  if (!isEnvironment(environment)) return wrong(NO_ENVIRONMENT);
  const problem = findReasonProblem(words);
  return problem === undefined ? { kind: "read", args: { environment, reason: joinReason(words) } } : wrong(problem);
};

/** A word after the environment that begins with a digit is meant as the end: one that is none is no reason either. */
export const readFreeze: ReadArguments<CommandArguments["freeze"]> = ([environment, ...words]) => {
  if (environment === undefined) return wrong("it takes an environment, and an end and a reason if you like");
  if (!isEnvironment(environment)) return wrong(NO_ENVIRONMENT);
  const [first = ""] = words;
  const isTimed = /^\d/u.test(first);
  const until = isTimed ? readEnd(first) : undefined;
  if (isTimed && until === undefined) {
    return wrong("its end is written `24h` or `2026-12-24T18:00Z`, with the offset, and at most a year away");
  }
  const rest = isTimed ? words.slice(1) : words;
  const problem = findReasonProblem(rest);
  return problem === undefined
    ? { kind: "read", args: { environment, until, reason: joinReason(rest) } }
    : wrong(problem);
};

/** Rules are named as checks name them. That there is such a rule is asked where it is overridden. */
export const readOverride: ReadArguments<CommandArguments["override"]> = ([rule, ...words]) => {
  if (rule === undefined || words.length === 0) return wrong("it takes a rule and the reason");
  if (!/^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/u.test(rule)) return wrong("a rule is named as the check names it");
  const problem = findReasonProblem(words);
  return problem === undefined ? { kind: "read", args: { rule, reason: words.join(" ") } } : wrong(problem);
};

export const readMerge: ReadArguments<CommandArguments["merge"]> = (words) => {
  const wish = words.join(" ");
  if (wish === "when ready") return { kind: "read", args: { wish: "when-ready" } };
  return wish === "cancel" ? { kind: "read", args: { wish } } : wrong("it is `merge when ready`, or `merge cancel`");
};

const NO_ENVIRONMENT = "an environment's name is letters, digits, dots and dashes, at most 63";

function wrong(problem: string): { readonly kind: "wrong"; readonly problem: string } {
  return { kind: "wrong", problem };
}

/** As the config's schema has it; whether there is such an environment only the config says. */
function isEnvironment(word: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/u.test(word);
}

function joinReason(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : words.join(" ");
}

/** What is wrong with a reason, as a clause; undefined when it may be kept and shown. */
export function findReasonProblem(words: readonly string[]): string | undefined {
  const reason = words.join(" ");
  if (reason.length > LONGEST_REASON) return `a reason has at most ${LONGEST_REASON} characters`;
  return isHidden(reason) ? "its reason holds characters that cannot be seen" : undefined;
}

/** Characters that act on the text around them or that nobody sees. */
function isHidden(text: string): boolean {
  return /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u.test(text);
}

/** `24h`, or a moment with its offset; undefined for what is neither, or more than a year. */
export function readEnd(word: string): FreezeEnd | undefined {
  const [, amount = "", unit = ""] = /^(\d{1,5})([mhdw])$/u.exec(word) ?? [];
  const milliseconds = Number(amount) * (UNITS.get(unit) ?? 0);
  if (milliseconds > 0) return milliseconds <= LONGEST_FREEZE ? { kind: "after", milliseconds } : undefined;
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})$/u.test(word)) return undefined;
  const moment = Date.parse(word);
  return Number.isNaN(moment) ? undefined : { kind: "at", moment };
}
