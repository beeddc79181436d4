import type { RuleSet } from "../../config/index.ts";
import { LARGEST_CODE_OWNERS, readCodeOwners } from "../../environments/index.ts";
import type { CodeOwnership, EnvironmentChange, FileReading, OwnedFiles, PullFile } from "../../model/index.ts";
import type { RuledPlace } from "../decide-environments.ts";
import type { GitHubRepository } from "../ports.ts";
import type { JobServices } from "../services.ts";
import { askedApprovals } from "./asks-for-approvals.ts";

/** GitHub takes the first of these that is there. */
const PLACES = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"] as const;
/** GitHub lists no more files of a pull request, and does not say that there are more (T24). */
const MOST_FILES = 3000;

/** Owners of the changed files by the base's CODEOWNERS, where a rule asks for them. A moved file is its old owners' too. */
export async function gatherOwners(
  changes: readonly EnvironmentChange[],
  rules: RuleSet,
  { repository, pullRequest, baseSha }: RuledPlace,
  services: JobServices,
): Promise<CodeOwnership | undefined> {
  if (!askedApprovals(changes, rules).some(({ codeOwners }) => codeOwners)) return undefined;
  const api = services.github.repository(repository);
  const [file, listed] = await Promise.all([readFirst(api, baseSha), api.listFiles(pullRequest.number)]);
  if (file === undefined) return unknown("there is no CODEOWNERS on the base branch");
  if (file.kind === "unreadable" || Buffer.byteLength(file.text) > LARGEST_CODE_OWNERS) {
    return unknown("CODEOWNERS cannot be read: it is too large, or no file");
  }
  const { ownersOf, errors } = readCodeOwners(file.text);
  const files: OwnedFiles[] = [];
  for (const path of listPaths(listed)) {
    const owners = ownersOf(path);
    if (owners === undefined) return unknown("CODEOWNERS has too many patterns for as many files as this changes");
    files.push({ path, owners });
  }
  const isCut = listed.length >= MOST_FILES;
  return { files, errors, problem: isCut ? "it changes more files than GitHub lists" : undefined };
}

function unknown(problem: string): CodeOwnership {
  return { files: [], errors: [], problem };
}

async function readFirst(api: GitHubRepository, commit: string): Promise<FileReading | undefined> {
  for (const path of PLACES) {
    const file = await api.readFile(path, commit);
    if (file !== undefined) return file;
  }
  return undefined;
}

function listPaths(files: readonly PullFile[]): readonly string[] {
  return [...new Set(files.flatMap(({ path, previousPath }) => [path, previousPath ?? path]))].sort();
}
