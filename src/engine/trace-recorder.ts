import type { Trace, TraceFact } from "../model/index.ts";

export interface TraceRecorder {
  add(fact: TraceFact): void;
  /** Every fact once, in the order in which it was first heard. */
  trace(): Trace;
}

/** Collects the facts of one render, each once. `onNew` hears each as it is first added. */
export function createTraceRecorder(onNew?: (fact: TraceFact) => void): TraceRecorder {
  const facts = new Map<string, TraceFact>();
  return {
    add: (fact) => {
      const key = `${fact.kind} ${fact.path}`;
      if (facts.has(key)) return;
      facts.set(key, fact);
      onNew?.(fact);
    },
    trace: () => [...facts.values()],
  };
}
