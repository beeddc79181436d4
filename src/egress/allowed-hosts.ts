import { isIP } from "node:net";
import { UsageError } from "../model/index.ts";

/** Which places may be asked at all. */
export interface AllowedHosts {
  /** Whether this protocol, host and port are allowed. */
  allows(address: URL): boolean;
  /** Whether an IP address was allowed by itself, as a host; then it may be a private one. */
  allowsAddress(ip: string): boolean;
}

/**
 * Reads hosts as `--allow-host` takes them: `schemas.example.com`, `schemas.example.com:8443`, or with `http://` in
 * front for one that has no TLS. Each allows exactly that host and port. Throws a UsageError for anything else, a
 * wildcard or a path included.
 */
export function readAllowedHosts(hosts: readonly string[]): AllowedHosts {
  const origins = new Set<string>();
  const addresses = new Set<string>();
  for (const host of hosts) {
    const url = readHost(host);
    origins.add(url.origin);
    const ip = hostOf(url);
    if (isIP(ip) !== 0) addresses.add(ip);
  }
  return { allows: (address) => origins.has(address.origin), allowsAddress: (ip) => addresses.has(ip) };
}

/** The host name of an address; an IPv6 one without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/gu, "").replace(/\.$/u, "");
}

/** What has to be allowed so that this address may be asked. */
export function nameAllowance({ protocol, host }: URL): string {
  return protocol === "https:" ? host : `http://${host}`;
}

function readHost(text: string): URL {
  // An IPv6 address comes with or without brackets.
  const bare = isIP(text) === 6 ? `[${text}]` : text;
  const url = URL.parse(/^https?:\/\//iu.test(bare) ? bare : `https://${bare}`);
  const isHost =
    url !== null && url.pathname === "/" && `${url.username}${url.password}${url.search}${url.hash}` === "";
  if (!isHost || text.includes("*") || url.hostname === "") {
    throw new UsageError(
      `${JSON.stringify(text)} is not a host; write a name such as schemas.example.com, with :PORT if it has one of its own, and http:// in front if it has no TLS`,
    );
  }
  return url;
}
