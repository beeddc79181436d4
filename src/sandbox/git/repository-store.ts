import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runInRepository, type BareRepository } from "./bare-repository.ts";

/**
 * As GitHub serves git: any object by its id (a fork's head from its base repository too), partial clones, protocol 2.
 * Nothing is packed or pruned behind our back: forks share one object directory.
 */
const CONFIG = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tlogAllRefUpdates = false
[gc]
\tauto = 0
[receive]
\tautogc = false
\tdenyDeletes = false
\thideRefs = refs/pull
[uploadpack]
\tallowAnySHA1InWant = true
\tallowFilter = true
[http]
\treceivepack = true
`;

/** Bare repositories below one directory, each named by its numeric id: names may change, ids do not. */
export interface RepositoryStore {
  readonly root: string;
}

/** The repository of an id, whether it was made yet or not. */
export function repositoryOf(store: RepositoryStore, id: number): BareRepository {
  return { directory: join(store.root, `${id}.git`) };
}

/** Makes an empty repository, alone in a new object network. */
export async function createRepository(
  store: RepositoryStore,
  id: number,
  defaultBranch = "main",
): Promise<BareRepository> {
  const objects = join(store.root, "networks", String(id));
  await mkdir(join(objects, "info"), { recursive: true });
  await mkdir(join(objects, "pack"), { recursive: true });
  return await makeDirectory(store, id, objects, defaultBranch);
}

/** Makes a fork: same objects as `parent`, its branches as they are now. */
export async function forkRepository(
  store: RepositoryStore,
  parent: number,
  id: number,
  defaultBranch = "main",
): Promise<BareRepository> {
  const base = repositoryOf(store, parent);
  const fork = await makeDirectory(store, id, join(base.directory, "objects"), defaultBranch);
  const { stdout } = await runInRepository(base, [
    "for-each-ref",
    "--format=create %(refname) %(objectname)",
    "refs/heads/",
  ]);
  await runInRepository(fork, ["update-ref", "--stdin"], stdout);
  return fork;
}

/** Removes a repository; the objects stay for the others of its network. */
export async function removeRepository(store: RepositoryStore, id: number): Promise<void> {
  const { directory } = repositoryOf(store, id);
  await rename(directory, `${directory}.gone`);
  await rm(`${directory}.gone`, { recursive: true, force: true });
}

async function makeDirectory(
  store: RepositoryStore,
  id: number,
  objects: string,
  defaultBranch: string,
): Promise<BareRepository> {
  const repository = repositoryOf(store, id);
  await mkdir(join(repository.directory, "refs", "heads"), { recursive: true });
  await symlink(objects, join(repository.directory, "objects"), "dir");
  await writeFile(join(repository.directory, "config"), CONFIG);
  await writeFile(join(repository.directory, "HEAD"), `ref: refs/heads/${defaultBranch}\n`);
  return repository;
}
