import { createHash, createHmac, randomBytes } from "node:crypto";
import { Registry } from "prom-client";
import { readDelivery } from "../../src/events/index.ts";
import { verifySignature } from "../../src/github/index.ts";
import type { Log, RepositoryFacts } from "../../src/jobs/ports.ts";
import type { Actor, Delivery, PullRequestKey } from "../../src/model/index.ts";
import { loadReportAssets } from "../../src/report/assets.ts";
import { createMetrics, createWebServer, type WebServerParts } from "../../src/web/index.ts";
import type { KeptJudgement, PageRecords, Session, SignIn } from "../../src/web/ports.ts";

export const SECRET = "a secret of the tests, long enough";
export const REPOSITORY: RepositoryFacts = {
  installationId: 7,
  repositoryId: 70,
  owner: "shop",
  name: "deploy",
  defaultBranch: "main",
  isPrivate: true,
  isArchived: false,
};
export const READER: Actor = { id: 501, login: "ada", type: "User" };

export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Keeps lines where a test can read them. */
export function createFakeLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write =
    (level: LogLine["level"]): Log["info"] =>
    (fields, message) =>
      void lines.push({ level, fields, message });
  return { lines, info: write("info"), warn: write("warn"), error: write("error") };
}

export type FakePageRecords = PageRecords & {
  readonly repositories: RepositoryFacts[];
  /** Newest first, by number of the pull request. */
  readonly judgements: Map<number, KeptJudgement[]>;
  readonly groups: Map<string, KeptJudgement>;
  readonly sessions: Map<string, Session>;
};

export function createFakePageRecords(): FakePageRecords {
  const repositories = [REPOSITORY];
  const judgements = new Map<number, KeptJudgement[]>();
  const groups = new Map<string, KeptJudgement>();
  const sessions = new Map<string, Session>();
  const listOf = ({ repositoryId, number }: PullRequestKey): KeptJudgement[] =>
    repositoryId === REPOSITORY.repositoryId ? (judgements.get(number) ?? []) : [];
  return {
    repositories,
    judgements,
    groups,
    sessions,
    findRepository: (owner, name) =>
      Promise.resolve(repositories.find((each) => each.owner === owner && each.name === name)),
    listJudgements: (key) => Promise.resolve(listOf(key)),
    readJudgement: (key, id) => Promise.resolve(listOf(key).find((each) => id === undefined || each.id === id)),
    readGroupJudgement: (_repositoryId, headSha) => Promise.resolve(groups.get(headSha)),
    keepSession: (digest, session) => Promise.resolve(void sessions.set(digest, session)),
    readSession: (digest) => Promise.resolve(sessions.get(digest)),
    dropSession: (digest) => Promise.resolve(void sessions.delete(digest)),
    ping: () => Promise.resolve(),
  };
}

/** GitHub's sign-in: whoever comes back with the code `good` and the right verifier is the reader. */
export function createFakeSignIn(): SignIn & { readonly verifiers: string[] } {
  const verifiers: string[] = [];
  return {
    verifiers,
    authorizeUrl: ({ state, challenge, redirect }) =>
      `https://github.example/login/oauth/authorize?${new URLSearchParams({ state, challenge, redirect }).toString()}`,
    identify: ({ code, verifier }) => {
      verifiers.push(verifier);
      return code === "good" ? Promise.resolve(READER) : Promise.reject(new Error("the code is not accepted"));
    },
  };
}

/** Begins a session as signing in would; gives the browser's cookie. */
export function signInAs(
  records: FakePageRecords,
  actor: Actor,
  name = "drydock-session",
  expiresAt = Date.now() + 3_600_000,
): string {
  const id = randomBytes(32).toString("base64url");
  records.sessions.set(createHash("sha256").update(id).digest("hex"), { actor, expiresAt });
  return `${name}=${id}`;
}

export interface StartedWebServer {
  readonly origin: string;
  readonly metricsOrigin: string;
  readonly records: FakePageRecords;
  readonly signIn: ReturnType<typeof createFakeSignIn>;
  readonly deliveries: Delivery[];
  readonly log: ReturnType<typeof createFakeLog>;
  stop(): Promise<void>;
}

/** The server with everything behind it in memory, on ports of its own. */
export async function startWebServer(
  test: { after(clean: () => Promise<void>): void },
  changes: Partial<Omit<WebServerParts, "config">> & { readonly config?: Partial<WebServerParts["config"]> } = {},
): Promise<StartedWebServer> {
  const records = createFakePageRecords();
  const signIn = createFakeSignIn();
  const deliveries: Delivery[] = [];
  const log = createFakeLog();
  const registry = new Registry();
  const server = createWebServer({
    intake: { receive: (delivery) => Promise.resolve(void deliveries.push(delivery)) },
    pages: records,
    signIn,
    access: { canRead: (actor) => Promise.resolve(actor.id === READER.id) },
    verifySignature,
    readDelivery,
    readiness: () => Promise.resolve([{ name: "database", isReady: true }]),
    metrics: createMetrics(registry),
    registry,
    assets: await loadReportAssets(),
    githubUrl: "https://github.example",
    log,
    now: Date.now,
    randomBytes,
    ...changes,
    config: {
      APP_ID: 4711,
      PRIVATE_KEY: "-----BEGIN PRIVATE KEY-----\nof tests\n-----END PRIVATE KEY-----\n",
      WEBHOOK_SECRET: SECRET,
      WEBHOOK_PATH: "/api/github/webhooks",
      HOST: "127.0.0.1",
      PORT: 0,
      METRICS_HOST: "127.0.0.1",
      METRICS_PORT: 0,
      PUBLIC_URL: "http://drydock.example",
      DRYDOCK_PUBLIC_PAGES: false,
      ...changes.config,
    },
  });
  const { port, metricsPort } = await server.start();
  test.after(() => server.stop());
  return {
    origin: `http://127.0.0.1:${port}`,
    metricsOrigin: `http://127.0.0.1:${metricsPort}`,
    records,
    signIn,
    deliveries,
    log,
    stop: () => server.stop(),
  };
}

export function sign(body: string | Uint8Array, secret = SECRET): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

export const GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958";

/** A delivery as GitHub sends it; `headers` replaces or, with undefined, leaves out. */
export function makeDelivery(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string | undefined>> = {},
): { method: "POST"; headers: Record<string, string>; body: string | Uint8Array<ArrayBuffer> } {
  const all: Record<string, string | undefined> = {
    "content-type": "application/json",
    "x-github-delivery": GUID,
    "x-github-event": "pull_request",
    "x-hub-signature-256": sign(body),
    ...headers,
  };
  const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { method: "POST", headers: Object.fromEntries(sent), body };
}
