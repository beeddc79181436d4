import type { MiddlewareHandler } from "hono";
import type { WebEnvironment } from "./web-app.ts";

/** Everything a page of ours needs comes from this server; forms may also be sent to `formTargets` (origins). */
export function writePagePolicy(formTargets: readonly string[] = []): string {
  return [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self'",
    `form-action ${["'self'", ...formTargets].join(" ")}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; ");
}

const NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** What every answer carries. An answer that says nothing of itself may load nothing and be kept by nobody. */
export function secureHeaders(isHttps: boolean): MiddlewareHandler<WebEnvironment> {
  return async (context, next) => {
    await next();
    const { headers } = context.res;
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("X-Frame-Options", "DENY");
    if (isHttps) headers.set("Strict-Transport-Security", "max-age=31536000");
    if (!headers.has("Content-Security-Policy")) headers.set("Content-Security-Policy", NOTHING);
    if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
  };
}
