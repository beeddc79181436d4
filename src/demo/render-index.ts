import type { Outcome } from "../model/index.ts";

/** One line of the index: a page that lies beside it, and what it says. */
export interface IndexEntry {
  readonly branch: string;
  readonly title: string;
  readonly outcome: Outcome;
  readonly page: string;
}

/** The head of a report ends in its controls, and its body stands beside the contents: this page has neither. */
const OWN_STYLE =
  ".top { padding-bottom: 1.25rem; } main { max-width: 60rem; padding: 1.25rem clamp(1rem, 3vw, 2.5rem) 4rem; } .item.good { border-left-color: var(--good); }";

const TONES: Readonly<Record<Outcome["status"], string>> = { passed: "good", failed: "bad", "not-checked": "warn" };

/** A page that links the pages beside it, in their style. */
export function renderIndex(entries: readonly IndexEntry[], style: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>Drydock demo</title>
<style>${style}</style>
<style>${OWN_STYLE}</style>
</head>
<body>
<header class="top">
<p class="origin"><span class="brand">Drydock</span></p>
<h1>${entries.length} proposed changes to a sample repository</h1>
<p class="origin">Each page is what a check of that branch says.</p>
</header>
<main>
<ul class="items">
${entries.map(writeEntry).join("\n")}
</ul>
</main>
</body>
</html>
`;
}

function writeEntry({ branch, title, outcome, page }: IndexEntry): string {
  return `<li class="item ${TONES[outcome.status]}">
<p class="line"><a class="subject" href="${escapeText(encodeURIComponent(page))}">${escapeText(title)}</a></p>
<p class="text">${escapeText(outcome.title)}</p>
<p class="reach"><code>drydock check --head ${escapeText(branch)}</code> · exit status ${outcome.exitCode}</p>
</li>`;
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => `&#${character.charCodeAt(0)};`);
}
