import { z } from "zod";
import type { CommitPerson, PullCommit } from "../model/index.ts";
import type { RepositoryCaller } from "./call-repository.ts";
import { userSchema } from "./schemas.ts";

const accountSchema = userSchema.nullish().catch(undefined);
const gitUserSchema = z
  .object({ name: z.string().optional(), email: z.string().optional() })
  .nullable()
  .transform((user) => ({ name: user?.name ?? "", email: user?.email ?? "" }));
const sha = z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/u);

const commitSchema: z.ZodType<PullCommit> = z
  .object({
    sha,
    parents: z.array(z.object({ sha })).max(1000),
    author: accountSchema,
    committer: accountSchema,
    commit: z.object({
      author: gitUserSchema,
      committer: gitUserSchema,
      message: z.string(),
      verification: z.object({ verified: z.boolean() }).optional(),
    }),
  })
  .transform(({ commit, parents, ...named }) => ({
    sha: named.sha,
    parents: parents.map((parent) => parent.sha),
    author: join(named.author, commit.author),
    committer: join(named.committer, commit.committer),
    message: commit.message,
    isVerified: commit.verification?.verified === true,
  }));

function join(
  account: CommitPerson["account"] | null,
  { name, email }: { readonly name: string; readonly email: string },
): CommitPerson {
  return { account: account ?? undefined, name, email };
}

/** The commits of a pull request, the oldest first, as many as GitHub lists. */
export async function listCommits(caller: RepositoryCaller, number: number): Promise<readonly PullCommit[]> {
  const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}/commits";
  return await caller.list(route, { entry: commitSchema }, { pull_number: number });
}

export async function readCommit(caller: RepositoryCaller, ref: string): Promise<PullCommit | undefined> {
  return await caller.find("GET /repos/{owner}/{repo}/commits/{ref}", commitSchema, { ref });
}
