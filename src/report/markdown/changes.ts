import type { AppReport, FieldChange, ResourceChange } from "../../model/index.ts";
import { SealedValue } from "../../model/index.ts";
import { describeHooks, describeResource, describeValue } from "../describe.ts";
import { describeImageChange } from "../image-reference.ts";
import type { ChangeCluster, ImageSummary, LikeChanges, RiskEntry } from "../outline.ts";
import { count, formatCount, listPhrase } from "../phrase.ts";
import { shorten } from "../visible-text.ts";
import type { FoldItem, MarkdownFold } from "./fold.ts";
import { cellCode, code, fenced, htmlCode, prose } from "./inline.ts";

/** What one diff may take of a comment, and how many apps of a group or fields of a change are named. */
const DIFF_LINES = 120;
const LINE_LIMIT = 300;
const APP_LIMIT = 50;
const FIELD_LIMIT = 20;
const IMAGE_LIMIT = 100;

/** What a reviewer must not overlook, most dangerous first. */
export function foldRisks(risks: readonly RiskEntry[]): MarkdownFold[] {
  if (risks.length === 0) return [];
  const items = risks.map((entry): FoldItem => {
    const line = `- ${writeRisk(entry)}`;
    return { full: `${line} · ${writeApps(entry.changes)}`, brief: line };
  });
  return [{ summary: `<b>Risks</b> (${formatCount(risks.length)})`, items, isList: true, noun: "risk", apps: 0 }];
}

export function writeRisk({ risk, changes }: RiskEntry): string {
  const names = [...new Set(changes.places.map((place) => describeResource(place.resource)))];
  const more = names.length > 3 ? [`${formatCount(names.length - 3)} more`] : [];
  const subjects = listPhrase([...names.slice(0, 3).map((name) => code(name)), ...more]);
  return `**${risk.level}** ${subjects}: ${prose(risk.message)}`;
}

function writeApps({ places }: LikeChanges): string {
  const apps = [...new Set(places.map((place) => place.app))];
  return `in ${listPhrase(apps.slice(0, 3).map((app) => code(app)))}${apps.length > 3 ? ` and ${count(apps.length - 3, "more app")}` : ""}`;
}

/** One image in one line, for the head of the report. */
export function writeImage(image: ImageSummary): string {
  const { repository, from, to } = describeImageChange(image.before, image.after);
  return `${code(repository)} ${writeMove(from, to, (text) => code(text, 80))} in ${count(image.apps.length, "app")}`;
}

function writeMove(from: string | undefined, to: string | undefined, write: (text: string) => string): string {
  if (from === undefined) return `${write(to ?? "")} added`;
  return to === undefined ? `${write(from)} removed` : `${write(from)} → ${write(to)}`;
}

/** The images that move, as a table of three columns, which a phone still shows. */
export function foldImages(images: readonly ImageSummary[]): MarkdownFold[] {
  if (images.length === 0) return [];
  const rows = images.slice(0, IMAGE_LIMIT).map((image) => {
    const { repository, from, to } = describeImageChange(image.before, image.after);
    const cells = [cellCode(repository), writeMove(from, to, cellCode), formatCount(image.apps.length)];
    return `| ${cells.join(" | ")} |`;
  });
  const more = images.length > IMAGE_LIMIT ? `\n\nAnd ${count(images.length - IMAGE_LIMIT, "more image")}.` : "";
  const table = ["| Image | Change | Apps |", "| --- | --- | --- |", ...rows].join("\n");
  const items = [{ full: `${table}${more}`, brief: undefined }];
  return [{ summary: `<b>Images</b> (${formatCount(images.length)})`, items, isList: false, noun: "table", apps: 0 }];
}

