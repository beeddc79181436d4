import type { GitHubRepository, RepositoryFacts } from "./ports.ts";

/**
 * The tip of the default branch, whose config says the rules of environments. Its name is asked of GitHub where it is
 * not known yet, or leads nowhere any more. Undefined for a repository without one.
 */
export async function findRulesTip(
  { defaultBranch }: Pick<RepositoryFacts, "defaultBranch">,
  api: Pick<GitHubRepository, "readBranch" | "readFacts">,
): Promise<string | undefined> {
  const known = defaultBranch === "" ? undefined : await api.readBranch(defaultBranch);
  if (known !== undefined) return known;
  const facts = await api.readFacts();
  return facts.defaultBranch === defaultBranch ? undefined : await api.readBranch(facts.defaultBranch);
}
