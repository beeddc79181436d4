import { createHash } from "node:crypto";
import type { Report } from "../../model/index.ts";
import { escapeHtml, markup } from "./markup.ts";
import { renderBody } from "./render-body.ts";

/** What the page carries inside: texts of style sheets and scripts, none of which comes from a repository. */
export interface HtmlAssets {
  readonly diffStyle: string;
  readonly diffScript: string;
  readonly pageStyle: string;
  readonly pageScript: string;
}

/**
 * The report as one page that needs nothing else: it works from `file://` and asks nothing of any host, which its
 * content security policy holds (only the styles and scripts inside, by their hashes). Throws when an asset could end
 * its own element.
 */
export function renderHtml(report: Report, assets: HtmlAssets): string {
  const styles = [assets.diffStyle, assets.pageStyle];
  const scripts = [assets.diffScript, assets.pageScript];
  for (const text of [...styles, ...scripts]) refuseEndTag(text);
  const policy = [
    "default-src 'none'",
    `style-src ${styles.map(hashSource).join(" ")}`,
    `script-src ${scripts.map(hashSource).join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const title = markup`${report.outcome.title} · ${report.repository} · Drydock`;
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8" />\n',
    `<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}" />\n`,
    '<meta name="viewport" content="width=device-width, initial-scale=1" />\n',
    '<meta name="color-scheme" content="light dark" />\n',
    '<meta name="referrer" content="no-referrer" />\n',
    `<title>${title.text}</title>\n`,
    ...styles.map((text) => `<style>${text}</style>\n`),
    "</head>\n<body>\n",
    '<a class="skip" href="#main">Skip to the report</a>\n    ',
    renderPageBody(report),
    ...scripts.map((text) => `<script>${text}</script>\n`),
    "</body>\n</html>\n",
  ].join("");
}

/** What stands inside `<body>` of the report's page, for a shell with a head and a skip link of its own. */
export function renderPageBody(report: Report): string {
  return renderBody(report).text;
}

function hashSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** Inside these elements only an end tag or a comment's opening has a meaning (HTML, §13.2.5.15 and following). */
function refuseEndTag(text: string): void {
  if (/<\/(?:script|style)|<!--/iu.test(text))
    throw new TypeError("An asset of the page holds an end tag or a comment");
}
