import { createHash } from "node:crypto";
import { markup, type Markup } from "../../report/html/markup.ts";
import type { Stage } from "../set-stage.ts";

export const SITE = "/harbor/config";
export const ASSETS = "/demo-assets";

/** One page: `live` is replaced in the browser as things happen, `rest` is left alone because people write in it. */
export interface Page {
  readonly title: string;
  readonly live: Markup;
  readonly rest?: Markup;
}

/** Whoever the visitor plays. */
export interface Visitor {
  readonly login: string;
  /** Where forms lead back to. */
  readonly here: string;
}

export function hashPage({ live }: Page): string {
  return `"${createHash("sha256").update(live.text).digest("base64url").slice(0, 22)}"`;
}

/** The whole page around it. */
export function writeShell(page: Page, { people }: Stage, visitor: Visitor): string {
  const options = [...people.keys()].map((login) =>
    login === visitor.login ? markup`<option selected>${login}</option>` : markup`<option>${login}</option>`,
  );
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>${page.title} · harbor/config</title>
<link rel="stylesheet" href="${ASSETS}/page.css" />
<link rel="stylesheet" href="${ASSETS}/site.css" />
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="bar">
<a class="home" href="${SITE}/pulls">harbor/<strong>config</strong></a>
<span class="stand-in">a stand-in for GitHub, on this machine alone</span>
<form class="person" method="post" action="${SITE}/person">
<input type="hidden" name="to" value="${visitor.here}" />
<label>You are <select name="person">${options}</select></label>
<button type="submit">Switch</button>
</form>
</header>
<main id="main" tabindex="-1">
<p id="ended" class="notice" role="status" hidden>The demo has ended: this page is what was there last.</p>
<div id="live" data-tag="${hashPage(page)}">${page.live}</div>
${page.rest}
</main>
<script src="${ASSETS}/site.js"></script>
</body>
</html>
`.text;
}
