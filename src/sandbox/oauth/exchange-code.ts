import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { App } from "../world/entities.ts";
import { select, type World } from "../world/store.ts";
import { issueUserToken } from "../world/tokens.ts";
import type { Grants } from "./authorize.ts";

/** As GitHub answers: also a refusal comes with 200. */
export type Exchanged = Readonly<Record<string, string | number>>;

/** Exchanges a code, once and within its ten minutes, for a token. The verifier has to fit where a challenge was given. */
export function exchangeCode(world: World, grants: Grants, fields: URLSearchParams): Exchanged {
  const app = findClient(world, fields.get("client_id"), fields.get("client_secret"));
  if (app === undefined) {
    return refuse("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.");
  }
  const code = fields.get("code") ?? "";
  const grant = grants.get(code);
  grants.delete(code);
  const isGood = grant?.appId === app.id && grant.expiresAt > world.clock();
  if (!isGood || !isVerified(grant.challenge, fields.get("code_verifier"))) {
    return refuse("bad_verification_code", "The code passed is incorrect or expired.");
  }
  const redirect = fields.get("redirect_uri");
  if (redirect !== null && redirect !== grant.redirect) {
    return refuse("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL.");
  }
  const { token, expiresAt } = issueUserToken(world, grant.userId, app.id);
  return {
    access_token: token,
    expires_in: Math.round((expiresAt - world.clock()) / 1000),
    refresh_token: `ghr_${randomBytes(38).toString("hex")}`,
    refresh_token_expires_in: 15_897_600,
    token_type: "bearer",
    scope: "",
  };
}

/** The App of these credentials. */
export function findClient(world: World, id: string | null, secret: string | null): App | undefined {
  const [app] = select(world, "apps", ({ clientId }) => clientId === id);
  return app !== undefined && isEqual(app.clientSecret, secret ?? "") ? app : undefined;
}

function isVerified(challenge: string | undefined, verifier: string | null): boolean {
  if (challenge === undefined) return true;
  return verifier !== null && isEqual(createHash("sha256").update(verifier).digest("base64url"), challenge);
}

function isEqual(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function refuse(error: string, description: string): Exchanged {
  return { error, error_description: description, error_uri: "https://docs.github.com/apps/oauth-errors" };
}
