import { z } from "zod";
import { AccessLostFault, RefusedFault, type InstallationId, type RepositoryId } from "../model/index.ts";
import { asUninstalled, type AppCaller } from "./call-app.ts";
import { installationSchema } from "./schemas.ts";

/**
 * What a token is for, and so the most that it may do. `statuses`, which the App holds to be selectable as the source
 * of a required check, is in none of them. `resolve` is for the one mutation that GitHub ties to contents:write
 * (github.com/orgs/community/discussions/44650); an App without it asks with read and is told no. `merge` is for the command that merges,
 * where the App was given contents:write. `members` asks who is in a team.
 */
export const TOKEN_PERMISSIONS = {
  work: {
    metadata: "read",
    contents: "read",
    checks: "write",
    pull_requests: "write",
    issues: "write",
  },
  resolve: { metadata: "read", contents: "write", pull_requests: "write" },
  merge: { metadata: "read", contents: "write", pull_requests: "write" },
  fetch: { metadata: "read", contents: "read" },
  members: { metadata: "read", members: "read" },
  list: { metadata: "read" },
} as const satisfies Record<string, Readonly<Record<string, "read" | "write">>>;

export type TokenPurpose = keyof typeof TOKEN_PERMISSIONS;

/** Whose token: of one repository, or, to list them, of the whole installation. */
export interface TokenScope {
  readonly installationId: InstallationId;
  readonly repositoryId: RepositoryId | undefined;
  readonly purpose: TokenPurpose;
}

export interface InstallationTokens {
  /** A token with five minutes or more left. Rejects with an AccessLostFault when GitHub gives none any more. */
  get(scope: TokenScope): Promise<string>;
  /** Forgets a token that GitHub answered with 401; another one that has come since stays. */
  drop(scope: TokenScope, token: string): void;
  /** Forgets what an installation was granted; it is asked for again with the next token. */
  forget(installationId: InstallationId): void;
}

const LEAST_LEFT = 5 * 60_000;
/** Milliseconds that the granted permissions of an installation are taken as known. */
const GRANTS_HOLD = 10 * 60_000;
/** About 5 MiB of the longer tokens; the least recently made go first. */
const MOST_TOKENS = 5000;

const tokenSchema = z.object({ token: z.string().min(1).max(4096), expires_at: z.iso.datetime({ offset: true }) });

type Permissions = Readonly<Record<string, string>>;
type Minted = Promise<{ readonly token: string; readonly expiresAt: number }>;

/**
 * Makes and keeps installation tokens, one request at a time for each scope. `githubNow` is GitHub's time in
 * milliseconds, which `expires_at` is a moment of.
 */
export function createInstallationTokens(app: AppCaller, githubNow: () => number): InstallationTokens {
  const tokens = new Map<string, Minted>();
  const grants = new Map<InstallationId, { readonly until: number; readonly permissions: Promise<Permissions> }>();

  const readGrants = (id: InstallationId): Promise<Permissions> => {
    const known = grants.get(id);
    if (known !== undefined && known.until > githubNow()) return known.permissions;
    const permissions = readGranted(app, id);
    grants.set(id, { until: githubNow() + GRANTS_HOLD, permissions });
    permissions.catch(() => grants.get(id)?.permissions === permissions && grants.delete(id));
    return permissions;
  };

  const mint = async (scope: TokenScope): Minted => {
    const ask = async (): Minted => await askToken(app, scope, await readGrants(scope.installationId));
    try {
      return await ask();
    } catch (fault) {
      // What was granted has changed since it was read: "The permissions requested are not granted".
      if (!(fault instanceof RefusedFault)) throw fault;
      grants.delete(scope.installationId);
      return await ask().catch((again: unknown) => Promise.reject(asOutOfReach(again, scope)));
    }
  };

  const get = async (scope: TokenScope): Promise<string> => {
    const key = keyOf(scope);
    const known = tokens.get(key);
    if (known !== undefined) {
      const { token, expiresAt } = await known;
      // It may have been dropped, or renewed, meanwhile.
      if (tokens.get(key) !== known) return await get(scope);
      if (expiresAt - githubNow() >= LEAST_LEFT) return token;
    }
    const minted = mint(scope);
    tokens.delete(key);
    tokens.set(key, minted);
    for (const oldest of tokens.keys()) {
      if (tokens.size <= MOST_TOKENS) break;
      tokens.delete(oldest);
    }
    minted.catch(() => tokens.get(key) === minted && tokens.delete(key));
    return (await minted).token;
  };

  return {
    get,
    drop: (scope, token) => {
      const key = keyOf(scope);
      const known = tokens.get(key);
      known
        ?.then((minted) => minted.token === token && tokens.get(key) === known && tokens.delete(key))
        .catch(() => undefined);
    },
    forget: (installationId) => void grants.delete(installationId),
  };
}

function keyOf({ installationId, repositoryId, purpose }: TokenScope): string {
  return `${installationId}/${repositoryId ?? "all"}/${purpose}`;
}

async function readGranted(app: AppCaller, installationId: InstallationId): Promise<Permissions> {
  const route = "GET /app/installations/{installation_id}";
  const installation = await app
    .call(route, installationSchema, { installation_id: installationId })
    .catch((fault: unknown) => Promise.reject(asUninstalled(fault)));
  if (installation.isSuspended) throw new AccessLostFault("suspended", "The App's installation is suspended");
  return installation.permissions;
}

async function askToken(app: AppCaller, scope: TokenScope, granted: Permissions): Minted {
  const { installationId, repositoryId, purpose } = scope;
  const answer = await app
    .call("POST /app/installations/{installation_id}/access_tokens", tokenSchema, {
      installation_id: installationId,
      permissions: narrow(TOKEN_PERMISSIONS[purpose], granted),
      ...(repositoryId === undefined ? {} : { repository_ids: [repositoryId] }),
    })
    .catch((fault: unknown) => Promise.reject(asUninstalled(fault)));
  return { token: answer.token, expiresAt: Date.parse(answer.expires_at) };
}

/** No more than is wanted and no more than is granted: GitHub refuses a request for anything it has not granted. */
function narrow(wanted: Permissions, granted: Permissions): Permissions {
  const narrowed = Object.entries(wanted).flatMap(([name, level]) => {
    const has = Object.hasOwn(granted, name) ? granted[name] : undefined;
    if (has === undefined) return [];
    return [[name, level === "write" && has !== "read" ? "write" : "read"] as const];
  });
  return { metadata: "read", ...Object.fromEntries(narrowed) };
}

/** Refused with what is granted now: the repository is not among those the installation may use. */
function asOutOfReach(fault: unknown, { repositoryId }: TokenScope): Error {
  if (fault instanceof RefusedFault && repositoryId !== undefined) {
    return new AccessLostFault("not-found", `The App's installation does not have this repository: ${fault.message}`);
  }
  return fault as Error;
}
