import { randomBytes } from "node:crypto";
import type { Account, App } from "../world/entities.ts";
import { findAccount } from "../world/accounts.ts";
import { select, type World } from "../world/store.ts";

const TEN_MINUTES = 600_000;

/** What a code stands for until it is exchanged. */
export interface Grant {
  readonly appId: number;
  readonly userId: number;
  readonly redirect: string;
  /** S256 of the verifier that the exchange has to bring; undefined without PKCE. */
  readonly challenge: string | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Codes that were given out and not used. */
export type Grants = Map<string, Grant>;

/** What somebody who comes to sign in gets to see, or where the browser goes. */
export type Authorization =
  | { readonly kind: "redirect"; readonly location: string }
  | { readonly kind: "ask"; readonly app: App; readonly users: readonly Account[] }
  | { readonly kind: "refused"; readonly status: 400 | 404; readonly message: string };

/**
 * Answers `/login/oauth/authorize`. `as=LOGIN` is the visitor's consent, `deny=1` the refusal; without either the
 * visitor is asked. A redirect that the App did not register never gets a code.
 */
export function authorize(world: World, grants: Grants, query: URLSearchParams): Authorization {
  const clientId = query.get("client_id");
  const [app] = select(world, "apps", (one) => one.clientId === clientId);
  if (app === undefined) return { kind: "refused", status: 404, message: "There is no such App." };
  const [standard] = app.callbackUrls;
  const redirect = query.get("redirect_uri") ?? standard;
  if (redirect === undefined || standard === undefined) {
    return { kind: "refused", status: 400, message: "The App has no callback URL." };
  }
  const state = query.get("state") ?? undefined;
  if (!app.callbackUrls.some((registered) => isBelow(redirect, registered))) {
    return leadTo(standard, { error: "redirect_uri_mismatch", state });
  }
  if (query.get("deny") !== null) return leadTo(redirect, { error: "access_denied", state });
  const challenge = query.get("code_challenge") ?? undefined;
  if (challenge !== undefined && query.get("code_challenge_method") !== "S256") {
    return leadTo(redirect, { error: "invalid_request", state });
  }
  const login = query.get("as");
  const user = login === null ? undefined : findAccount(world, login);
  if (user?.type !== "User") {
    return { kind: "ask", app, users: select(world, "accounts", ({ type }) => type === "User") };
  }
  const code = randomBytes(10).toString("hex");
  const expiresAt = world.clock() + TEN_MINUTES;
  grants.set(code, { appId: app.id, userId: user.id, redirect, challenge, expiresAt });
  return leadTo(redirect, { code, state });
}

/** Same host and a path at or below the registered one; on this machine itself the port may differ, as on GitHub. */
function isBelow(redirect: string, registered: string): boolean {
  if (!URL.canParse(redirect) || !URL.canParse(registered)) return false;
  const [asked, known] = [new URL(redirect), new URL(registered)];
  const isLoopback = ["127.0.0.1", "[::1]"].includes(asked.hostname) && asked.hostname === known.hostname;
  const isSameHost = asked.protocol === known.protocol && (isLoopback || asked.host === known.host);
  const path = known.pathname.replace(/\/$/u, "");
  return isSameHost && (asked.pathname === known.pathname || asked.pathname.startsWith(`${path}/`));
}

function leadTo(redirect: string, answer: Readonly<Record<string, string | undefined>>): Authorization {
  const location = new URL(redirect);
  for (const [name, value] of Object.entries(answer)) {
    if (value !== undefined) location.searchParams.set(name, value);
  }
  return { kind: "redirect", location: location.href };
}
