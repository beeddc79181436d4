import { runGit, type GitResult } from "../../git/index.ts";

/** One repository of the stand-in: a bare directory. Forks share its object directory. */
export interface BareRepository {
  readonly directory: string;
}

export interface Person {
  readonly name: string;
  readonly email: string;
}

/** What git prints when it has no answer, such as a ref that is not there. */
const ABSENT = [0, 1, 128];

/** Runs git in a repository of the stand-in; rejects with a GitFault as `runGit` does. */
export async function runInRepository(
  repository: BareRepository,
  args: readonly string[],
  input?: string | Uint8Array,
  statuses: readonly number[] = [0],
): Promise<GitResult> {
  const place = { directory: repository.directory, objectFormat: "sha1" } as const;
  return await runGit(place, args, { statuses, ...(input === undefined ? {} : { input }) });
}

/** The lines that a git command prints. */
export async function readLines(repository: BareRepository, args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await runInRepository(repository, args);
  return stdout
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
}

/** The commit that a full ref name or an id leads to; undefined when there is none. */
export async function readRef(repository: BareRepository, ref: string): Promise<string | undefined> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`];
  const { status, stdout } = await runInRepository(repository, args, undefined, ABSENT);
  return status === 0 ? stdout.toString("latin1").trim() : undefined;
}

/** Full ref name → commit, of everything below `prefix` (`refs/heads/` by default). */
export async function listRefs(
  repository: BareRepository,
  prefix = "refs/heads/",
): Promise<ReadonlyMap<string, string>> {
  const lines = await readLines(repository, ["for-each-ref", "--format=%(objectname) %(refname)", prefix]);
  return new Map(lines.map((line) => [line.slice(41), line.slice(0, 40)]));
}

/** Points a full ref name at a commit, whatever it pointed at before; undefined removes it. */
export async function writeRef(repository: BareRepository, ref: string, sha: string | undefined): Promise<void> {
  await runInRepository(repository, sha === undefined ? ["update-ref", "-d", ref] : ["update-ref", ref, sha]);
}
