import { Fault, type RepositoryRef } from "../model/index.ts";

/** How GitHub's git is reached. */
export interface GitWay {
  /** `<git>/<owner>/<name>.git` is a repository; http or https, without a slash at its end. */
  readonly git: string;
  /** May hold credentials; undefined asks GitHub directly. */
  readonly proxy?: string | undefined;
  /** A file with certificate authorities that count instead of git's own. */
  readonly caFile?: string | undefined;
}

/** Seconds without 1 kB/s after which a transfer has stalled. */
const STALL_SECONDS = 30;

/** Where a repository is. Fails with a Fault for a name that is none of GitHub's. */
export function repositoryUrl({ git }: GitWay, { owner, name }: Pick<RepositoryRef, "owner" | "name">): string {
  for (const part of [owner, name]) {
    if (!/^[\w.-]{1,255}$/u.test(part) || /^\.+$/u.test(part)) throw new Fault("A repository's name is not GitHub's.");
  }
  return `${git}/${owner}/${name}.git`;
}

/**
 * The environment in which git knows one remote, `origin`, and how to speak with it. The token is in none of its
 * arguments, no address and no file. Redirects are not followed: git would send the token along, to whatever host.
 */
export function remoteEnvironment(way: GitWay, url: string, token: string): Record<string, string> {
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  const settings: readonly (readonly [string, string])[] = [
    ["remote.origin.url", url],
    ...PROMISOR,
    ["http.extraHeader", `Authorization: basic ${basic}`],
    ["http.followRedirects", "false"],
    ["http.lowSpeedLimit", "1000"],
    ["http.lowSpeedTime", String(STALL_SECONDS)],
    ["http.proxy", way.proxy ?? ""],
    ["credential.helper", ""],
    ...(way.caFile === undefined
      ? []
      : [["http.sslCAInfo", way.caFile] as const, ["http.proxySSLCAInfo", way.caFile] as const]),
  ];
  return {
    ...toEnvironment(settings),
    GIT_ALLOW_PROTOCOL: new URL(url).protocol.slice(0, -1),
  };
}

/** With these git takes objects that are not here for ones that were left out, and not for damage. */
const PROMISOR = [
  ["remote.origin.promisor", "true"],
  ["remote.origin.partialclonefilter", "blob:none"],
] as const;

/** For packing and examining a mirror, which speaks with nobody. Looking for objects goes without: it would fetch. */
export const MIRROR_ENVIRONMENT: Readonly<Record<string, string>> = {
  ...toEnvironment(PROMISOR),
  GIT_ALLOW_PROTOCOL: "",
};

function toEnvironment(settings: readonly (readonly [string, string])[]): Record<string, string> {
  const entries = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(settings.length), ...(Object.fromEntries(entries) as Record<string, string>) };
}
