import { createHash } from "node:crypto";
import { lookup } from "node:dns/promises";
import type { FetchedInput } from "../model/index.ts";
import type { Egress } from "../pipeline/ports.ts";
import { chooseRoute, type ProxySettings } from "./choose-route.ts";
import { hostOf, nameAllowance, readAllowedHosts, type AllowedHosts } from "./allowed-hosts.ts";
import { PrivateAddressError, resolveGuarded, type ResolveName } from "./guarded-lookup.ts";
import { requestOnce, type RequestBounds, type Way } from "./request-once.ts";

export interface EgressBounds {
  /** Size of one answer. */
  readonly maxBytes: number;
  /** Different addresses asked in all. */
  readonly maxAddresses: number;
  /** Time for one address, redirects included. */
  readonly milliseconds: number;
}

/** A schema of the largest custom resources known has about 1 MiB. */
const BOUNDS: EgressBounds = { maxBytes: 4 * 1024 * 1024, maxAddresses: 200, milliseconds: 10_000 };
const MAX_REDIRECTS = 5;
/** Requests under way at once. */
const AT_ONCE = 8;

export interface EgressOptions {
  /** As `readAllowedHosts` takes them; none allows nothing. */
  readonly allowedHosts: readonly string[];
  readonly bounds?: Partial<EgressBounds>;
  readonly resolve?: ResolveName;
  /** None unless said. */
  readonly proxies?: ProxySettings | undefined;
}

/**
 * The one way out to the network, for one check: each address is asked once, and both sides of the check get the same
 * answer. Only allowed hosts are asked, redirects included; the names are resolved once, looked at, and that very
 * address is connected to. Behind a proxy the name is what can be looked at: the proxy resolves it. Throws a UsageError for something that is no host.
 */
export function createEgress({ allowedHosts, bounds, resolve = resolveName, proxies = {} }: EgressOptions): Egress {
  const allowed = readAllowedHosts(allowedHosts);
  const limits = { ...BOUNDS, ...bounds };
  const answers = new Map<string, Promise<FetchedInput>>();
  const findWay = createWays(allowed, proxies, resolve);
  const takeTurn = createTurns(AT_ONCE);
  return {
    fetch: (address) => {
      const known = answers.get(address);
      if (known !== undefined) return known;
      const url = URL.parse(address);
      const hindrance =
        answers.size >= limits.maxAddresses
          ? `more than ${limits.maxAddresses} addresses would have to be fetched`
          : findHindrance(url, allowed);
      if (url === null || hindrance !== undefined) {
        return Promise.resolve(refused(`${describe(address)} was not fetched: ${hindrance ?? NO_ADDRESS}.`));
      }
      const answer = takeTurn(() => fetchGuarded(url, allowed, limits, findWay));
      answers.set(address, answer);
      return answer;
    },
  };
}

const NO_ADDRESS = "this is no http(s) address";

const resolveName: ResolveName = (hostname) => lookup(hostname, { all: true });

function findHindrance(url: URL | null, allowed: AllowedHosts): string | undefined {
  if (url === null || !/^https?:$/u.test(url.protocol)) return NO_ADDRESS;
  if (`${url.username}${url.password}` !== "") return "an address must not hold credentials";
  if (allowed.allows(url)) return undefined;
  return `${url.host} is not an allowed host; --allow-host ${nameAllowance(url)} allows it`;
}

/** An address as messages show it: without credentials, query and fragment, which may be secret. */
function describe(address: string): string {
  const url = URL.parse(address);
  return url === null ? "An address" : `${url.protocol}//${url.host}${url.pathname}`;
}

function refused(message: string): FetchedInput {
  return { kind: "refused", message };
}

/** How an allowed address may be connected to, or why it must not be. Rejects when its name has no good address. */
type FindWay = (url: URL) => Promise<Way | { readonly refused: string }>;

function createWays(allowed: AllowedHosts, proxies: ProxySettings, resolve: ResolveName): FindWay {
  return async (url) => {
    const route = chooseRoute(url, proxies);
    switch (route.kind) {
      case "direct":
        return { addresses: await resolveGuarded(hostOf(url), allowed, resolve) };
      case "proxy":
        return { proxy: route.proxy };
      case "refused":
        return { refused: route.why };
      default:
        return route satisfies never;
    }
  };
}

async function fetchGuarded(
  start: URL,
  allowed: AllowedHosts,
  { maxBytes, milliseconds }: EgressBounds,
  findWay: FindWay,
): Promise<FetchedInput> {
  const signal = AbortSignal.timeout(milliseconds);
  try {
    return await followRedirects(start, allowed, { maxBytes, signal, milliseconds }, findWay);
  } catch (error) {
    const why = signal.aborted ? `no whole answer came within ${milliseconds / 1000} s` : explain(error);
    return refused(`${describe(start.href)} could not be fetched: ${why}.`);
  }
}

async function followRedirects(
  start: URL,
  allowed: AllowedHosts,
  bounds: RequestBounds,
  findWay: FindWay,
): Promise<FetchedInput> {
  const fail = (why: string): FetchedInput => refused(`${describe(start.href)} could not be fetched: ${why}.`);
  let url = start;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const way = await untilAborted(findWay(url), bounds.signal);
    if ("refused" in way) return fail(way.refused);
    const answer = await untilAborted(requestOnce(url, way, bounds), bounds.signal);
    switch (answer.kind) {
      case "bytes":
        return found(answer.bytes);
      case "status":
        if (answer.status === 404 || answer.status === 410) return { kind: "absent" };
        return fail(`the server answered with status ${answer.status}`);
      case "too-large":
        return fail(`it is larger than ${bounds.maxBytes / 1024 / 1024} MiB`);
      case "encoded":
        return fail("the server sends it compressed, which was not asked for");
      case "redirect": {
        const next = URL.parse(answer.location, url.href);
        const hindrance = findHindrance(next, allowed);
        if (next === null || hindrance !== undefined) return fail(`it redirects, and ${hindrance ?? NO_ADDRESS}`);
        url = next;
        break;
      }
      default:
        return answer satisfies never;
    }
  }
  return fail(`it redirects more than ${MAX_REDIRECTS} times`);
}

/** Neither name resolution nor a proxy's tunnel heeds a signal. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function found(bytes: Buffer): FetchedInput {
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  return { kind: "found", digest: createHash("sha256").update(bytes).digest("hex"), bytes: shared };
}

function explain(error: unknown): string {
  if (error instanceof PrivateAddressError) {
    return `its host leads to the private address ${error.address}; --allow-host ${error.address} allows that too`;
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  return code === undefined ? "the connection broke" : `the connection failed (${code})`;
}

/** At most `size` pieces of work at once, in the order in which they came. */
function createTurns(size: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = size;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
