import type { Stop } from "../../model/index.ts";
import type { KeptStop, StopPlace } from "../ports.ts";
import type { JobServices } from "../services.ts";
import { refuseCommand, type CommandPlace, type PlannedCommand } from "./command.ts";

/** What a command stops: its pull request, or an environment of its repository. */
export interface AskedStop extends Pick<Stop, "kind" | "environment" | "until"> {
  readonly reason: string | undefined;
}

/** Sets a stop in the name of whoever asks. Somebody else's hold or lock of the same is theirs, and stays. */
export async function planStop(asked: AskedStop, place: CommandPlace, services: JobServices): Promise<PlannedCommand> {
  const { records, now } = services;
  const { kind, environment, until, reason = "" } = asked;
  const standing = await listOwnStops(kind, environment, place, services);
  const others = standing.find(({ by }) => by?.id !== place.actor.id);
  if (kind !== "freeze" && others !== undefined) return refuseCommand(`${describeStanding(others)}.`);
  const carryOut = async () => {
    const setting = await records.setStop({
      ...{ kind, from: "command", place: placeOf(kind, environment, place), by: place.actor, reason },
      ...{ since: now(), until, source: nameSource(place), saidOn: place.pullRequest.number },
    });
    // What it concerns is judged again already: that is kept with it.
    return { says: setting.kind === "set" ? undefined : `${describeStanding(setting.stop)}.`, intents: [] };
  };
  return { kind: "planned", carryOut };
}

/** Stops that commands set, of one kind on this pull request or environment. */
export async function listOwnStops(
  kind: Stop["kind"],
  environment: string | undefined,
  { repository, pullRequest }: CommandPlace,
  { records }: Pick<JobServices, "records">,
): Promise<readonly KeptStop[]> {
  const { installationId, repositoryId } = repository;
  const stops = await records.listStops({ installationId, repositoryId, numbers: [pullRequest.number] });
  return stops.filter((stop) => stop.kind === kind && stop.from === "command" && stop.environment === environment);
}

/** The comment or review that a command stands in: what it says once is said once. */
export function nameSource({ source, sourceId }: CommandPlace): string {
  return `${source} ${sourceId}`;
}

function placeOf(kind: Stop["kind"], environment: string | undefined, place: CommandPlace): StopPlace {
  const { repository, pullRequest } = place;
  const number = kind === "hold" ? pullRequest.number : undefined;
  return { installationId: undefined, repositoryId: repository.repositoryId, number, environment };
}

/** Logins, and names of environments as the config's schema has them, hold nothing that Markdown acts on inside code. */
export function describeStanding({ kind, environment, by }: KeptStop): string {
  const what = environment === undefined ? "this pull request" : `\`${environment}\``;
  const word = { hold: "held", lock: "locked", freeze: "frozen" }[kind];
  return `${what} is ${word}${by === undefined ? "" : ` by \`${by.login}\``} already`;
}
