import { BlockList, isIP } from "node:net";
import { hostOf } from "./allowed-hosts.ts";
import { isLoopback, isPrivateAddress } from "./private-addresses.ts";

/** The values of HTTPS_PROXY, HTTP_PROXY and NO_PROXY; undefined or empty where nothing is said. */
export interface ProxySettings {
  readonly https?: string | undefined;
  readonly http?: string | undefined;
  /** Hosts that are asked directly, separated by commas. */
  readonly none?: string | undefined;
}

/** How an allowed address is asked. */
export type Route =
  | { readonly kind: "direct" }
  | { readonly kind: "proxy"; readonly proxy: string }
  | { readonly kind: "refused"; readonly why: string };

/**
 * Chooses between the proxy and the direct way. This machine itself is always asked directly. A private address is not
 * asked through a proxy: there it would be one of the proxy's network.
 */
export function chooseRoute(url: URL, settings: ProxySettings): Route {
  const isTls = url.protocol === "https:";
  const setting = (isTls ? settings.https : settings.http)?.trim() ?? "";
  const host = hostOf(url);
  const isLocal = host === "localhost" || isLoopback(host);
  if (setting === "" || isLocal || isExcepted(url, settings.none ?? "")) return { kind: "direct" };
  const name = isTls ? "HTTPS_PROXY" : "HTTP_PROXY";
  if (isIP(host) !== 0 && isPrivateAddress(host)) {
    return { kind: "refused", why: `${host} is a private address, which no proxy is asked for; NO_PROXY may name it` };
  }
  const proxy = URL.parse(setting.includes("://") ? setting : `http://${setting}`);
  // The setting may hold credentials, so it is not repeated.
  if (proxy === null || !/^https?:$/u.test(proxy.protocol)) {
    return { kind: "refused", why: `${name} is no http(s) address of a proxy` };
  }
  return { kind: "proxy", proxy: proxy.href };
}

/** As curl and Go read it: a name stands for its subdomains too, `*` for every host; addresses may have a prefix. */
function isExcepted(url: URL, none: string): boolean {
  const host = hostOf(url);
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return none.split(/[\s,]+/u).some((entry) => {
    if (entry === "*") return true;
    const [, name = entry, only = port] = /^(\[.+\]|[^:]+):(\d+)$/u.exec(entry) ?? [];
    const plain = name
      .toLowerCase()
      .replace(/^\*?\./u, "")
      .replace(/^\[|\]$/gu, "");
    if (plain === "" || only !== port) return false;
    return host === plain || (isIP(host) === 0 ? host.endsWith(`.${plain}`) : isInNetwork(host, plain));
  });
}

function isInNetwork(ip: string, network: string): boolean {
  const [, address = "", prefix = ""] = /^(.+)\/(\d{1,3})$/u.exec(network) ?? [];
  const family = isIP(address);
  if (family === 0 || family !== isIP(ip) || Number(prefix) > (family === 4 ? 32 : 128)) return false;
  const name = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), name);
  return list.check(ip, name);
}
