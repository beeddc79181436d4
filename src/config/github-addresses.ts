import type { ServerSettings } from "./server.ts";

/** Where GitHub's parts are reached. None ends in a slash. */
export interface GitHubAddresses {
  readonly api: string;
  readonly graphql: string;
  /** Pages for people: sign-in, the App's settings. */
  readonly web: string;
  /** `<git>/<owner>/<name>.git` is a repository. */
  readonly git: string;
}

/**
 * The addresses of github.com, of a ghe.com tenant (`https://api.TENANT.ghe.com`), of a GitHub Enterprise Server
 * (`https://HOST/api/v3`) or of a stand-in, from `GITHUB_API_URL` or else `GHE_HOST` with `GHE_PROTOCOL`.
 */
export function resolveGitHubAddresses(
  settings: Pick<ServerSettings, "GITHUB_API_URL" | "GHE_HOST" | "GHE_PROTOCOL">,
): GitHubAddresses {
  if (settings.GITHUB_API_URL !== undefined) return ofApi(new URL(settings.GITHUB_API_URL));
  if (settings.GHE_HOST !== undefined) return ofHost(settings.GHE_PROTOCOL, settings.GHE_HOST.toLowerCase());
  return ofHost("https", "github.com");
}

function ofHost(protocol: string, host: string): GitHubAddresses {
  const hasApiHost = host === "github.com" || host.endsWith(".ghe.com");
  return ofApi(new URL(hasApiHost ? `${protocol}://api.${host}` : `${protocol}://${host}/api/v3`));
}

function ofApi(url: URL): GitHubAddresses {
  const path = url.pathname.replace(/\/+$/u, "");
  const api = `${url.origin}${path}`;
  if (path.endsWith("/api/v3")) {
    const web = `${url.origin}${path.slice(0, -"/api/v3".length)}`;
    return { api, graphql: `${web}/api/graphql`, web, git: web };
  }
  const isApiHost = url.host === "api.github.com" || /^api\.[^.]+\.ghe\.com(?::\d+)?$/u.test(url.host);
  const web = isApiHost ? `${url.protocol}//${url.host.slice("api.".length)}` : url.origin;
  return { api, graphql: `${api}/graphql`, web, git: web };
}
