import { BlockList, isIP } from "node:net";

/** Ranges that no server on the internet has (IANA special-purpose registries), and those that embed another address. */
const RANGES: readonly (readonly [network: string, prefix: number])[] = [
  ["0.0.0.0", 8], // this network
  ["10.0.0.0", 8],
  ["100.64.0.0", 10], // carrier-grade NAT; metadata of one cloud at 100.100.100.200
  ["127.0.0.0", 8],
  ["169.254.0.0", 16], // link-local; metadata of most clouds at 169.254.169.254
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4],
  ["::", 96], // unspecified, loopback, IPv4-compatible
  ["::ffff:0:0", 96], // IPv4-mapped: a name has no reason to resolve to one
  ["64:ff9b::", 96], // NAT64
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23], // Teredo and others
  ["2001:db8::", 32],
  ["2002::", 16], // 6to4
  ["3fff::", 20],
  ["5f00::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
];

// One list for both would apply the range of IPv4-mapped addresses to every IPv4 address.
const blocked = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [network, prefix] of RANGES) {
  const family = isIP(network) === 4 ? "ipv4" : "ipv6";
  blocked[family].addSubnet(network, prefix, family);
}

/** Whether an IP address is anything but one of the public internet. What is no IP address counts as private. */
export function isPrivateAddress(ip: string): boolean {
  const version = isIP(ip);
  const family = version === 4 ? "ipv4" : "ipv6";
  return version === 0 || blocked[family].check(ip, family);
}

/** Whether an IP address is this machine itself. */
export function isLoopback(ip: string): boolean {
  return (isIP(ip) === 4 && ip.startsWith("127.")) || ip === "::1";
}
