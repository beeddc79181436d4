import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { Fault } from "../model/index.ts";

/** One proposed change of the sample repository. */
export interface SampleChange {
  /** The branch it is on: one of its own, or that of an environment. */
  readonly branch: string;
  /** The branch it is to be merged into. */
  readonly base: string;
  readonly title: string;
  /** What its pull request says, Markdown. */
  readonly text: string;
  /** Login of who opens it. */
  readonly author: string;
  /** How its gate has to end; `waiting` for people or for time. */
  readonly gate: "success" | "failure" | "waiting";
  /** What a visitor may try on it, Markdown. */
  readonly hint?: string;
  /** What mends it, where the sample knows. */
  readonly fix?: SampleFix;
}

/** A commit that makes a change of the sample pass. */
export interface SampleFix {
  readonly title: string;
  /** Path → the whole file. */
  readonly files: Readonly<Record<string, string>>;
}

/** The sample config repository as it was made. */
export interface Sample {
  readonly repository: string;
  readonly changes: readonly SampleChange[];
}

/** A file of `demo/changes/<name>/change.json`; the title is the commit's subject too. */
interface ChangeDescription extends Omit<SampleChange, "branch" | "base" | "fix"> {
  /** Its branch where it is not called like its folder. */
  readonly head?: string;
  /** What it is made from, and to be merged into, where that is not `main`. */
  readonly base?: string;
  /** Paths that the change deletes. */
  readonly remove: readonly string[];
  /** Title of the commit that mends it; its files are in `fix/`. */
  readonly fix?: string;
}

/** Fixed, so that the sample's commit ids are the same everywhere. Seconds since 1970. */
const FIRST_COMMIT_TIME = 1_767_225_600;

/**
 * Makes the sample config repository in `directory` (emptied first) from the files in `source`, with real history:
 * `sample/` is the main branch, `ledger/` the branch `ledger/prod`, each `changes/<name>/` a branch on top of one of
 * them. Git is found on `path`. Throws a Fault when git fails.
 */
export async function buildSample(source: string, directory: string, path: string): Promise<Sample> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const git = createGit(directory, path);
  await git(["init", "--quiet", "--initial-branch=main"]);
  await commitHistory(git, join(source, "sample"), directory);
  await git(["switch", "--quiet", "--orphan", "ledger/prod"]);
  await commitHistory(git, join(source, "ledger"), directory);
  const changes: SampleChange[] = [];
  for (const name of readdirSync(join(source, "changes")).sort(BY_NUMBER.compare)) {
    changes.push(await commitChange(git, join(source, "changes", name), directory, name));
  }
  await git(["switch", "--quiet", "main"]);
  return { repository: directory, changes };
}

/** Pushes all branches of the sample into a bare repository of this machine. Throws a Fault when git fails. */
export async function pushSample({ repository }: Sample, bareDirectory: string, path: string): Promise<void> {
  await createGit(repository, path)(["push", "--quiet", "--all", bareDirectory]);
}

/** Of folders that begin with one: 2 before 10. */
const BY_NUMBER = new Intl.Collator("en", { numeric: true });

/** One commit a top-level folder, so that the history reads as a team's. */
async function commitHistory(git: Git, sample: string, directory: string): Promise<void> {
  for (const name of readdirSync(sample).sort()) {
    cpSync(join(sample, name), join(directory, name), { recursive: true });
    await git(["add", "--all"]);
    await git(["commit", "--quiet", "--message", `Add ${name}`]);
  }
}

async function commitChange(git: Git, source: string, directory: string, name: string): Promise<SampleChange> {
  const {
    remove,
    fix,
    head: branch = name,
    base = "main",
    ...described
  } = JSON.parse(readFileSync(join(source, "change.json"), "utf8")) as ChangeDescription;
  await git(["switch", "--quiet", "--create", branch, base]);
  cpSync(source, directory, { recursive: true, filter: (file) => !isAboutChange(relative(source, file)) });
  for (const path of remove) rmSync(join(directory, path));
  await git(["add", "--all"]);
  await git(["commit", "--quiet", "--message", described.title], personOf(described.author));
  return { branch, base, ...described, ...(fix === undefined ? {} : { fix: readFix(join(source, "fix"), fix) }) };
}

function isAboutChange(path: string): boolean {
  return path === "change.json" || path === "fix";
}

function readFix(directory: string, title: string): SampleFix {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const read = ({ parentPath, name }: (typeof entries)[number]): readonly [string, string] => {
    const file = join(parentPath, name);
    return [relative(directory, file), readFileSync(file, "utf8")];
  };
  return { title, files: Object.fromEntries(entries.map(read)) };
}

interface Person {
  readonly name: string;
  readonly email: string;
}

/** Somebody with an account: the stand-in tells them by the name. */
function personOf(login: string): Person {
  return { name: login, email: `${login}@users.noreply.github.com` };
}

const FOUNDER: Person = { name: "Sample Author", email: "author@example.com" };

type Git = (args: readonly string[], person?: Person) => Promise<void>;

function createGit(directory: string, path: string): Git {
  let time = FIRST_COMMIT_TIME;
  return (args, { name, email } = FOUNDER) => {
    time += 60;
    const identity = Object.fromEntries(
      Object.entries({ NAME: name, EMAIL: email, DATE: `${time} +0000` }).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value],
      ]),
    );
    const env = { PATH: path, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", ...identity };
    return new Promise((resolve, reject) => {
      const child = spawn("git", args, { cwd: directory, env, stdio: ["ignore", "ignore", "inherit"] });
      child.once("error", (cause) => reject(new Fault("git could not be started; is it installed?", { cause })));
      child.once("close", (code) =>
        code === 0 ? resolve() : reject(new Fault(`git ${args[0] ?? ""} ended with status ${code ?? "?"}`)),
      );
    });
  };
}
