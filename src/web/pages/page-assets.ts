import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { HtmlAssets } from "../../report/index.ts";
import type { WebApp, WebContext } from "../web-app.ts";

/** Addresses of styles and scripts. Each has a digest of its content in it, so a browser may keep it for ever. */
export interface PageAssets {
  readonly siteStyles: readonly string[];
  readonly reportStyles: readonly string[];
  readonly reportScripts: readonly string[];
}

const TYPES = { css: "text/css; charset=utf-8", js: "text/javascript; charset=utf-8" } as const;
const FOR_EVER = "public, max-age=31536000, immutable";
/** Bytes under which packing saves nothing. */
const WORTH_PACKING = 1400;

const pack = promisify(gzip);

/** Serves the styles and scripts of all pages and says where. Throws when the site's own style cannot be read. */
export function addAssets(app: WebApp, assets: HtmlAssets): PageAssets {
  const add = (name: string, type: keyof typeof TYPES, text: string): string => {
    const digest = createHash("sha256").update(text).digest("hex").slice(0, 20);
    const path = `/assets/${name}-${digest}.${type}`;
    app.get(path, (context) =>
      sendText(context, 200, text, { "Content-Type": TYPES[type], "Cache-Control": FOR_EVER }),
    );
    return path;
  };
  const page = add("page", "css", assets.pageStyle);
  const site = add("site", "css", readFileSync(new URL("./site.css", import.meta.url), "utf8"));
  return {
    siteStyles: [page, site],
    reportStyles: [add("diff", "css", assets.diffStyle), page, site],
    reportScripts: [add("diff", "js", assets.diffScript), add("page", "js", assets.pageScript)],
  };
}

/** Sends a text, packed for browsers that take it so. */
export async function sendText(
  context: WebContext,
  status: 200 | 400 | 401 | 403 | 404 | 410 | 500 | 503,
  text: string,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const isTaken = /\bgzip\b/u.test(context.req.header("accept-encoding") ?? "");
  if (!isTaken || text.length < WORTH_PACKING) return context.body(text, status, headers);
  const packed = new Uint8Array(await pack(text));
  return context.body(packed, status, { ...headers, "Content-Encoding": "gzip", Vary: "Accept-Encoding" });
}
