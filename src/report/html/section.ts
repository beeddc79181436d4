import { formatCount } from "../phrase.ts";
import type { Markup } from "./markup.ts";
import { markup } from "./markup.ts";

/** One part of the page, with what the contents list needs to know of it. */
export interface PageSection {
  readonly id: string;
  readonly title: string;
  readonly amount: number;
  readonly tone: "bad" | "warn" | "info" | "quiet";
  readonly body: Markup;
  readonly isFolded: boolean;
}

/** A section with its heading; folded ones open on demand. Nothing for an empty one. */
export function writeSection({ id, title, amount, tone, body, isFolded }: PageSection): Markup {
  if (amount === 0) return markup``;
  const heading = markup`<h2 id="${id}-title">${title} <span class="amount ${tone}">${formatCount(amount)}</span></h2>`;
  if (!isFolded) return markup`<section id="${id}" aria-labelledby="${id}-title">${heading} ${body}</section> `;
  return markup`<section id="${id}" aria-labelledby="${id}-title">
    <details class="folded">
      <summary>${heading}</summary>
      ${body}
    </details>
  </section> `;
}
