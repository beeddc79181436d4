import type { App, AppFailure, Failure } from "../model/index.ts";
import { failureCause } from "../model/index.ts";

/** An app that could not be rendered on the head, with all that its judgement depends on. */
export interface FailedApp {
  readonly app: Pick<App, "id" | "kind" | "path" | "guessed">;
  readonly failure: Failure;
  readonly base: "absent" | "rendered" | "failed";
  /** Whether the change touches anything in the app's directory or in what it read before it stopped. */
  readonly isTouched: boolean;
  /** `strict` of the config: guessed apps are judged as declared ones. */
  readonly isStrict: boolean;
  /** Whether a line of `accept` in the config names this app with this kind of failure. */
  readonly isAccepted: boolean;
}

/**
 * Decides whose fault a failed render is and what it does to the check:
 *
 * - the change broke what rendered before, or brings a declared app that does not render: it fails;
 * - a guessed app that is new and does not render passes, with a warning: it may be no app at all;
 * - failed on both sides and untouched: passes;
 * - failed on both sides by its content and touched: not checked when declared, passes when only guessed;
 * - failed for a reason outside of the repository: not checked, whatever the base did;
 * - `accept` makes a "not checked" pass. It never excuses a broken render.
 */
export function judgeFailure(app: FailedApp): AppFailure {
  const cause = failureCause(app.failure.kind);
  const effect = decideEffect(app, cause);
  return {
    kind: app.failure.kind,
    cause,
    isNew: app.base !== "failed",
    isTouched: app.isTouched,
    isAccepted: effect === "not-checked" && app.isAccepted,
    effect: effect === "not-checked" && app.isAccepted ? "passes" : effect,
    message: app.failure.message,
    location: app.failure.location,
    help: helpWithGuess(app),
  };
}

/** The lines of config that mend a wrong guess, ready to be pasted. */
function helpWithGuess({ app, failure }: FailedApp): string | undefined {
  if (!app.guessed || app.kind !== "helm" || failure.kind !== "render") return undefined;
  const path = JSON.stringify(app.path === "" ? "." : app.path);
  return [
    "Only the layout says that this is an app. Say in .github/drydock.yaml how it is released:",
    `  apps: [{ path: ${path}, values: [FILE] }]`,
    "or that it is none:",
    `  apps: [{ drop: ${JSON.stringify(app.id)} }]`,
  ].join("\n");
}

function decideEffect(app: FailedApp, cause: "content" | "outside"): AppFailure["effect"] {
  if (app.base === "failed" && !app.isTouched) return "passes";
  if (cause === "outside") return "not-checked";
  if (app.base === "rendered") return "fails";
  if (app.app.guessed && !app.isStrict) return "passes";
  return app.base === "absent" ? "fails" : "not-checked";
}
