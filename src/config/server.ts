import { z } from "zod";

const text = z.string().trim().min(1);
const flag = z.enum(["true", "false"]).transform((value) => value === "true");
const port = z.coerce.number().int().min(0).max(65_535);
const amount = (min: number, max: number, standard: number) =>
  z.coerce.number().int().min(min).max(max).default(standard);

const address = z.url({ protocol: /^https?$/u }).transform((value) => value.replace(/\/+$/u, ""));

/** Pages lie at the root: cookies and links of theirs know no other place. */
const origin = address.refine((value) => new URL(value).origin === value.toLowerCase(), {
  message: "an address without a path, a query or a user",
});

/**
 * The server's configuration: environment variables, with probot's names where it has them. Every variable stands in
 * this schema, and docs/server.md is held to it.
 */
export const serverSchema = z.object({
  APP_ID: z.coerce.number().int().positive().optional().describe("Id of the GitHub App."),
  PRIVATE_KEY: text.optional().describe("The App's private key, PEM or base64 of it."),
  PRIVATE_KEY_PATH: text.optional().describe("File that holds the App's private key."),
  WEBHOOK_SECRET: z
    .string()
    .min(16)
    .optional()
    .describe("Secret that GitHub signs webhooks with, 16 characters or more."),
  CLIENT_ID: text.optional().describe("The App's client id, for signing in to pages."),
  CLIENT_SECRET: text.optional().describe("The App's client secret, for signing in to pages."),
  WEBHOOK_PATH: z
    .string()
    .regex(/^\/[\w./-]*$/u)
    .default("/api/github/webhooks")
    .describe("Path that GitHub sends webhooks to."),
  HOST: text.default("127.0.0.1").describe("Address to listen on."),
  PORT: port.default(3000).describe("Port to listen on."),
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"])
    .default("info")
    .describe("Least severe log lines that are written."),
  PUBLIC_URL: origin.optional().describe("Where browsers reach this server; without it checks link to no page."),
  METRICS_HOST: text.default("127.0.0.1").describe("Address that /metrics listens on."),
  METRICS_PORT: port.default(9464).describe("Port that /metrics listens on."),
  GITHUB_API_URL: address.optional().describe("API of GitHub Enterprise, or of a stand-in."),
  GHE_HOST: text.optional().describe("Host of GitHub Enterprise Server or of a ghe.com tenant."),
  GHE_PROTOCOL: z.enum(["https", "http"]).default("https").describe("Protocol of GHE_HOST."),
  DATABASE_URL: text.optional().describe("PostgreSQL 15 or newer; without it the database is in DRYDOCK_DATA."),
  DRYDOCK_DATA: text.default(".drydock").describe("Directory for the database, mirrors and caches."),
  DRYDOCK_RETENTION: amount(1, 3650, 90).describe("Days that reports are kept."),
  DRYDOCK_DISK_GIB: amount(1, 100_000, 20).describe("Most disk that mirrors and caches may take, GiB."),
  DRYDOCK_JOBS: z.coerce.number().int().min(1).max(256).optional().describe("Renders at once; by default one a core."),
  DRYDOCK_CHECKS: amount(1, 64, 2).describe("Pull requests that are checked at once."),
  DRYDOCK_SWEEP_SECONDS: amount(5, 86_400, 120).describe("Seconds between looks for what webhooks missed."),
  DRYDOCK_WRITES_A_SECOND: amount(1, 50, 1).describe(
    "Writes to one installation; GitHub asks for one. More only where an admin of GitHub Enterprise Server set no limits.",
  ),
  DRYDOCK_ALLOWED_HOSTS: z
    .string()
    .default("")
    .transform((value) => value.split(/[\s,]+/u).filter((host) => host !== ""))
    .describe("Hosts that schemas may be fetched from."),
  DRYDOCK_ORGANIZATION_RULES: z
    .enum(["optional", "required", "off"])
    .default("optional")
    .describe("Whether rules of the organisation count, and whether nothing passes without them."),
  DRYDOCK_PUBLIC_NEEDS_MAINTAINER: flag
    .default(false)
    .describe("Whether a fork's pull request to a public repository waits for a maintainer's /drydock check."),
  DRYDOCK_PUBLIC_PAGES: flag.default(false).describe("Whether pages of public repositories need no sign-in."),
  HTTPS_PROXY: text.optional().describe("Proxy for GitHub's API and git."),
  NO_PROXY: text.optional().describe("Hosts that are reached without the proxy."),
  NODE_EXTRA_CA_CERTS: text.optional().describe("File with further certificate authorities, for API and git."),
});

export type ServerSettings = z.output<typeof serverSchema>;

export type ServerConfig = Omit<ServerSettings, "APP_ID" | "WEBHOOK_SECRET" | "PRIVATE_KEY" | "PRIVATE_KEY_PATH"> & {
  readonly APP_ID: number;
  readonly WEBHOOK_SECRET: string;
  /** PEM. */
  readonly PRIVATE_KEY: string;
};

export type ServerReading =
  | { readonly kind: "loaded"; readonly config: ServerConfig }
  /** Nothing about an App is set: the first-run page can make one. */
  | { readonly kind: "no-app"; readonly settings: ServerSettings }
  /** `message` is one sentence that names everything missing or wrong, and no value. */
  | { readonly kind: "invalid"; readonly message: string };
