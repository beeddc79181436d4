import { createPrivateKey, sign, type KeyObject } from "node:crypto";

/** Seconds: how far back a JWT dates itself against clocks that differ, and how long it holds (GitHub allows 600). */
const BACKDATED = 60;
const LIFETIME = 540;

/** The App's private key, PKCS #1 or PKCS #8 PEM, or base64 of one. Throws without repeating any of it. */
export function readPrivateKey(text: string): KeyObject {
  const pem = text.includes("-----BEGIN") ? text.replaceAll("\\n", "\n") : Buffer.from(text, "base64").toString("utf8");
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error("The App's private key is not a PEM private key.");
  }
}

/**
 * The JWT that the App proves itself with (docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/
 * generating-a-json-web-token-jwt-for-a-github-app). `now` is GitHub's time in milliseconds, so that a clock that is
 * wrong here does no harm; auth-app takes the time of this machine and corrects it only by the text of an error.
 */
export function signAppJwt(appId: number, key: KeyObject, now: number): string {
  const seconds = Math.floor(now / 1000);
  const claims = { iat: seconds - BACKDATED, exp: seconds + LIFETIME, iss: String(appId) };
  const content = [{ alg: "RS256", typ: "JWT" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${content}.${sign("sha256", Buffer.from(content), key).toString("base64url")}`;
}
