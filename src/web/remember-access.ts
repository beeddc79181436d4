import type { Log, RepositoryFacts } from "../jobs/ports.ts";
import type { Actor } from "../model/index.ts";
import { describeCause } from "./describe-cause.ts";
import type { Access } from "./ports.ts";

/** Milliseconds that an answer of GitHub's is believed. */
const BELIEVED = 60_000;
/** Answers that are kept; the oldest go first. */
const MOST = 10_000;

/** As `access`, asked at most once a minute for the same visitor and repository. Never rejects: unknown is no. */
export function rememberAccess(access: Access, now: () => number, log: Log): Access {
  const known = new Map<string, { readonly until: number; readonly answer: Promise<boolean> }>();
  const ask = async (key: string, actor: Actor, repository: RepositoryFacts): Promise<boolean> => {
    try {
      return await access.canRead(actor, repository);
    } catch (cause) {
      known.delete(key);
      log.warn({ cause: describeCause(cause), repositoryId: repository.repositoryId }, "access is not known");
      return false;
    }
  };
  return {
    canRead: async (actor, repository) => {
      const key = `${actor.id} ${repository.repositoryId}`;
      const last = known.get(key);
      if (last !== undefined && last.until > now()) return await last.answer;
      const answer = ask(key, actor, repository);
      known.delete(key);
      known.set(key, { until: now() + BELIEVED, answer });
      const [oldest] = known.keys();
      if (known.size > MOST && oldest !== undefined) known.delete(oldest);
      return await answer;
    },
  };
}
