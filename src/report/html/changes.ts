import type { AppReport, FieldChange, ResourceChange, SourceLocation } from "../../model/index.ts";
import { SealedValue } from "../../model/index.ts";
import { describeApiVersion, describeHooks, describeLocation, describeResource, describeValue } from "../describe.ts";
import { describeImageChange } from "../image-reference.ts";
import type { ChangeCluster, ImageSummary, LikeChanges, RiskEntry } from "../outline.ts";
import { count, formatCount, listPhrase } from "../phrase.ts";
import type { Markup } from "./markup.ts";
import { markup, preformatted } from "./markup.ts";
import type { PageSection } from "./section.ts";

/** Up to this many changes stand open when the page is opened. */
const OPEN_CHANGES = 12;

/** A change with the anchor that the contents list and the risks lead to. */
export type Anchors = ReadonlyMap<LikeChanges, string>;

/** Numbers the changes in the order of the page. */
export function anchorChanges(clusters: readonly ChangeCluster[]): Anchors {
  const changes = clusters.flatMap((cluster) => cluster.changes);
  return new Map(changes.map((change, index) => [change, `change-${index + 1}`]));
}

/** What a reviewer must not overlook, each with a link to its change. */
export function sectionRisks(risks: readonly RiskEntry[], anchors: Anchors): PageSection {
  const items = risks.map(({ risk, changes }) => {
    const apps = new Set(changes.places.map((place) => place.app));
    const others = listSiblings(changes);
    return markup`<li class="item ${risk.level === "high" ? "bad" : "warn"}" data-find>
      <p class="line">
        <a href="#${anchors.get(changes) ?? ""}"
          ><code class="subject">${describeResource(changes.change.resource)}</code></a
        >${others.length === 0 ? undefined : markup` and ${listPhrase(others, 3)}`}
        <span class="tag">${risk.level}</span> ${writeWhere([...apps])}
      </p>
      <p class="text">${risk.message}</p>
    </li> `;
  });
  return {
    id: "risks",
    title: "Risks",
    amount: risks.length,
    tone: "warn",
    body: markup`<ul class="items">
      ${items}
    </ul>`,
    isFolded: false,
  };
}

function writeMove(from: string | undefined, to: string | undefined): Markup {
  if (from === undefined) return markup`<code class="new">${to ?? ""}</code> added`;
  if (to === undefined) return markup`<code class="old">${from}</code> removed`;
  return markup`<code class="old">${from}</code> → <code class="new">${to}</code>`;
}

