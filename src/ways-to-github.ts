import { randomUUID } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import type { ServerConfig } from "./config/server.ts";
import { chooseRoute, type ProxySettings } from "./egress/choose-route.ts";
import type { HttpWay } from "./github/index.ts";
import type { GitWay } from "./mirror/index.ts";
import { UsageError } from "./model/index.ts";

/** The proxy that GitHub's API is reached through, by the same rules as its git, and the authorities that count. Fails with a UsageError without the file. */
export function wayToApi(config: Pick<ServerConfig, "HTTPS_PROXY" | "NO_PROXY" | "NODE_EXTRA_CA_CERTS">): HttpWay {
  const extraCa = config.NODE_EXTRA_CA_CERTS;
  const proxies = { https: config.HTTPS_PROXY, none: config.NO_PROXY };
  return {
    proxyOf: (url) => chooseProxy(url, proxies),
    extraCa: extraCa === undefined ? undefined : readAuthorities(extraCa),
  };
}

export interface GitSurroundings {
  /** `<git>/<owner>/<name>.git` is a repository. */
  readonly git: string;
  readonly proxies?: ProxySettings | undefined;
  /** A file with certificate authorities, PEM, that count beside the usual ones. */
  readonly caFile?: string | undefined;
  /** For the file that git is given. */
  readonly dataDirectory: string;
}

/** The same for git. Fails with a UsageError when no way leads there. */
export function wayToGit({ git, proxies, caFile, dataDirectory }: GitSurroundings): GitWay {
  const proxy = chooseProxy(new URL(git), proxies ?? {});
  return { git, proxy, caFile: caFile === undefined ? undefined : bundleAuthorities(dataDirectory, caFile) };
}

function chooseProxy(url: URL, proxies: ProxySettings): string | undefined {
  const route = chooseRoute(url, proxies);
  if (route.kind === "refused") throw new UsageError(`GitHub cannot be reached: ${route.why}.`);
  return route.kind === "proxy" ? route.proxy : undefined;
}

/**
 * Git takes one file, which counts alone: here are the usual authorities with those of the company. Put in place whole:
 * another process may be reading it.
 */
function bundleAuthorities(dataDirectory: string, caFile: string): string {
  const bundle = join(dataDirectory, "authorities.pem");
  const made = `${bundle}.${randomUUID()}.tmp`;
  writeFileSync(made, [...rootCertificates, readAuthorities(caFile)].join("\n"), { mode: 0o600 });
  renameSync(made, bundle);
  return bundle;
}

function readAuthorities(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new UsageError("the file that NODE_EXTRA_CA_CERTS names cannot be read", { cause });
  }
}
