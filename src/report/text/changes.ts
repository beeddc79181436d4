import type { FieldChange, ManifestValue, Report, ResourceChange } from "../../model/index.ts";
import { SealedValue } from "../../model/index.ts";
import { describeHooks, describeResource, describeValue } from "../describe.ts";
import { describeImageChange } from "../image-reference.ts";
import type { ChangeCluster, ImageSummary, LikeChanges, RiskEntry } from "../outline.ts";
import { count, listPhrase } from "../phrase.ts";
import { writeHeading } from "./findings.ts";
import type { Paragraph, Style } from "./layout.ts";
import { solid, span } from "./layout.ts";
import { writeLineChanges } from "./line-changes.ts";

/** How many fields of one change are written out; the rest is counted. */
const FIELD_LIMIT = 40;
/** How many resources are named that share a risk. */
const SUBJECTS_NAMED = 3;

/** What a reviewer must not overlook, most dangerous first. */
export function writeRisks(risks: readonly RiskEntry[]): Paragraph[] {
  if (risks.length === 0) return [];
  return [writeHeading("Risks", risks.length), ...risks.flatMap(writeRisk)];
}

function writeRisk({ risk, changes }: RiskEntry): Paragraph[] {
  const style: Style = risk.level === "high" ? "red" : "yellow";
  const apps = new Set(changes.places.map((place) => place.app));
  const where = describeApps([...apps]);
  return [
    {
      spans: [
        solid(risk.level === "high" ? "!!" : "! ", style),
        ...writeSubjects(changes),
        span(risk.message),
        apps.size === 1 ? solid(where, "dim") : span(where, "dim"),
      ],
      indent: 2,
      hang: 5,
    },
  ];
}

/** Every resource that the risk is about: two deleted namespaces are not one. */
function writeSubjects({ places }: LikeChanges): Paragraph["spans"] {
  const names = [...new Set(places.map((place) => describeResource(place.resource)))];
  const phrase = listPhrase(names, SUBJECTS_NAMED);
  return names.length === 1 ? [solid(`${phrase}:`, "bold")] : [span(`${phrase}:`, "bold")];
}

/** The images that move, each pair of references once. */
export function writeImages(images: readonly ImageSummary[]): Paragraph[] {
  if (images.length === 0) return [];
  return [writeHeading("Images", images.length), ...images.map(writeImage)];
}

function writeImage(image: ImageSummary): Paragraph {
  const { repository, from, to } = describeImageChange(image.before, image.after);
  const where = `in ${count(image.apps.length, "app")}`;
  const move =
    from === undefined || to === undefined
      ? [solid(to ?? from ?? "", "bold"), span(to === undefined ? "removed" : "added")]
      : [solid(from), span("→"), solid(to, "bold")];
  return { spans: [solid(repository, "cyan"), ...move, span(where, "dim")], indent: 2, hang: 4 };
}

/** What differs, app by app; changes that reach the same apps stand together and are told once. */
export function writeChanges(report: Report, clusters: readonly ChangeCluster[]): Paragraph[] {
  if (clusters.length === 0) return [];
  const total = clusters.reduce((sum, cluster) => sum + cluster.changes.length, 0);
  const apps = new Map(report.apps.map((app) => [app.id, app]));
  const blocks = clusters.flatMap((cluster) => [
    writeClusterHeading(cluster, apps.get(cluster.apps[0] ?? "")?.environment),
    ...cluster.changes.flatMap((changes) => writeChange(changes)),
  ]);
  return [writeHeading("Changes", total), ...blocks];
}

function writeClusterHeading(cluster: ChangeCluster, environment: string | undefined): Paragraph {
  const [first = "", ...others] = cluster.apps;
  if (others.length === 0) {
    const remark = environment === undefined ? [] : [span(`(${environment})`, "dim")];
    return { spans: [solid(first, "bold"), ...remark], indent: 2 };
  }
  const more =
    others.length === 1
      ? [solid(others[0] ?? "", "bold")]
      : [span(`${count(others.length, "more app")}, the same in each`, "bold")];
  return { spans: [solid(first, "bold"), span("and", "bold"), ...more], indent: 2, hang: 4 };
}

