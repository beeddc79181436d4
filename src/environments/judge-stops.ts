import type { EnvironmentFacts, RuleResult, Stop } from "../model/index.ts";
import { writeMoment } from "./write-moment.ts";

/**
 * Holds of the pull request, locks and freezes of the environments it changes, and stops of everything where it changes
 * anything that deploys: each one that stands keeps it waiting, and says by whom, why, until when and how it is lifted.
 */
export function judgeStops({
  stops,
  changes,
  reported,
  now,
}: Pick<EnvironmentFacts, "stops" | "changes" | "reported" | "now">): readonly RuleResult[] {
  const standing = stops.filter(({ until }) => until === undefined || until > now);
  const isOfAll = ({ kind, environment }: Stop): boolean => kind !== "hold" && environment === undefined;
  const holds = standing.filter(({ kind }) => kind === "hold").map((stop) => tell(stop, "this pull request"));
  const ofAll = reported.isDeploying || changes.length > 0 ? standing.filter(isOfAll) : [];
  const others = changes.flatMap(({ environment }) =>
    standing
      .filter((stop) => stop.kind !== "hold" && stop.environment === environment)
      .map((stop) => tell(stop, environment)),
  );
  return [...holds, ...ofAll.map((stop) => tell(stop, "everything")), ...others];
}

const WORDS = { hold: "held", lock: "locked", freeze: "frozen" } as const satisfies Record<Stop["kind"], string>;

function tell(stop: Stop, subject: string): RuleResult {
  const { kind, from, environment, until } = stop;
  const who = stop.by === undefined ? "" : ` by ${stop.by.login}`;
  const end = until === undefined ? "" : ` until ${writeMoment(until)}`;
  const why = stop.reason === "" ? ", without a reason" : `: ${stop.reason}`;
  const isUnknown = from === "unconfirmed";
  return {
    rule: kind,
    environment,
    state: "waiting",
    says: isUnknown
      ? `Nobody knows whether ${subject} is locked`
      : `${capitalize(subject)} is ${WORDS[kind]}${who}${end}${why}`,
    title: isUnknown ? `an admin's word on locks of ${subject}` : `${subject} is ${WORDS[kind]}${who}`,
    steps: [howToLift(stop)],
    notes: [],
    changesAt: until,
  };
}

/** Names of environments are told as they are. */
function capitalize(subject: string): string {
  return subject === "this pull request" || subject === "everything"
    ? `${subject.charAt(0).toUpperCase()}${subject.slice(1)}`
    : subject;
}

function howToLift({ kind, from, by, environment = "" }: Stop): string {
  switch (from) {
    case "command":
      if (kind === "hold") return "Somebody who can write to the repository lifts it with /drydock unhold.";
      return kind === "lock"
        ? `Whoever locked it, or an admin, lifts it with /drydock unlock ${environment}.`
        : `Whoever may freeze ${environment} lifts it with /drydock unfreeze ${environment}.`;
    case "server":
      return by === undefined
        ? "Whoever runs the server lifts it with drydock freeze --lift."
        : "An admin of the organisation's .github repository lifts it on Drydock's own page, or whoever runs the server with drydock freeze --lift.";
    case "organization":
      return "It ends when the organisation's own .github/drydock.yaml says so.";
    case "unconfirmed":
      return `The records of locks are new: an admin says with /drydock unlock ${environment} that there is none.`;
    default:
      return from satisfies never;
  }
}