/** One fold for the changes of an app, or for those that several apps share. */
export function foldCluster(cluster: ChangeCluster, apps: ReadonlyMap<string, AppReport>): MarkdownFold {
  const items = cluster.changes.map(toChangeItem);
  const risks = cluster.changes.reduce((sum, { change }) => sum + change.risks.length, 0);
  const amount = [count(items.length, "change"), ...(risks > 0 ? [count(risks, "risk")] : [])].join(", ");
  const fold = { isList: false, noun: "change", apps: cluster.apps.length };
  const [first = "", second] = cluster.apps;
  if (second === undefined) {
    const environment = apps.get(first)?.environment;
    const where = environment === undefined ? "" : ` (${htmlCode(environment, 60)})`;
    return { ...fold, summary: `${htmlCode(first)}${where}: ${amount}`, items };
  }
  const summary = `<b>The same in ${count(cluster.apps.length, "app")}</b>, ${htmlCode(first)} and others: ${amount}`;
  return { ...fold, summary, items: [toAppsItem(cluster.apps), ...items] };
}

function toAppsItem(apps: readonly string[]): FoldItem {
  const shown = apps.slice(0, APP_LIMIT).map((app) => code(app));
  const more = apps.length > APP_LIMIT ? ` and ${count(apps.length - APP_LIMIT, "more app")}` : "";
  return { full: `In ${shown.join(", ")}${more}`, brief: `In ${shown.slice(0, 3).join(", ")} and others` };
}

const VERBS: Readonly<Record<ResourceChange["action"], string>> = {
  added: "Added",
  removed: "Removed",
  changed: "Changed",
};

function toChangeItem({ change, places }: LikeChanges): FoldItem {
  const hooks = describeHooks(change.hooks);
  const hook = hooks === undefined ? "" : ` (${prose(hooks)})`;
  const previous = change.previous === undefined ? "" : `, was ${code(describeResource(change.previous))}`;
  const moved = change.moved === undefined ? "" : `, moved ${change.moved.direction} ${code(change.moved.app)}`;
  const line = `**${VERBS[change.action]}** ${code(describeResource(change.resource))}${hook}${previous}${moved}${writeSiblings(places, change)}`;
  const risks = change.risks.map((risk) => `- **Risk (${risk.level})**: ${prose(risk.message)}`).join("\n");
  const noise = change.noise > 0 ? `${count(change.noise, "noisy field")} folded away` : "";
  const full = [line, risks, writeDetail(change), noise].filter((block) => block !== "").join("\n\n");
  return { full, brief: line };
}

function writeSiblings(places: LikeChanges["places"], change: ResourceChange): string {
  const own = describeResource(change.resource);
  const names = [...new Set(places.map((place) => describeResource(place.resource)))].filter((name) => name !== own);
  if (names.length === 0) return "";
  const shown = names.slice(0, 3).map((name) => code(name));
  return `, the same for ${listPhrase([...shown, ...(names.length > 3 ? [`${formatCount(names.length - 3)} more`] : [])])}`;
}

/** The diff in a fence; its end is left out by whole lines, and said below. Without a diff the fields are listed. */
function writeDetail(change: ResourceChange): string {
  if (change.diff === "") return writeFields(change.fields);
  const lines = change.diff.replace(/\n$/u, "").split("\n");
  const shown = lines.slice(0, DIFF_LINES).map((line) => shorten(line, LINE_LIMIT));
  const rest = lines.length - shown.length;
  return fenced("diff", shown) + (rest > 0 ? `\n\nAnd ${count(rest, "more line")} of this diff.` : "");
}

function writeFields(fields: readonly FieldChange[]): string {
  const told = fields.filter((field) => field.noise === undefined);
  const more = told.length > FIELD_LIMIT ? [`- and ${count(told.length - FIELD_LIMIT, "more field")}`] : [];
  return [...told.slice(0, FIELD_LIMIT).map(writeField), ...more].join("\n");
}

function writeField({ label, before, after }: FieldChange): string {
  if (before instanceof SealedValue && after instanceof SealedValue) return `- ${code(label)}: secret value changed`;
  const from = before === undefined ? "nothing" : code(describeValue(before));
  const to = after === undefined ? "nothing" : code(describeValue(after));
  return `- ${code(label)}: ${from} → ${to}`;
}
