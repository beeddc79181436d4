import type { KeptStop } from "../ports.ts";
import type { JobServices } from "../services.ts";
import type { CommandAnswer, CommandPlace, PlannedCommand } from "./command.ts";
import { nameSource } from "./set-stop.ts";

/** Lifts these in the name of whoever asks. That nothing stands any more is told, and is no refusal. */
export function planLift(
  stops: readonly KeptStop[],
  nothing: string,
  place: CommandPlace,
  { records }: JobServices,
): PlannedCommand {
  const carryOut = async (): Promise<CommandAnswer> => {
    if (stops.length === 0) return { says: nothing, intents: [] };
    await records.liftStops({ ids: stops.map(({ id }) => id), by: place.actor, source: nameSource(place) });
    // What they concern is judged again already: that is kept with it.
    return { intents: [] };
  };
  return { kind: "planned", carryOut };
}
