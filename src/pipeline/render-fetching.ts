import type { Failure, FetchedInput, Rendering, RenderRequest, Trace } from "../model/index.ts";
import type { Egress, RenderEngine } from "./ports.ts";

/** Schemas refer to others, and one location is asked after the other: renders until an app has asked for everything. */
const FETCH_ROUNDS = 12;
const SCHEMA_PREFIX = "schema:";

/** An input from outside of the repository that a render used. */
export interface UsedSchema {
  readonly address: string;
  /** SHA-256 of its bytes. */
  readonly digest: string;
}

/**
 * Renders an app, fetches what it looked for and could not find, and renders it again with that, until it looks for
 * nothing new. Which addresses it needs follows from the kinds it renders, so the first render comes first. `fetched`
 * holds what this check has been told so far and is added to. What nobody could ask makes the app a Failure: a schema
 * that may be there is not a schema that is missing.
 */
export async function renderFetching(
  engine: RenderEngine,
  request: RenderRequest,
  egress: Egress,
  fetched: Map<string, FetchedInput>,
): Promise<Rendering> {
  for (let round = 1; ; round += 1) {
    // Other apps add to `fetched` while this one waits for a worker; what counts is what the worker was given.
    const given = new Map(fetched);
    const rendering = await engine.render({ ...request, fetched: given });
    if (isStopped(rendering)) return rendering;
    const asked = addressesOf(rendering.trace);
    const unknown = asked.filter((address) => !given.has(address));
    if (unknown.length === 0) return failOnRefused(rendering, asked, given);
    if (round === FETCH_ROUNDS)
      return { kind: "failed", failure: remoteInput(TOO_MANY_ROUNDS), trace: rendering.trace };
    await Promise.all(unknown.map(async (address) => fetched.set(address, await egress.fetch(address))));
  }
}

const TOO_MANY_ROUNDS =
  "The schemas of this app refer to one another over too many addresses. Make each a file of its own.";

/** The schemas that a render used from outside of the repository, sorted by address. */
export function listUsedSchemas(trace: Trace): readonly UsedSchema[] {
  const used = trace.flatMap((fact): UsedSchema[] => {
    if (fact.kind !== "input" || fact.id === undefined || !fact.path.startsWith(SCHEMA_PREFIX)) return [];
    return [{ address: fact.path.slice(SCHEMA_PREFIX.length), digest: fact.id }];
  });
  return used.sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** The trace without what was fetched: within one check both sides get the same answers. */
export function withoutFetched(trace: Trace): Trace {
  return trace.filter((fact) => fact.kind !== "input" || !fact.path.startsWith(SCHEMA_PREFIX));
}

/** Another render would be stopped again, at the same cost. */
function isStopped(rendering: Rendering): boolean {
  return rendering.kind === "failed" && (rendering.failure.kind === "limit" || rendering.failure.kind === "engine");
}

function addressesOf(trace: Trace): readonly string[] {
  const addresses = trace.flatMap((fact) =>
    fact.kind === "input" && fact.path.startsWith(SCHEMA_PREFIX) ? [fact.path.slice(SCHEMA_PREFIX.length)] : [],
  );
  return addresses.sort();
}

/** Tells of the first address in order, so that the message is the same whichever answer came first. */
function failOnRefused(
  rendering: Rendering,
  asked: readonly string[],
  given: ReadonlyMap<string, FetchedInput>,
): Rendering {
  const messages = asked.flatMap((address) => {
    const answer = given.get(address);
    return answer?.kind === "refused" ? [answer.message] : [];
  });
  const [first] = messages;
  if (first === undefined) return rendering;
  const others = new Set(messages).size - 1;
  const more = others === 0 ? "" : ` So it is with ${others} more ${others === 1 ? "schema" : "schemas"}.`;
  return { kind: "failed", failure: remoteInput(`A schema is missing. ${first}${more}`), trace: rendering.trace };
}

function remoteInput(message: string): Failure {
  return { kind: "remote-input", message, location: undefined };
}
