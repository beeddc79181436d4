import type { Actor, InstallationId } from "../model/index.ts";
import type { KeptStop, Records } from "./ports.ts";

type StopKeeper = Pick<Records, "setStop" | "liftStops" | "listServerStops">;

/** A stop of everything, or of everything of one installation, in the name of whoever asks. */
export interface WholeStop {
  readonly installationId: InstallationId | undefined;
  /** Undefined for whoever runs the server. */
  readonly by: Actor | undefined;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly until: number | undefined;
}

/** Stops it: everything open that it concerns is judged again at once. */
export async function stopEverything({ installationId, ...stop }: WholeStop, records: StopKeeper): Promise<void> {
  const place = { installationId, repositoryId: undefined, number: undefined, environment: undefined };
  await records.setStop({ kind: "freeze", from: "server", ...stop, place, source: undefined, saidOn: undefined });
}

/** Lifts those of these that stop a whole installation, or everything; `isAsked` may keep others out. Gives what stood. */
export async function liftWhole(
  ids: readonly number[],
  by: Actor | undefined,
  isAsked: (stop: KeptStop) => boolean,
  records: StopKeeper,
): Promise<readonly KeptStop[]> {
  const standing = await records.listServerStops();
  const asked = standing.filter((stop) => ids.includes(stop.id) && isAsked(stop)).map(({ id }) => id);
  return asked.length === 0 ? [] : await records.liftStops({ ids: asked, by, source: undefined });
}
