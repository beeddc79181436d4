import type { FreezeRequest } from "./cli/freeze-command.ts";
import { findReasonProblem, readEnd } from "./commands/index.ts";
import { askStops, askToLift, askToStop, type ServerAnswer, type ServerStop, type ServerWay } from "./doctor/index.ts";
import { Fault, UsageError } from "./model/index.ts";
import { readOwnConfig, wayToServer } from "./server-way.ts";
import { writeMoment } from "./report/index.ts";

/**
 * `drydock freeze`: has the running server stop everything, or lift that. Rejects with a UsageError for a request that
 * makes no sense, and with a Fault when the server does not answer.
 */
export async function stopServer(
  environment: Readonly<Record<string, string | undefined>>,
  request: FreezeRequest,
): Promise<string> {
  const { all = false, lift = false, until, reason = "" } = request;
  if (Number(all) + Number(lift) !== 1) throw new UsageError("name either --all, to stop everything, or --lift");
  if (lift && (until !== undefined || reason !== "")) throw new UsageError("--until and --reason go with --all");
  const problem = findReasonProblem(reason === "" ? [] : [reason]);
  if (problem !== undefined) throw new UsageError(problem);
  const way = wayToServer(readOwnConfig(environment, "freeze"));
  if (lift) return await liftAll(way);
  const end = until === undefined ? undefined : findEnd(until, way.now());
  const stops = expectAnswer(await askToStop(way, { reason, until: end }));
  return `${stops.map(describe).join("")}Open pull requests are judged again now. \`drydock freeze --lift\` ends it.\n`;
}

async function liftAll(way: ServerWay): Promise<string> {
  const standing = expectAnswer(await askStops(way));
  if (standing.length === 0) return "The server stops nothing.\n";
  const lifted = expectAnswer(
    await askToLift(
      way,
      standing.map(({ id }) => id),
    ),
  );
  return `${lifted.map((stop) => `Lifted. ${describe(stop)}`).join("")}Open pull requests are judged again now.\n`;
}

/** The words of checks, so that people see that it is the same stop. */
function describe({ account, by, reason, until }: ServerStop): string {
  const what = account === undefined ? "Everything is frozen" : `Everything of ${account} is frozen`;
  const who = by === undefined ? "" : ` by ${by}`;
  const end = until === undefined ? "" : ` until ${writeMoment(until)}`;
  return `${what}${who}${end}${reason === "" ? ", without a reason" : `: ${reason}`}\n`;
}

function findEnd(text: string, now: number): number {
  const end = readEnd(text);
  if (end === undefined) {
    throw new UsageError("--until is written 24h or 2026-12-24T18:00Z, with the offset, and at most a year away");
  }
  const moment = end.kind === "at" ? end.moment : now + end.milliseconds;
  if (moment <= now) throw new UsageError("--until is over already");
  return moment;
}

function expectAnswer<T>(answer: ServerAnswer<T>): T {
  if (answer.kind === "answered") return answer.value;
  throw new Fault(describeSilence(answer));
}

function describeSilence({ kind, address }: Exclude<ServerAnswer<unknown>, { readonly kind: "answered" }>): string {
  switch (kind) {
    case "away":
      return `nothing answers at ${address}; run this where the server runs, with its METRICS_HOST and METRICS_PORT`;
    case "refused":
      return `the server at ${address} does not take this WEBHOOK_SECRET, or its clock differs; nothing was changed`;
    case "failed":
      return `the server at ${address} could not do it; see its log, then look with drydock freeze again`;
    case "stranger":
      return `what answers at ${address} is no Drydock of this version`;
    default:
      return kind satisfies never;
  }
}
