import type { GitHubAddresses } from "../config/github-addresses.ts";
import type { CallNote, GitHub, InstallationFacts } from "../jobs/ports.ts";
import { AccessLostFault, type InstallationId, type RepositoryRef } from "../model/index.ts";
import { asUninstalled, createAppCaller, type AppCaller } from "./call-app.ts";
import { anything, createRepositoryCaller, type CallerParts, type RepositoryCaller } from "./call-repository.ts";
import { readBotId } from "./comments.ts";
import { createRepository, type GitHubRepositoryClient } from "./create-repository.ts";
import { createEtagCache } from "./etag-cache.ts";
import { createFetch, type HttpFetch } from "./http-fetch.ts";
import { findFailedDeliveries, type UndeliveredWebhook } from "./find-failed-deliveries.ts";
import { findRepository } from "./find-repository.ts";
import { createInstallationTokens } from "./installation-tokens.ts";
import { createLimits } from "./limits.ts";
import { listRepositories } from "./list-repositories.ts";
import { appSchema, hookSchema, installationSchema } from "./schemas.ts";
import { createSender } from "./send-request.ts";
import { readPrivateKey } from "./sign-app-jwt.ts";

export interface GitHubOptions {
  readonly addresses: Pick<GitHubAddresses, "api" | "graphql">;
  readonly appId: number;
  /** PEM, or base64 of it. */
  readonly privateKey: string;
  /** By default one without a proxy. */
  readonly fetch?: HttpFetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onCall?: (call: CallNote) => void;
}

/** The App as GitHub has it registered, for `doctor`. */
export interface AppSettings {
  readonly name: string;
  readonly slug: string;
  readonly htmlUrl: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  /** Undefined while the App has no webhook, which is how an inactive one looks. */
  readonly webhookUrl: string | undefined;
  readonly contentType: string | undefined;
}

/** GitHub with what `doctor` and metrics read beside what the jobs need. */
export interface GitHubClient extends GitHub {
  repository(ref: RepositoryRef): GitHubRepositoryClient;
  readAppSettings(): Promise<AppSettings>;
  listFailedDeliveries(since: string): Promise<readonly UndeliveredWebhook[]>;
  /** Milliseconds that GitHub's clock is ahead of ours, by its last answer; 0 before the first. */
  readonly clockDrift: () => number;
}

/** GitHub's API for one App. Throws when the private key is none; nothing is sent before the first call. */
export function createGitHub(options: GitHubOptions): GitHubClient {
  const { addresses, appId, now, onCall, fetch = createFetch() } = options;
  const sender = createSender({ api: addresses.api, fetch, now, onCall });
  const cache = createEtagCache();
  const limits = createLimits(now, sender.clockDrift);
  const app = createAppCaller(sender, cache, limits, { appId, privateKey: readPrivateKey(options.privateKey) }, now);
  const tokens = createInstallationTokens(app, () => now() + sender.clockDrift());
  const parts: CallerParts = { sender, cache, limits, tokens, graphql: addresses.graphql };
  const botId = rememberBotId(app);
  return {
    appId,
    repository: (ref) => createRepository(createRepositoryCaller(ref, parts), appId, botId),
    fetchToken: ({ installationId, repositoryId }) => tokens.get({ installationId, repositoryId, purpose: "fetch" }),
    listInstallations: () => app.list("GET /app/installations", { entry: installationSchema }),
    findRepository: (ref) => findRepository(ref, app, parts),
    listRepositories: (installationId) => listRepositories(installationId, parts),
    listFailedDeliveries: (since) => findFailedDeliveries(app, since),
    redeliver: async (attempt) => await redeliver(app, attempt),
    readAppSettings: () => readAppSettings(app),
    readInstallation: (id) => readInstallation(app, id),
    clockDrift: sender.clockDrift,
  };
}

async function redeliver(app: AppCaller, attempt: string): Promise<void> {
  await app.call("POST /app/hook/deliveries/{delivery_id}/attempts", anything, { delivery_id: attempt });
}

async function readAppSettings(app: AppCaller): Promise<AppSettings> {
  const settings = await app.call("GET /app", appSchema);
  const hook = await app.call("GET /app/hook/config", hookSchema).catch((fault: unknown) => {
    if (fault instanceof AccessLostFault && fault.loss === "not-found") return undefined;
    throw fault;
  });
  return {
    name: settings.name,
    slug: settings.slug,
    htmlUrl: settings.html_url,
    permissions: settings.permissions,
    events: settings.events,
    webhookUrl: hook?.url ?? undefined,
    contentType: hook?.content_type ?? undefined,
  };
}

async function readInstallation(app: AppCaller, installationId: InstallationId): Promise<InstallationFacts> {
  const route = "GET /app/installations/{installation_id}";
  return await app
    .call(route, installationSchema, { installation_id: installationId })
    .catch((fault: unknown) => Promise.reject(asUninstalled(fault)));
}

/** The App's bot keeps its user id for as long as there is the App. */
function rememberBotId(app: AppCaller): (caller: RepositoryCaller) => Promise<number> {
  let known: Promise<number> | undefined;
  return async (caller) => {
    const asked = (known ??= app.call("GET /app", appSchema).then(({ slug }) => readBotId(caller, slug)));
    asked.catch(() => (known = known === asked ? undefined : known));
    return await asked;
  };
}
