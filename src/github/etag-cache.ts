import type { Answer } from "./send-request.ts";

/** Characters of JSON that all kept answers may have together, and one of them alone. */
const MOST = 32 * 1024 * 1024;
const MOST_EACH = 1024 * 1024;

interface Kept {
  readonly answer: Answer;
  readonly etag: string;
  readonly size: number;
}

/** Answers to GETs by caller and address, for conditional requests: a 304 costs nothing of GitHub's limits. */
export interface EtagCache {
  etagOf(key: string): string | undefined;
  /** A 304 counts as the answer that was kept; any other answer with an ETag is kept in its place. */
  settle(key: string, answer: Answer): Answer;
}

/** In memory, bounded by size; the least recently used go first. */
export function createEtagCache(
  bounds: { most: number; mostEach: number } = { most: MOST, mostEach: MOST_EACH },
): EtagCache {
  const kept = new Map<string, Kept>();
  let size = 0;

  const drop = (key: string): void => {
    size -= kept.get(key)?.size ?? 0;
    kept.delete(key);
  };
  const keep = (key: string, entry: Kept): void => {
    drop(key);
    if (entry.size > bounds.mostEach) return;
    kept.set(key, entry);
    size += entry.size;
    for (const oldest of kept.keys()) {
      if (size <= bounds.most) break;
      drop(oldest);
    }
  };

  return {
    etagOf: (key) => kept.get(key)?.etag,
    settle: (key, answer) => {
      if (answer.status === 304) {
        const stored = kept.get(key);
        if (stored === undefined) return answer;
        keep(key, stored);
        // Limits and dates are of this exchange, links and content of the stored one.
        return { ...stored.answer, headers: { ...stored.answer.headers, ...withoutLink(answer.headers) } };
      }
      const etag = answer.headers["etag"];
      if (answer.status === 200 && etag !== undefined) {
        keep(key, { answer, etag, size: key.length + textLength(answer.body) });
      }
      return answer;
    },
  };
}

function withoutLink(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "link"));
}

function textLength(body: unknown): number {
  try {
    return JSON.stringify(body).length;
  } catch {
    // A number beyond 2^53 in it (a BigInt): such answers are few and not kept.
    return Number.POSITIVE_INFINITY;
  }
}
