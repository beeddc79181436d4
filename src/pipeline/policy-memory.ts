import type { PolicyOutcome } from "./policy-ports.ts";
import type { Store } from "./ports.ts";
import { sha256 } from "./render-memory.ts";

/** An outcome as it is remembered: what a policy could not judge is asked again. */
export type Judged = PolicyOutcome;

/**
 * The outcomes for what is `named`, in order. What was judged under the same key before is remembered, one entry for
 * each key: the same app is judged again with few resources changed. `evaluate` gets each unknown name once, in the
 * order of `named`.
 */
export async function rememberOutcomes(
  store: Store,
  key: readonly unknown[],
  named: readonly string[],
  evaluate: (unknown: readonly string[]) => Promise<readonly PolicyOutcome[]>,
): Promise<readonly (Judged | undefined)[]> {
  if (named.length === 0) return [];
  const slot = sha256(JSON.stringify(key));
  const known = readKnown(store, slot);
  const unknown = [...new Set(named)].filter((name) => !known.has(name));
  const fresh = new Map<string, PolicyOutcome>();
  if (unknown.length > 0) {
    const outcomes = await evaluate(unknown);
    for (const [index, name] of unknown.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined) fresh.set(name, outcome);
    }
    const asked = new Set(named);
    const kept = new Map([...known].filter(([name]) => asked.has(name)));
    for (const [name, outcome] of fresh) if (outcome.kind === "judged") kept.set(name, outcome);
    // Both sides of a check ask with different names in turn: neither forgets what the other needs.
    const others = [...known].filter(([name]) => !kept.has(name)).slice(-KEPT_OTHERS);
    store.write("policies", slot, JSON.stringify([...others, ...kept]));
  }
  return named.map((name) => fresh.get(name) ?? known.get(name));
}

const KEPT_OTHERS = 2000;

function readKnown(store: Store, slot: string): Map<string, Judged> {
  const bytes = store.read("policies", slot);
  if (bytes === undefined) return new Map<string, Judged>();
  return new Map<string, Judged>(JSON.parse(bytes.toString("utf8")) as [string, Judged][]);
}
