import type { Log } from "../jobs/ports.ts";
import { describeCause } from "./describe-cause.ts";

/** Something without which no check can be given, and whether it is there. */
export interface ReadinessPart {
  /** `database`, `github`, `engines`. */
  readonly name: string;
  readonly isReady: boolean;
}

export type Readiness = () => Promise<readonly ReadinessPart[]>;

export interface ReadinessAnswer {
  readonly status: 200 | 503;
  readonly body: { readonly ready: boolean; readonly notReady: readonly string[] };
}

/** Milliseconds that one answer is good for: whoever asks more often gets the same one. */
const FRESH = 1000;
/** Milliseconds after which a part that says nothing is not ready. */
const PATIENCE = 3000;

/** What `/readyz` says. All who ask meanwhile share one look, and it ends in time whatever the parts do. */
export function createReadiness(readiness: Readiness, now: () => number, log: Log): () => Promise<ReadinessAnswer> {
  let known: { readonly askedAt: number; readonly answer: Promise<ReadinessAnswer> } | undefined;
  const look = async (): Promise<ReadinessAnswer> => {
    const parts = await patiently(readiness).catch((cause: unknown) => {
      log.warn({ cause: describeCause(cause) }, "readiness is not known");
      return [{ name: "server", isReady: false }];
    });
    const notReady = parts.filter(({ isReady }) => !isReady).map(({ name }) => name);
    return { status: notReady.length === 0 ? 200 : 503, body: { ready: notReady.length === 0, notReady } };
  };
  return async () => {
    if (known === undefined || now() - known.askedAt >= FRESH) known = { askedAt: now(), answer: look() };
    return await known.answer;
  };
}

async function patiently(readiness: Readiness): Promise<readonly ReadinessPart[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE} ms`)), PATIENCE);
  });
  try {
    return await Promise.race([readiness(), late]);
  } finally {
    clearTimeout(timer);
  }
}
