import type { AppFailure, AppId, AppReport, JudgedFinding, Outcome, ResourceChange } from "../model/index.ts";

/** Most readers see a check's title cut off after this many characters. */
const MAX_TITLE = 60;

/** The parts of a change that say how many risks it brings. */
export type RiskyChange = Pick<ResourceChange, "action" | "likeness" | "risks">;

export interface OutcomeFacts {
  readonly apps: readonly (Pick<AppReport, "id" | "status" | "failure"> & {
    readonly changes: readonly RiskyChange[];
  })[];
  readonly findings: readonly Pick<JudgedFinding, "isNew" | "level" | "apps" | "exception">[];
  /** Apps whose inputs the change touches; the others are in the report only because all were asked for. */
  readonly touched: ReadonlySet<AppId>;
}

/**
 * The verdict: failed (1) when the change brings an error or breaks a render, else not checked (2) when an app that it
 * touches could not be looked at, else passed (0). The title says so with the count and what to do next.
 */
export function decideOutcome({ findings: all, ...rest }: OutcomeFacts): Outcome {
  const facts = { ...rest, findings: all.filter(({ exception }) => exception?.state !== "used") };
  const errors = facts.findings.filter(({ isNew, level }) => isNew && level === "error");
  const broken = countEffect(facts, "fails");
  const unchecked = countEffect(facts, "not-checked");
  if (errors.length + broken > 0) {
    const waiting = errors.filter(({ exception }) => exception?.state === "waiting");
    // It cannot pass before somebody agrees; who, and whether somebody did, is for the App to know.
    if (waiting.length === errors.length && broken === 0) {
      return { status: "failed", exitCode: 1, title: titleWaiting(waiting) };
    }
    const title = titleFailed(errors.length, new Set(errors.flatMap(({ apps }) => apps)).size, broken, unchecked);
    return { status: "failed", exitCode: 1, title };
  }
  if (unchecked > 0) return { status: "not-checked", exitCode: 2, title: titleNotChecked(facts, unchecked) };
  return { status: "passed", exitCode: 0, title: titlePassed(facts) };
}

/**
 * The verdict of policies alone. An app that could not be rendered was judged by none, so nothing passes then; why it
 * could not is told by the manifests' check.
 */
export function decidePolicyOutcome(facts: OutcomeFacts): Outcome {
  const unjudged = countEffect(facts, "fails") + countEffect(facts, "not-checked");
  const apps = facts.apps.map((app) => ({ ...app, failure: undefined, changes: [] }));
  const judged = decideOutcome({ ...facts, apps });
  if (judged.exitCode !== 0) return judged;
  if (unjudged > 0) {
    const title = `${count(unjudged, "app")} could not be judged by policies`;
    return { status: "not-checked", exitCode: 2, title };
  }
  return { ...judged, title: titleJudged(facts) };
}

function titleJudged(facts: OutcomeFacts): string {
  const { findings, touched } = facts;
  const standing = findings.filter(({ exception }) => exception?.state !== "used");
  const warnings = standing.filter(({ isNew, level }) => isNew && level === "warning").length;
  const known = standing.filter(({ isNew }) => !isNew).length;
  const excepted = findings.length - standing.length;
  const unjudged = countFailures(facts, (_, app) => touched.has(app));
  const rest = [
    ...(unjudged > 0 ? [`${count(unjudged, "app")} not judged`] : []),
    ...(known > 0 ? [`${known} known`] : []),
    ...(excepted > 0 ? [count(excepted, "exception")] : []),
  ];
  const start = warnings > 0 ? count(warnings, "new warning") : "No violations";
  return firstThatFits([start, ...rest].join(", "), [start, ...rest.slice(0, 1)].join(", "));
}

function titleWaiting(waiting: OutcomeFacts["findings"]): string {
  const teams = new Set(waiting.map(({ exception }) => exception?.approvers));
  const [team] = teams;
  const start = `Waiting: approval of ${count(waiting.length, "exception")}`;
  return firstThatFits(...(teams.size === 1 && team !== undefined ? [`${start} (team ${team})`] : []), start);
}

