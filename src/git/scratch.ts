import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../model/index.ts";
import { findObjectStores, formatAlternates } from "./alternates.ts";
import { findRepository, type RepositoryPlace } from "./find-repository.ts";
import { readGitConfig, requireGit, type GitPlace, type ObjectFormat } from "./run-git.ts";

/**
 * A bare repository of our own that borrows the objects of a user's repository and sees its refs. All git runs in it,
 * whatever is written is written to it, and no configuration, hook, filter or merge driver of the user's exists in it.
 */
export interface Scratch extends GitPlace {
  readonly repository: RepositoryPlace;
  /** The repository's own settings, as data: the last value of each name. */
  readonly settings: ReadonlyMap<string, string>;
  /** History was cut off at some depth. */
  readonly isShallow: boolean;
  /** Objects were left out when it was cloned (`--filter`). */
  readonly isPartial: boolean;
  /** Removes the directory. */
  close(): void;
}

/** A file in the scratch directory that tells whoever reads objects there that some may have been left out. */
export const PARTIAL_MARK = "drydock-partial";

/** Merging and comparing behave alike everywhere: git's own defaults, spelled out. */
const SETTINGS = `
	bare = true
	attributesFile = /dev/null
	excludesFile = /dev/null
	hooksPath = /dev/null
	fsmonitor = false
	untrackedCache = false
	autocrlf = false
	safecrlf = false
	logAllRefUpdates = false
	warnAmbiguousRefs = false
[merge]
	renames = true
	renameLimit = 7000
	directoryRenames = conflict
	conflictStyle = merge
	renormalize = false
[diff]
	renames = false
	renameLimit = 1000
	algorithm = default
[gc]
	auto = 0
[maintenance]
	auto = false
[protocol]
	allow = never
[submodule]
	recurse = false
`;

const openDirectories = new Set<string>();

/**
 * Makes a scratch directory for the repository that `repositoryDirectory` is in, below `parent` (the system's temporary
 * directory). It is removed by `close`, at the latest when the process exits. Fails with a UsageError when there is no
 * repository, no git or one older than 2.38.
 */
export async function openScratch(
  repositoryDirectory: string,
  options: { readonly parent?: string } = {},
): Promise<Scratch> {
  const repository = findRepository(repositoryDirectory);
  const [settings] = await Promise.all([readSettings(repository), requireGit(repository.commonDirectory)]);
  const objectFormat = readObjectFormat(settings);
  const isPartial = [...settings].some(([name, value]) => isPartialSetting(name, value));
  const isShallow = existsSync(join(repository.commonDirectory, "shallow"));
  const directory = mkdtempSync(join(realpathSync(options.parent ?? tmpdir()), "drydock-git-"));
  removeOnExit(directory);
  fillScratch(directory, repository, objectFormat);
  if (isPartial) writeFileSync(join(directory, PARTIAL_MARK), "");
  const close = (): void => removeScratch(directory);
  return { directory, objectFormat, repository, settings, isShallow, isPartial, close };
}

async function readSettings(repository: RepositoryPlace): Promise<ReadonlyMap<string, string>> {
  const file = join(repository.commonDirectory, "config");
  return existsSync(file) ? new Map(await readGitConfig(file, repository.commonDirectory)) : new Map();
}

function readObjectFormat(settings: ReadonlyMap<string, string>): ObjectFormat {
  if ((settings.get("extensions.refstorage") ?? "files") !== "files") {
    throw new UsageError(
      "The repository keeps its refs as a reftable; run `git refs migrate --ref-format=files` on a copy.",
    );
  }
  const format = settings.get("extensions.objectformat")?.toLowerCase() ?? "sha1";
  if (format === "sha1" || format === "sha256") return format;
  throw new UsageError("The repository's object format is neither sha1 nor sha256.");
}

function isPartialSetting(name: string, value: string): boolean {
  if (name === "extensions.partialclone") return true;
  return name.startsWith("remote.") && name.endsWith(".promisor") && value !== "false";
}

function fillScratch(directory: string, repository: RepositoryPlace, objectFormat: ObjectFormat): void {
  const { commonDirectory, gitDirectory } = repository;
  mkdirSync(join(directory, "objects", "info"), { recursive: true });
  mkdirSync(join(directory, "info"));
  const stores = findObjectStores(join(commonDirectory, "objects"));
  writeFileSync(join(directory, "objects", "info", "alternates"), formatAlternates(stores));
  const version = objectFormat === "sha1" ? 0 : 1;
  const extensions = objectFormat === "sha1" ? "" : `[extensions]\n\tobjectFormat = ${objectFormat}\n`;
  writeFileSync(join(directory, "config"), `${extensions}[core]\n\trepositoryFormatVersion = ${version}${SETTINGS}`);
  copyFileSync(join(gitDirectory, "HEAD"), join(directory, "HEAD"));
  for (const name of ["shallow", join("info", "exclude")]) {
    const source = join(commonDirectory, name);
    if (existsSync(source)) copyFileSync(source, join(directory, name));
  }
  // Links rather than copies, because a repository may have tens of thousands of refs. Nothing here writes refs.
  symlinkSync(join(commonDirectory, "refs"), join(directory, "refs"), "junction");
  symlinkSync(join(commonDirectory, "packed-refs"), join(directory, "packed-refs"), "file");
}

function removeOnExit(directory: string): void {
  if (openDirectories.size === 0) process.on("exit", removeAll);
  openDirectories.add(directory);
}

function removeAll(): void {
  for (const directory of [...openDirectories]) removeScratch(directory);
}

function removeScratch(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  openDirectories.delete(directory);
  if (openDirectories.size === 0) process.removeListener("exit", removeAll);
}
