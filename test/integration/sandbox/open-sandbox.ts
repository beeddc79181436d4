import { createSign } from "node:crypto";
import { startSandbox, type Sandbox, type SandboxOptions } from "../../../src/sandbox/start-sandbox.ts";
import {
  createOrganization,
  createRepository,
  createUser,
  installApp,
  openPullRequest,
  pushCommit,
  type World,
} from "../../../src/sandbox/world/index.ts";
import type { Account, App, Installation, PullRequest, Repository } from "../../../src/sandbox/world/entities.ts";

/** What the App is allowed in these tests, unless one says otherwise. */
export const FULL = {
  administration: "read",
  checks: "write",
  contents: "write",
  deployments: "write",
  issues: "write",
  members: "read",
  pull_requests: "write",
  statuses: "write",
} as const;

/** An answer; `body` is undefined where there was none. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Fields;
}

/** JSON whose shape the test itself is about. */
export type Fields = Readonly<Record<string, unknown>>;

export interface Stage {
  readonly sandbox: Sandbox;
  readonly world: World;
  readonly ada: Account;
  readonly organization: Account;
  readonly repository: Repository;
  readonly installation: Installation;
  readonly pullRequest: PullRequest;
  /** Asks as the App's installation. */
  readonly send: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Reply>;
}

/** A stand-in with a private repository `acme/gitops`, the App installed, and pull request 1 that changes line 2 of 3. */
export async function openStage(
  test: { after(clean: () => Promise<void>): void },
  options: SandboxOptions & { readonly isPublic?: boolean } = {},
): Promise<Stage> {
  const sandbox = await startSandbox({ app: { permissions: FULL }, ...options });
  test.after(async () => await sandbox.close());
  const { world, app } = sandbox;
  const ada = createUser(world, "ada");
  const organization = createOrganization(world, ada, "acme");
  const files = { "app.yaml": "kind: A\nreplicas: 1\nname: a\n" };
  const settings = { actor: ada, isPrivate: options.isPublic !== true, files };
  const repository = await createRepository(world, organization, "gitops", settings);
  const installation = installApp(world, ada, app, organization);
  await pushCommit(world, ada, repository, {
    branch: "raise",
    files: { "app.yaml": "kind: A\nreplicas: 2\nname: a\n" },
  });
  const pullRequest = await openPullRequest(world, ada, repository, { head: "raise", title: "Raise replicas" });
  const token = await tokenFor(sandbox, installation);
  return {
    sandbox,
    world,
    ada,
    organization,
    repository,
    installation,
    pullRequest,
    send: async (method, path, body, headers) => await request(sandbox, method, path, { token, body, headers }),
  };
}

/** A token of an installation, narrowed where told. */
export async function tokenFor(sandbox: Sandbox, installation: Installation, narrowed: object = {}): Promise<string> {
  const path = `/app/installations/${installation.id}/access_tokens`;
  const { body } = await request(sandbox, "POST", path, { token: signJwt(sandbox, sandbox.app), body: narrowed });
  return typeof body["token"] === "string" ? body["token"] : "";
}

/** The proof of being an App, from its own key; `claims` lies over what is usual. */
export function signJwt(sandbox: Sandbox, app: App, claims: Readonly<Record<string, unknown>> = {}): string {
  const seconds = Math.floor(sandbox.world.clock() / 1000);
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  const payload = { iat: seconds - 30, exp: seconds + 540, iss: String(app.id), ...claims };
  const signed = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(payload)}`;
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(app.privateKey).toString("base64url")}`;
}

export async function request(
  sandbox: Sandbox,
  method: string,
  path: string,
  options: {
    readonly token?: string | undefined;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>> | undefined;
  } = {},
): Promise<Reply> {
  const response = await fetch(path.startsWith("http") ? path : `${sandbox.apiUrl}${path}`, {
    method,
    redirect: "manual",
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  const body = (text === "" ? undefined : JSON.parse(text)) as Fields;
  return { status: response.status, headers: response.headers, body };
}
