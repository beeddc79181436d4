import { readRepositoryConfig, type ConfigProblem, type RepositoryConfig } from "../config/index.ts";
import { UsageError, type Finding, type Tree } from "../model/index.ts";
import { BUILT_IN_RULES, checkRuleConfig } from "../policy/index.ts";

export const CONFIG_FILE = ".github/drydock.yaml";

/** The config a check goes by, and what a report has to say about it. */
export interface LoadedConfig {
  readonly config: RepositoryConfig;
  /** The text it was read from; undefined when there was no file. Names what a result depends on. */
  readonly text: string | undefined;
  readonly notes: readonly string[];
  /** True when the base never had a valid config: then only a change that makes it valid can pass. */
  readonly isNeverValid: boolean;
}

/** A config file as messages name it. */
export interface ConfigPlace {
  readonly file: string;
  /** Begins a sentence. */
  readonly subject: string;
}

const ON_BASE: ConfigPlace = { file: CONFIG_FILE, subject: "The config on the base" };

/** Earlier texts of the config file on the base's history, newest first. */
export type ConfigHistory = () => AsyncIterable<{ readonly commit: string; readonly text: string }>;

/** For files that are looked at as they are: a bare tree, a work tree. */
export const NO_HISTORY: ConfigHistory = async function* () {
  // There is nothing before them.
};

/**
 * Reads the config that a check goes by from the base. If it is invalid there, the last valid one of the base's
 * history is used and a note says so; if there never was one, the defaults are used and the check cannot pass.
 */
export async function loadConfig(
  base: Tree,
  history: ConfigHistory,
  { file, subject }: ConfigPlace = ON_BASE,
): Promise<LoadedConfig> {
  const describe = (problem: ConfigProblem): string => describeAt(file, problem);
  const text = await readTextFile(base, CONFIG_FILE);
  const reading = readRepositoryConfig(text, file);
  if (reading.kind !== "invalid") {
    const notices = reading.kind === "loaded" ? reading.notices : [];
    const misspelt = findRuleProblems(reading.config).map(describe);
    return { config: reading.config, text, notes: [...notices.map(describe), ...misspelt], isNeverValid: false };
  }
  const broken = reading.problems.map(describe).slice(0, 3).join("; ");
  for await (const earlier of history()) {
    const past = readRepositoryConfig(earlier.text, file);
    if (past.kind !== "loaded") continue;
    const note = `${subject} is invalid (${broken}); the one of commit ${earlier.commit.slice(0, 10)} is used.`;
    return { config: past.config, text: earlier.text, notes: [note], isNeverValid: false };
  }
  const note = `${subject} is invalid (${broken}) and there is no earlier valid one; the defaults are used.`;
  return { config: defaultConfig(file), text: undefined, notes: [note], isNeverValid: true };
}

/** Reads a config file that the user named. Throws a UsageError that lists every problem. */
export function parseGivenConfig(text: string, file: string): LoadedConfig {
  const reading = readRepositoryConfig(text, file);
  if (reading.kind === "invalid") {
    throw new UsageError(
      `the config is invalid\n${reading.problems.map((p) => `  ${describeAt(file, p)}`).join("\n")}`,
    );
  }
  const notices = reading.kind === "loaded" ? reading.notices : [];
  return { config: reading.config, text, notes: notices.map(describeProblem), isNeverValid: false };
}

/** What is wrong with the config that a change brings, each problem on its line. Empty when it is valid or absent. */
export async function judgeConfig(head: Tree): Promise<readonly Finding[]> {
  const reading = readRepositoryConfig(await readTextFile(head, CONFIG_FILE), CONFIG_FILE);
  const problems = reading.kind === "invalid" ? reading.problems : findRuleProblems(reading.config);
  return problems.map((problem) => ({
    rule: "config",
    level: "error",
    message: problem.message,
    resource: undefined,
    path: [...problem.path],
    location: { file: CONFIG_FILE, line: problem.line, endLine: undefined, column: problem.column },
    isRendered: false,
    help: "See docs/configuration.md for the keys and their values.",
  }));
}

/** Rules and options that the config names and that are not there: a misspelt one changes nothing, so it is said (T38). */
export function findRuleProblems({ policy }: RepositoryConfig): readonly ConfigProblem[] {
  return checkRuleConfig(policy.rules, BUILT_IN_RULES).map(({ line, message }) => ({
    ...{ line, message, column: 1 },
    path: ["policy", "rules"],
  }));
}

function defaultConfig(file: string): RepositoryConfig {
  const reading = readRepositoryConfig(undefined, file);
  if (reading.kind === "invalid") throw new Error("the defaults of the config are invalid");
  return reading.config;
}

function describeProblem(problem: ConfigProblem): string {
  return describeAt(CONFIG_FILE, problem);
}

function describeAt(file: string, problem: ConfigProblem): string {
  return `${file}:${problem.line}:${problem.column}: ${problem.message}`;
}

/** The text of a file of the tree; undefined when it is not there or is no file. Links inside the tree are followed. */
export async function readTextFile(tree: Tree, path: string): Promise<string | undefined> {
  const found = await tree.resolve(path);
  if (found.kind !== "file") return undefined;
  const [bytes] = await tree.readBlobs([found.id]);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8");
}
