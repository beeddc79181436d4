import type { WebContext } from "./web-app.ts";

/**
 * Whether a form was sent from a page of ours. Browsers say so by `Sec-Fetch-Site`, over plain http by `Origin` alone,
 * which reads `null` for our own pages as well because they send no referrer. Against others the cookies are
 * `SameSite=Lax` besides: a form from elsewhere brings none.
 */
export function isFromOwnPage(context: WebContext, ownOrigin: string | undefined): boolean {
  const site = context.req.header("sec-fetch-site");
  if (site !== undefined) return site === "same-origin";
  const origin = context.req.header("origin");
  return origin !== undefined && (origin === "null" || origin === ownOrigin);
}