/** The images that move. */
export function sectionImages(images: readonly ImageSummary[]): PageSection {
  const rows = images.map((image) => {
    const { repository, from, to } = describeImageChange(image.before, image.after);
    return markup`<tr data-find>
      <td><code>${repository}</code></td>
      <td>${writeMove(from, to)}</td>
      <td class="number">${formatCount(image.apps.length)}</td>
    </tr> `;
  });
  const body = markup`<div class="wide">
    <table class="images">
      <thead>
        <tr>
          <th scope="col">Image</th>
          <th scope="col">Change</th>
          <th scope="col" class="number">Apps</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
  return { id: "images", title: "Images", amount: images.length, tone: "info", body, isFolded: false };
}

/** What differs, app by app; changes that reach the same apps stand together and are told once. */
export function sectionChanges(
  clusters: readonly ChangeCluster[],
  anchors: Anchors,
  apps: ReadonlyMap<string, AppReport>,
): PageSection {
  const isOpen = anchors.size <= OPEN_CHANGES;
  const body = markup`${clusters.map((cluster) => writeCluster(cluster, anchors, apps, isOpen))}`;
  return { id: "changes", title: "Changes", amount: anchors.size, tone: "info", body, isFolded: false };
}

function writeCluster(
  cluster: ChangeCluster,
  anchors: Anchors,
  apps: ReadonlyMap<string, AppReport>,
  isOpen: boolean,
): Markup {
  const environment = cluster.apps.length === 1 ? apps.get(cluster.apps[0] ?? "")?.environment : undefined;
  const tag = environment === undefined ? undefined : markup` <span class="tag">${environment}</span>`;
  const changes = cluster.changes.map((change) => writeChange(change, anchors.get(change) ?? "", isOpen));
  return markup`<div class="cluster">
    ${writeClusterTitle(cluster, tag)} ${changes}
  </div> `;
}

function writeClusterTitle({ apps }: ChangeCluster, tag: Markup | undefined): Markup {
  const [first = ""] = apps;
  if (apps.length === 1) return markup`<h3><code>${first}</code>${tag}</h3>`;
  return markup`<h3>The same in ${count(apps.length, "app")}</h3>
    <details class="apps">
      <summary><code>${first}</code> and ${count(apps.length - 1, "more app")}</summary>
      <ul>
        ${apps.map((app) => markup`<li><code>${app}</code></li> `)}
      </ul>
    </details>`;
}

const SIGNS: Readonly<Record<ResourceChange["action"], string>> = { added: "+", removed: "−", changed: "~" };

function writeChange(changes: LikeChanges, anchor: string, isOpen: boolean): Markup {
  const { change } = changes;
  const { resource, action, risks, noise, previous, moved } = change;
  const location = findLocation(changes);
  const hooks = describeHooks(change.hooks);
  const remarks = [
    ...(previous === undefined ? [] : [markup`was <code>${describeResource(previous)}</code>`]),
    ...(moved === undefined ? [] : [markup`moved ${moved.direction} <code>${moved.app}</code>`]),
    ...writeSiblings(changes),
    ...(noise > 0 ? [markup`${count(noise, "noisy field")} folded away`] : []),
    ...(location === undefined ? [] : [markup`<span class="place">${describeLocation(location)}</span>`]),
  ];
  return markup`<details class="change ${action}" id="${anchor}" data-find${isOpen ? markup` open` : undefined}>
    <summary>
      ${writeSign(action)} <code class="subject">${describeResource(resource)}</code>
      <span class="api">${describeApiVersion(resource)}</span
      >${hooks === undefined ? undefined : markup` <span class="tag">${hooks}</span>`}${risks.length > 0 ? markup` <span class="tag risk">${count(risks.length, "risk")}</span>` : undefined}
    </summary>
    ${risks.map((risk) => markup`<p class="risk-line ${risk.level === "high" ? "bad" : "warn"}">${risk.message}</p>`)}
    ${remarks.length > 0 ? markup`<p class="reach">${remarks.map((remark, index) => (index === 0 ? remark : markup` <span class="dot">·</span> ${remark}`))}</p>` : undefined}
    ${change.diff === "" ? writeFields(change) : writeDiff(change.diff)}
  </details> `;
}

/** The mark of what happened, with the word for those who do not see it. */
export function writeSign(action: ResourceChange["action"]): Markup {
  return markup`<span class="sign ${action}" role="img" aria-label="${action}">${SIGNS[action]}</span>`;
}

/** The file that causes the change, where it is the same one in all places. */
function findLocation({ change: { location }, places }: LikeChanges): SourceLocation | undefined {
  return places.every((place) => place.change.location?.file === location?.file) ? location : undefined;
}

/** Resources that change as this one does. */
function listSiblings({ change, places }: LikeChanges): string[] {
  const own = describeResource(change.resource);
  return [...new Set(places.map((place) => describeResource(place.resource)))].filter((name) => name !== own);
}

function writeSiblings(changes: LikeChanges): Markup[] {
  const names = listSiblings(changes);
  return names.length === 0 ? [] : [markup`the same for ${listPhrase(names, 5)}`];
}

/** The diff as plain text, so that it reads without a script; the script draws it when it comes into view. */
function writeDiff(diff: string): Markup {
  const lines = diff
    .replace(/\n$/u, "")
    .split("\n")
    .map((line) => line.replaceAll("\t", "    "));
  return markup`<div class="diff"><pre tabindex="0">${preformatted(lines)}</pre></div>`;
}

function writeFields({ fields, moved }: ResourceChange): Markup | undefined {
  // What differs is told where it went to.
  if (moved?.direction === "to") return undefined;
  const told = fields.filter((field) => field.noise === undefined);
  if (told.length === 0) return markup`<p class="reach">No field differs.</p>`;
  return markup`<ul class="fields">
    ${told.map(writeField)}
  </ul>`;
}

function writeField({ label, before, after }: FieldChange): Markup {
  if (before instanceof SealedValue && after instanceof SealedValue) {
    return markup`<li><code>${label}</code>: secret value changed</li>`;
  }
  const from = before === undefined ? "nothing" : markup`<code class="old">${describeValue(before, 300)}</code>`;
  const to = after === undefined ? "nothing" : markup`<code class="new">${describeValue(after, 300)}</code>`;
  return markup`<li><code>${label}</code>: ${from} → ${to}</li>`;
}

function writeWhere(apps: readonly string[]): Markup {
  const [first = ""] = apps;
  const more = apps.length > 1 ? ` and ${count(apps.length - 1, "more app")}` : "";
  return markup`<span class="reach">in <code>${first}</code>${more}</span>`;
}
