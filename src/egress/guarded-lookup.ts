import type { LookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { AllowedHosts } from "./allowed-hosts.ts";
import { isLoopback, isPrivateAddress } from "./private-addresses.ts";

/** Resolves a name to all its addresses. */
export type ResolveName = (hostname: string) => Promise<readonly LookupAddress[]>;

/** The host is allowed and leads where nothing is fetched from. */
export class PrivateAddressError extends Error {
  readonly address: string;
  constructor(address: string) {
    super(`${address} is a private address`);
    this.name = "PrivateAddressError";
    this.address = address;
  }
}

/**
 * The addresses that a host may be reached at. Rejects with a PrivateAddressError if any of them is private, unless
 * that very address is allowed by itself, or the host is `localhost`, whose name says it.
 */
export async function resolveGuarded(
  host: string,
  allowed: AllowedHosts,
  resolve: ResolveName,
): Promise<readonly LookupAddress[]> {
  const family = isIP(host);
  const addresses = family === 0 ? await resolve(host) : [{ address: host, family }];
  if (addresses.length === 0) throw new Error(`${host} has no address`);
  const isLocal = (ip: string): boolean => host === "localhost" && isLoopback(ip);
  const refused = addresses.find(
    ({ address }) => isPrivateAddress(address) && !allowed.allowsAddress(address) && !isLocal(address),
  );
  if (refused !== undefined) throw new PrivateAddressError(refused.address);
  return addresses;
}

/** Answers a socket with addresses that have been looked at: what is connected to cannot be another one (rebinding). */
export function pinAddresses(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all === true || first === undefined) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
}
