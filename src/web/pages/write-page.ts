import { type Markup, markup } from "../../report/html/markup.ts";
import type { Session } from "../ports.ts";
import type { PageAssets } from "./page-assets.ts";

export interface PageParts {
  /** Of the browser's tab. */
  readonly title: string;
  /** Holds an element with the id `main`. */
  readonly body: Markup;
  /** What the page is about, beside the name: links and the like. */
  readonly trail?: Markup | undefined;
  readonly skipText?: string;
  readonly isReport?: boolean;
  readonly account?: Markup | undefined;
}

/** A whole page: the shell that is served. Nothing stands in it inline. */
export function writePage(parts: PageParts, assets: PageAssets): string {
  const { isReport = false, skipText = "Skip to the content" } = parts;
  const styles = isReport ? assets.reportStyles : assets.siteStyles;
  const scripts = isReport ? assets.reportScripts : [];
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>${parts.title} · Drydock</title>
${styles.map((path) => markup`<link rel="stylesheet" href="${path}" />\n`)}</head>
<body>
<a class="skip" href="#main">${skipText}</a>
<nav class="site" aria-label="Drydock">
<a class="home" href="/">Drydock</a>
${parts.trail}
${parts.account}
</nav>
${parts.body}
${scripts.map((path) => markup`<script src="${path}"></script>\n`)}</body>
</html>
`;
  return page.text;
}

/** Who the page is shown to, and the way out or in. `here` is where signing in leads back to. */
export function writeAccount(visitor: Session | undefined, here: string): Markup {
  if (visitor === undefined) {
    return markup`<a class="account" href="/sign-in?to=${encodeURIComponent(here)}">Sign in</a>`;
  }
  return markup`<form class="account" method="post" action="/sign-out">
<span>Signed in as <strong>${visitor.actor.login}</strong></span>
<button type="submit">Sign out</button>
</form>`;
}

/** A page with a few words on it. */
export function writeWords(heading: string, paragraphs: readonly (string | Markup)[], more?: Markup): Markup {
  return markup`<main id="main" class="words" tabindex="-1">
<h1>${heading}</h1>
${paragraphs.map((paragraph) => markup`<p>${paragraph}</p>\n`)}${more}
</main>`;
}