function titleFailed(errors: number, apps: number, broken: number, unchecked: number): string {
  const findings = errors === 0 ? [] : [`${count(errors, "error")}${apps === 0 ? "" : ` in ${count(apps, "app")}`}`];
  const renders = broken === 0 ? [] : [`${count(broken, "app")} that ${broken === 1 ? "does" : "do"} not render`];
  const fix = `Fix ${[...findings, ...renders].join(" and ")}`;
  const rest = unchecked === 0 ? "" : `; ${count(unchecked, "app")} could not be checked`;
  return firstThatFits(fix + rest, fix, errors === 0 ? "Fix apps that do not render" : `Fix ${count(errors, "error")}`);
}

function titleNotChecked(facts: OutcomeFacts, unchecked: number): string {
  const isAlike = ({ effect, cause }: AppFailure) => effect === "not-checked" && cause === "content";
  if (countFailures(facts, isAlike) === unchecked) return titleBrokenAlike(unchecked);
  const start = `${count(unchecked, "app")} could not be checked`;
  return firstThatFits(`${start}: fix or accept ${unchecked === 1 ? "it" : "them"}`, start);
}

function titleBrokenAlike(apps: number): string {
  return firstThatFits(
    `${count(apps, "changed app")} could not be rendered, before and after`,
    "Changed apps do not render",
  );
}

function titlePassed(facts: OutcomeFacts): string {
  const isTouchedFailure = (failure: AppFailure, app: AppId) => failure.effect === "passes" && facts.touched.has(app);
  const accepted = countFailures(facts, (failure) => failure.isAccepted);
  const alike = countFailures(
    facts,
    (failure, app) => isTouchedFailure(failure, app) && !failure.isAccepted && !failure.isNew,
  );
  const never = countFailures(
    facts,
    (failure, app) => isTouchedFailure(failure, app) && !failure.isAccepted && failure.isNew,
  );
  if (alike > 0) return titleBrokenAlike(alike);
  const summary = summarise(facts);
  if (never > 0)
    return firstThatFits(
      `${count(never, "new app")} could not be rendered, and ${never === 1 ? "is" : "are"} only guessed`,
      summary,
    );
  if (accepted > 0)
    return firstThatFits(
      `${summary}, ${accepted} not checked (accepted)`,
      ...(countHighRisks(facts) > 0 ? [summary] : [`${count(accepted, "app")} not checked (accepted)`]),
    );
  return summary;
}

function summarise(facts: OutcomeFacts): string {
  const changed = facts.apps.filter(
    ({ status }) => status === "changed" || status === "added" || status === "removed",
  ).length;
  const risks = countHighRisks(facts);
  const warnings = facts.findings.filter(({ isNew, level }) => isNew && level === "warning").length;
  const hasOldErrors = facts.findings.some(({ isNew, level }) => !isNew && level === "error");
  const quality = warnings > 0 ? count(warnings, "new warning") : hasOldErrors ? "no new errors" : "no errors";
  const change = `${count(changed, "app")} ${changed === 1 ? "changes" : "change"}`;
  if (changed > 0 && risks > 0) {
    const review = `${count(risks, "high risk")} to review`;
    return firstThatFits(...(warnings > 0 ? [`${change}, ${quality}; ${review}`] : []), `${change}; ${review}`);
  }
  if (changed > 0) return `${change}, ${quality}`;
  return warnings > 0 ? `Nothing that deploys changes, ${quality}` : "Nothing that deploys changes";
}

/** As the report lists them: changes that say the same in several apps are one. */
function countHighRisks({ apps }: OutcomeFacts): number {
  const changes = new Map(
    apps.flatMap((app) => app.changes.map((change) => [`${change.action} ${change.likeness}`, change] as const)),
  );
  const risks = [...changes.values()].flatMap((change) => change.risks);
  return risks.filter(({ level }) => level === "high").length;
}

function countEffect(facts: OutcomeFacts, effect: AppFailure["effect"]): number {
  return countFailures(facts, (failure) => failure.effect === effect);
}

function countFailures(facts: OutcomeFacts, isCounted: (failure: AppFailure, app: AppId) => boolean): number {
  return facts.apps.filter(({ id, failure }) => failure !== undefined && isCounted(failure, id)).length;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function firstThatFits(...titles: readonly string[]): string {
  return titles.find((title) => title.length <= MAX_TITLE) ?? `${(titles[0] ?? "").slice(0, MAX_TITLE - 1)}…`;
}
