import type { RuleSet } from "../config/index.ts";
import type { EnvironmentFacts, RuleResult, Stop } from "../model/index.ts";

/** Holds of the pull request, locks and freezes of the environments it changes: each one that stands keeps it waiting. */
export function judgeStops({ stops, changes, now }: EnvironmentFacts, _rules: RuleSet): readonly RuleResult[] {
  const standing = stops.filter(({ until }) => until === undefined || until > now);
  const holds = standing.filter(({ kind }) => kind === "hold").map((stop) => tell(stop, undefined));
  const others = changes.flatMap(({ environment }) =>
    standing
      .filter((stop) => stop.kind !== "hold" && (stop.environment === undefined || stop.environment === environment))
      .map((stop) => tell(stop, environment)),
  );
  return [...holds, ...others];
}

function tell(stop: Stop, environment: string | undefined): RuleResult {
  const { kind, reason, until } = stop;
  const who = stop.by === undefined ? "" : ` by ${stop.by.login}`;
  const where = environment === undefined ? "This pull request" : environment;
  const why = reason === "" ? "" : `: ${reason}`;
  const end = until === undefined ? "" : `, until ${new Date(until).toISOString()}`;
  return {
    rule: kind,
    environment,
    state: "waiting",
    says: `${where} is ${WORDS[kind]}${who}${end}${why}`,
    title: environment === undefined ? `held${who}` : `${environment} is ${WORDS[kind]}${who}`,
    steps: [howToLift(stop, environment)],
    notes: [],
    changesAt: until,
  };
}

const WORDS = { hold: "held", lock: "locked", freeze: "frozen" } as const satisfies Record<Stop["kind"], string>;

function howToLift({ kind, from }: Stop, environment = ""): string {
  switch (from) {
    case "command":
      return kind === "hold" ? "Lift it with /drydock unhold." : `Lift it with /drydock un${kind} ${environment}.`;
    case "server":
      return "An administrator lifts it on Drydock's own page.";
    case "organization":
      return "It ends when the organisation's .github/drydock.yaml says so.";
    case "unconfirmed":
      return `Locks from before are not known here: an admin confirms with /drydock unlock ${environment} that there is none.`;
    default:
      return from satisfies never;
  }
}
