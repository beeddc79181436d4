import { z } from "zod";
import { ask, addressOf, type ServerWay } from "./ask-server.ts";
import type { ServerAnswer } from "./facts.ts";

const stopSchema = z.object({
  id: z.int(),
  /** The account whose repositories it stops; none: everything. */
  account: z.string().max(1000).optional(),
  by: z.string().max(1000).optional(),
  reason: z.string().max(1000),
  since: z.number(),
  until: z.number().optional(),
});

/** A stop of everything, or of everything of one account. Moments are milliseconds since the epoch. */
export type ServerStop = z.output<typeof stopSchema>;

const stopsSchema = z.object({ stops: z.array(stopSchema) }).transform(({ stops }) => stops);

/** What the running server stops as a whole. Never rejects. */
export async function askStops(way: ServerWay): Promise<ServerAnswer<readonly ServerStop[]>> {
  return settle(way, await ask(way, "/stops", stopsSchema));
}

/** Has it stop everything, and tells what stands then. Never rejects. */
export async function askToStop(
  way: ServerWay,
  { reason, until }: { readonly reason: string; readonly until: number | undefined },
): Promise<ServerAnswer<readonly ServerStop[]>> {
  const query = new URLSearchParams({ reason, ...(until === undefined ? {} : { until: String(until) }) });
  return settle(way, await ask(way, `/stops/set?${query.toString()}`, stopsSchema, "POST"));
}

/** Has it lift these, and tells which stood. They are named, so that the same question lifts nothing else later. */
export async function askToLift(way: ServerWay, ids: readonly number[]): Promise<ServerAnswer<readonly ServerStop[]>> {
  return settle(way, await ask(way, `/stops/lift?ids=${ids.join(",")}`, stopsSchema, "POST"));
}

function settle<T>(way: ServerWay, answer: ServerAnswer<T> | "absent"): ServerAnswer<T> {
  return answer === "absent" ? { kind: "stranger", address: addressOf(way) } : answer;
}
