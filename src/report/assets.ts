import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { HtmlAssets } from "./html/render-html.ts";

/**
 * Reads what the HTML page carries inside: diff2html's style and script from its package, and the page's own. The one
 * function of this folder that touches the disk; an edge calls it. Fails when the packages are not installed.
 */
export async function loadReportAssets(): Promise<HtmlAssets> {
  const require = createRequire(import.meta.url);
  const [diffStyle, diffScript, pageStyle, pageScript] = await Promise.all([
    readFile(require.resolve("diff2html/bundles/css/diff2html.min.css"), "utf8"),
    readFile(require.resolve("diff2html/bundles/js/diff2html.min.js"), "utf8"),
    readFile(fileURLToPath(new URL("./html/page.css", import.meta.url)), "utf8"),
    readFile(fileURLToPath(new URL("./html/page.js", import.meta.url)), "utf8"),
  ]);
  return { diffStyle, diffScript, pageStyle, pageScript };
}
