import { createPublicKey, verify } from "node:crypto";
import type { Account, App, Installation, InstallationToken } from "../world/entities.ts";
import { findToken, findUserToken, read, select, type World } from "../world/index.ts";
import { forbidden, Refusal } from "./answer.ts";

/** Who asks. */
export type Caller =
  | { readonly kind: "anonymous" }
  | { readonly kind: "app"; readonly app: App }
  | {
      readonly kind: "installation";
      readonly app: App;
      readonly installation: Installation;
      readonly token: InstallationToken;
      /** The App's own account. */
      readonly actor: Account;
    }
  | { readonly kind: "user"; readonly actor: Account; readonly app: App };

/** GitHub takes ten minutes at most, and lets clocks differ a little. */
const LONGEST_LIFE = 600;
const TOLERANCE = 60;

/** Tells who sent a request by its `Authorization`; throws the 401 that GitHub gives for one that does not hold. */
export function identifyCaller(world: World, authorization: string | undefined): Caller {
  if (authorization === undefined) return { kind: "anonymous" };
  const [, token = ""] = /^(?:bearer|token) +(\S+)$/iu.exec(authorization) ?? [];
  if (token.startsWith("ghs_")) return identifyInstallation(world, token);
  if (token.startsWith("ghu_")) return identifyUser(world, token);
  return { kind: "app", app: identifyApp(world, token) };
}

function identifyInstallation(world: World, text: string): Caller {
  const token = findToken(world, text);
  if (token === undefined) throw new Refusal(401, "Bad credentials");
  const installation = read(world, "installations", { id: token.installationId });
  if (installation.suspendedAt !== undefined) throw forbidden("This installation has been suspended");
  const app = read(world, "apps", { id: installation.appId });
  return { kind: "installation", app, installation, token, actor: read(world, "accounts", { id: app.botId }) };
}

function identifyUser(world: World, text: string): Caller {
  const token = findUserToken(world, text);
  if (token === undefined) throw new Refusal(401, "Bad credentials");
  const actor = read(world, "accounts", { id: token.userId });
  return { kind: "user", actor, app: read(world, "apps", { id: token.appId }) };
}

function identifyApp(world: World, token: string): App {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const claims = readJson(payload);
  const issuer = String(claims["iss"]);
  const [app] = select(world, "apps", (one) => String(one.id) === issuer || one.clientId === issuer);
  if (app === undefined || readJson(header)["alg"] !== "RS256" || !isSigned(app, `${header}.${payload}`, signature)) {
    throw new Refusal(401, "A JSON web token could not be decoded");
  }
  const seconds = world.clock() / 1000;
  const { exp, iat } = claims;
  if (typeof exp !== "number" || exp <= seconds) {
    throw new Refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (typeof iat !== "number" || iat > seconds + TOLERANCE) {
    throw new Refusal(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
  if (exp > seconds + LONGEST_LIFE + TOLERANCE) {
    throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future");
  }
  return app;
}

function isSigned(app: App, signed: string, signature: string): boolean {
  return verify("RSA-SHA256", Buffer.from(signed), createPublicKey(app.publicKey), Buffer.from(signature, "base64url"));
}

function readJson(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