const SIGNS: Readonly<Record<ResourceChange["action"], { sign: string; style: Style }>> = {
  added: { sign: "+", style: "green" },
  removed: { sign: "-", style: "red" },
  changed: { sign: "~", style: "yellow" },
};

function writeChange({ change, places }: LikeChanges): Paragraph[] {
  const { sign, style } = SIGNS[change.action];
  const risky = change.risks.length > 0 ? [solid("!", "red")] : [];
  const fields = change.fields.filter((field) => field.noise === undefined);
  return [
    {
      spans: [
        solid(sign, style),
        ...risky,
        solid(describeResource(change.resource), style),
        ...writeHooks(change),
        ...writePrevious(change),
        ...writeMove(change),
      ],
      indent: 4,
      hang: 6,
    },
    ...writeSiblings(places, change),
    ...fields.slice(0, FIELD_LIMIT).flatMap(writeField),
    ...writeRest(fields.length - FIELD_LIMIT, change.noise),
  ];
}

function writeHooks({ hooks }: ResourceChange): Paragraph["spans"] {
  const told = describeHooks(hooks);
  return told === undefined ? [] : [span(`(${told})`, "dim")];
}

function writePrevious({ previous }: ResourceChange): Paragraph["spans"] {
  return previous === undefined ? [] : [span("was", "dim"), solid(describeResource(previous), "dim")];
}

function writeMove({ moved }: ResourceChange): Paragraph["spans"] {
  return moved === undefined ? [] : [span(`moved ${moved.direction}`, "dim"), solid(moved.app, "dim")];
}

/** Resources of the same apps that change alike: `the same for Deployment api and 3 more`. */
function writeSiblings(places: LikeChanges["places"], change: ResourceChange): Paragraph[] {
  const own = describeResource(change.resource);
  const names = [...new Set(places.map((place) => describeResource(place.resource)))].filter((name) => name !== own);
  if (names.length === 0) return [];
  return [{ spans: [span(`the same for ${listPhrase(names, 3)}`, "dim")], indent: 8 }];
}

function writeRest(unshown: number, noise: number): Paragraph[] {
  const parts = [
    ...(unshown > 0 ? [count(unshown, "more field")] : []),
    ...(noise > 0 ? [`${count(noise, "noisy field")} folded away`] : []),
  ];
  return parts.length === 0 ? [] : [{ spans: [span(parts.join(", "), "dim")], indent: 8 }];
}

function writeField(field: FieldChange): Paragraph[] {
  const label = solid(`${field.label}:`);
  const { before, after } = field;
  if (typeof before === "string" && typeof after === "string" && (before.includes("\n") || after.includes("\n"))) {
    return [{ spans: [solid("~", "yellow"), label], indent: 8 }, ...writeLineChanges(before, after)];
  }
  if (before === undefined) return [{ spans: [solid("+", "green"), label, solid(show(after))], indent: 8 }];
  if (after === undefined) return [{ spans: [solid("-", "red"), label, solid(show(before))], indent: 8 }];
  if (before instanceof SealedValue && after instanceof SealedValue) {
    return [{ spans: [solid("~", "yellow"), label, span("secret value changed")], indent: 8 }];
  }
  return [{ spans: [solid("~", "yellow"), label, solid(show(before)), span("→"), solid(show(after))], indent: 8 }];
}

function show(value: ManifestValue | undefined): string {
  return describeValue(value ?? null);
}

/** `in kustomize:apps/web/overlays/prod and 39 more apps`. */
function describeApps(apps: readonly string[]): string {
  const names = [...new Set(apps)];
  if (names.length <= 2) return `in ${listPhrase(names)}`;
  return `in ${names[0] ?? ""} and ${count(names.length - 1, "more app")}`;
}
