import type { FailedApp } from "./outline.ts";

/** Apps that fail for one and the same reason, such as forty overlays of one broken base. */
export interface AlikeFailures {
  readonly first: FailedApp;
  /** The ids of all of them, in the report's order. */
  readonly apps: readonly string[];
}

/** Puts apps together that fail alike in every word, in the order of the first of each. */
export function groupFailures(failures: readonly FailedApp[]): AlikeFailures[] {
  const groups = Map.groupBy(failures, ({ app, failure }) => {
    const { kind, message, location, help, isNew, isAccepted, effect } = failure;
    return JSON.stringify([kind, message, location, help, isNew, isAccepted, effect, app.guessed]);
  });
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ first, apps: [first, ...others].map(({ app }) => app.id) }],
  );
}
