import { mkdtemp, realpath, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLauncher } from "../git/index.ts";
import { openContract } from "./contract/contract.ts";
import { createFaults, createRateLimiter, type Faults, type Limits, type RateLimiter } from "./faults/index.ts";
import { serveGit } from "./git/serve-git.ts";
import { serveGraphql } from "./graphql/serve-graphql.ts";
import type { Handlers } from "./http/call.ts";
import { serveApi, type Api, type ReceivedRequest } from "./http/serve-api.ts";
import { startParts, type Parts } from "./parts.ts";
import { REPOSITORY_PERMISSIONS, restHandlers } from "./rest/index.ts";
import { serviceHandlers } from "./rest/service.ts";
import {
  createApp,
  createUser,
  createWorld,
  type Addresses,
  type AppOptions,
  type Clock,
  type World,
} from "./world/index.ts";
import type { WebhookOptions } from "./webhooks/index.ts";
import type { Account, App } from "./world/entities.ts";

export interface SandboxOptions {
  /** Free unless told otherwise. */
  readonly port?: number;
  /** `ghes`: GitHub Enterprise Server, with the API at `/api/v3`. */
  readonly mode?: "github.com" | "ghes";
  /** Of this GitHub; the machine's unless told otherwise. */
  readonly clock?: Clock;
  /** GitHub's own unless told otherwise. */
  readonly limits?: Partial<Limits>;
  /** What the App is registered with; its webhook can be pointed somewhere later too. */
  readonly app?: AppOptions & { readonly name?: string };
  /** How webhooks are sent; unchecked ones make a burst affordable. */
  readonly webhooks?: Pick<WebhookOptions, "timeout" | "concurrency" | "isChecked">;
  /** Pages for people, at GitHub's own addresses; false leaves a request to the API. */
  readonly pages?: Pages;
}

type Pages = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** A GitHub of our own, on this machine alone. */
export interface Sandbox {
  /** Where people and git reach it. */
  readonly url: string;
  readonly apiUrl: string;
  readonly graphqlUrl: string;
  readonly world: World;
  /** The App under test, as it was registered. */
  readonly app: App & { readonly appId: number };
  /** Who registered the App. */
  readonly owner: Account;
  readonly faults: Faults;
  readonly limiter: RateLimiter;
  /** Deliveries, and what people see in a browser. */
  readonly parts: Parts;
  /** Every request and answer that GitHub's own description does not have, in words; tests hold it empty. */
  readonly violations: readonly string[];
  /** Every request to the API, in order. */
  readonly requests: readonly ReceivedRequest[];
  /** Ends the server and removes the repositories. */
  close(): Promise<void>;
}

/** The Server whose description is in `schemas/github`. */
const ENTERPRISE_VERSION = "3.17.0";

/** Starts the stand-in GitHub on 127.0.0.1, with one App and its owner in it. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  await startLauncher();
  const directory = await realpath(await mkdtemp(join(tmpdir(), "drydock-sandbox-")));
  const server = createServer();
  await listen(server, options.port ?? 0);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const addresses =
    options.mode === "ghes" ? enterpriseAddresses(url) : { web: url, api: url, graphql: `${url}/graphql` };
  const world = createWorld({ clock: options.clock ?? Date.now, directory, addresses });
  const owner = createUser(world, "app-owner");
  const app = await createApp(world, owner, options.app?.name ?? "Drydock", options.app);
  const enterpriseVersion = options.mode === "ghes" ? ENTERPRISE_VERSION : undefined;
  const violations: string[] = [];
  const report = (violation: string): unknown => violations.push(violation);
  const parts = startParts(world, { ...options.webhooks, report, enterpriseVersion });
  const api = createApi(world, options, { handlers: parts.handlers, enterpriseVersion, violations });
  const closeServer = serve(server, { api, parts, pages: options.pages });
  return {
    url,
    apiUrl: addresses.api,
    graphqlUrl: addresses.graphql,
    world,
    app: { ...app, appId: app.id },
    owner,
    faults: api.faults,
    limiter: api.limiter,
    parts,
    violations,
    requests: api.requests,
    close: async () => {
      await parts.close();
      await closeServer();
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function enterpriseAddresses(url: string): Addresses {
  return { web: url, api: `${url}/api/v3`, graphql: `${url}/api/graphql` };
}

interface ApiParts {
  readonly handlers: Handlers;
  readonly enterpriseVersion: string | undefined;
  readonly violations: string[];
}

function createApi(world: World, options: SandboxOptions, { handlers, enterpriseVersion, violations }: ApiParts): Api {
  const limiter = createRateLimiter(world.clock, options.limits);
  return {
    world,
    contract: openContract(enterpriseVersion === undefined ? "api.github.com" : "ghes-3.17"),
    handlers: { ...restHandlers, ...serviceHandlers(limiter, enterpriseVersion), ...handlers },
    permissions: REPOSITORY_PERMISSIONS,
    faults: createFaults(),
    limiter,
    headers: enterpriseVersion === undefined ? {} : { "x-github-enterprise-version": enterpriseVersion },
    requests: [],
    violations,
  };
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

interface Served {
  readonly api: Api;
  readonly parts: Parts;
  readonly pages: Pages | undefined;
}

/** Answers requests from now on; the returned function ends that, open connections included. */
function serve(server: Server, served: Served): () => Promise<void> {
  let isClosing = false;
  server.on("request", (request, response) => {
    route(served, request, response).catch((error: unknown) => {
      if (isClosing) return; // its connection is gone, and soon the repositories are
      // A mistake of the stand-in's own must not look like one of GitHub's.
      served.api.violations.push(`${request.method ?? ""} ${request.url ?? ""}: the stand-in failed: ${String(error)}`);
      if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" });
      response.end(JSON.stringify({ message: "The stand-in failed" }));
    });
  });
  return async () => {
    isClosing = true;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
}

async function route({ api, parts, pages }: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { world, faults } = api;
  if (await serveGit(world, faults, request, response)) return;
  if (await parts.serve(request, response)) return;
  if ((await pages?.(request, response)) === true) return;
  const address = request.url ?? "/";
  if (request.method === "POST" && `${world.addresses.web}${address}` === world.addresses.graphql) {
    await serveGraphql(api, request, response);
    return;
  }
  const prefix = world.addresses.api.slice(world.addresses.web.length);
  await serveApi(api, request, response, address.startsWith(`${prefix}/`) ? address.slice(prefix.length) : address);
}
