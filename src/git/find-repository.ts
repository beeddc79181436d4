import { existsSync, lstatSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "../model/index.ts";

/** Where a local repository keeps its parts. All paths are absolute and real. */
export interface RepositoryPlace {
  /** `HEAD` and the index: the repository itself, or the linked work tree's directory in it. */
  readonly gitDirectory: string;
  /** Objects, refs and configuration. */
  readonly commonDirectory: string;
  /** The user's files; undefined for a bare repository. */
  readonly workTree: string | undefined;
}

/**
 * Finds the repository that `directory` is in: a work tree or a directory of one, a linked work tree, a submodule, or
 * a bare repository. Fails with a UsageError when there is none.
 *
 * It looks by itself rather than by `git rev-parse`: that would read the repository's configuration and refuse
 * directories of other users (`safe.directory`), which is common in CI containers and harmless here, because nothing
 * of what is found is ever run.
 */
export function findRepository(directory: string): RepositoryPlace {
  const found = lookUpwards(realDirectory(directory));
  if (found !== undefined) return found;
  throw new UsageError(`"${directory}" is not inside a git repository; name one with --repo.`);
}

/**
 * The root of the files that `directory` is among: that of its work tree, or itself outside of any repository. Fails
 * with a UsageError for a bare repository, which has no files.
 */
export function findFilesRoot(directory: string): string {
  const start = realDirectory(directory);
  const found = lookUpwards(start);
  if (found === undefined) return start;
  if (found.workTree !== undefined) return found.workTree;
  throw new UsageError(`"${directory}" is a bare repository: it has no files. Name a clone with --repo.`);
}

function lookUpwards(start: string): RepositoryPlace | undefined {
  for (let at = start; ; at = dirname(at)) {
    const found = openDotGit(at) ?? openGitDirectory(at, undefined);
    if (found !== undefined || dirname(at) === at) return found;
  }
}

function realDirectory(directory: string): string {
  try {
    const real = realpathSync(resolve(directory));
    if (statSync(real).isDirectory()) return real;
  } catch (cause) {
    throw new UsageError(`"${directory}" does not exist or cannot be read.`, { cause });
  }
  throw new UsageError(`"${directory}" is not a directory.`);
}

function openDotGit(directory: string): RepositoryPlace | undefined {
  const path = join(directory, ".git");
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (stat.isDirectory()) return openGitDirectory(realpathSync(path), directory);
  if (!stat.isFile()) return undefined;
  const [, target] = /^gitdir: (.+?)\r?\n*$/u.exec(readFileSync(path, "utf8")) ?? [];
  const place = target === undefined ? undefined : resolve(directory, target);
  if (place !== undefined && existsSync(place)) {
    const found = openGitDirectory(realpathSync(place), directory);
    if (found !== undefined) return found;
  }
  throw new UsageError(`"${path}" points to "${target ?? ""}", which is no git repository.`);
}

/** A git directory has a HEAD, and objects and refs of its own or in the directory that `commondir` names. */
function openGitDirectory(directory: string, workTree: string | undefined): RepositoryPlace | undefined {
  if (lstatSync(join(directory, "HEAD"), { throwIfNoEntry: false }) === undefined) return undefined;
  const commonFile = join(directory, "commondir");
  const commonDirectory = existsSync(commonFile)
    ? resolve(directory, readFileSync(commonFile, "utf8").trim())
    : directory;
  const isComplete = ["objects", "refs"].every((part) => isDirectory(join(commonDirectory, part)));
  if (!isComplete) return undefined;
  return { gitDirectory: directory, commonDirectory: realpathSync(commonDirectory), workTree };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** What people call the repository when no remote says: the same in each of its linked work trees. */
export function directoryName(place: RepositoryPlace): string {
  const { commonDirectory } = place;
  const name = basename(commonDirectory) === ".git" ? basename(dirname(commonDirectory)) : basename(commonDirectory);
  return name.replace(/\.git$/u, "") || "repository";
}
