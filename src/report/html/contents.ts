import { describeResource } from "../describe.ts";
import type { ChangeCluster } from "../outline.ts";
import { count, formatCount } from "../phrase.ts";
import { shorten } from "../visible-text.ts";
import type { Anchors } from "./changes.ts";
import { writeSign } from "./changes.ts";
import type { Markup } from "./markup.ts";
import { markup } from "./markup.ts";
import type { PageSection } from "./section.ts";

/** The list of contents: the sections, and below the changes the tree of apps and resources. */
export function writeContents(
  sections: readonly PageSection[],
  clusters: readonly ChangeCluster[],
  anchors: Anchors,
): Markup {
  const told = sections.filter((section) => section.amount > 0);
  const links = told.map(({ id, title, amount, tone }) => {
    const tree =
      id === "changes"
        ? markup` <ul class="tree">
            ${clusters.map((cluster) => writeBranch(cluster, anchors))}
          </ul>`
        : undefined;
    return markup`<li>
      <a href="#${id}">${title} <span class="amount ${tone}">${formatCount(amount)}</span></a
      >${tree}
    </li> `;
  });
  return markup`<nav class="contents" aria-label="Contents">
    <details open>
      <summary>Contents</summary>
      <ul>
        ${links}
      </ul>
    </details>
  </nav>`;
}

function writeBranch({ apps, changes }: ChangeCluster, anchors: Anchors): Markup {
  const [first = ""] = apps;
  const title = apps.length === 1 ? first : `${count(apps.length, "app")} alike`;
  const leaves = changes.map((each) => {
    const risk =
      each.change.risks.length > 0
        ? markup` <span class="tag risk" title="${count(each.change.risks.length, "risk")}">!</span>`
        : undefined;
    return markup`<li data-leaf="${anchors.get(each)}">
      <a href="#${anchors.get(each)}"
        >${writeSign(each.change.action)} ${shorten(describeResource(each.change.resource), 120)}${risk}</a
      >
    </li>`;
  });
  return markup`<li>
    <details open>
      <summary title="${first}">${shorten(title, 120)}</summary>
      <ul>
        ${leaves}
      </ul>
    </details>
  </li> `;
}
