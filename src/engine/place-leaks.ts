import type { App, RawFinding } from "../model/index.ts";
import type { AppFiles } from "./app-files.ts";
import { toRawFinding, type DecodedFinding, type DecodeResult } from "./decoded-document.ts";
import { REPLY } from "./lookup-reply.ts";

/** Bytes that are looked through for the places of secrets in one app, and secrets that are looked for. */
const SEARCHED_BYTES = 64 * 1024 * 1024;
const SEARCHED_SECRETS = 100;
/** A shorter text stands anywhere by chance. */
const SHORTEST = 4;
/** A text this long stands in no second place by chance. */
const DISTINCT = 12;

/** Linux follows as many links. */
const LINK_HOPS = 40;

/** A file that a render has read, as text. */
export interface ReadFile {
  readonly file: string;
  readonly text: string;
}

/** The values files of a chart that the render has read. */
export function readValuesFiles(app: App, files: AppFiles): readonly ReadFile[] {
  if (app.kind !== "helm") return [];
  const own = app.path === "" ? "values.yaml" : `${app.path}/values.yaml`;
  const wanted = [...(listRead(files).has(own) ? [own] : []), ...app.valuesFiles];
  return [...new Set(wanted)].flatMap((file) => readFile(file, files));
}

/**
 * The findings with the places of secrets in the files that were rendered. Charts make keys and passwords up while they
 * are rendered: a value that stands in no file of the repository is told to nobody. A secret of a values file that
 * shows in resources is told with them, at its line in the values file.
 */
export function placeLeaks({ findings, needles }: DecodeResult, app: App, files: AppFiles): readonly RawFinding[] {
  const textsOf = new Map(needles.map(({ finding, texts }) => [finding, texts]));
  const rendered = [...findings.entries()].filter(([, finding]) => isRendered(finding));
  // Where there are too many to look for, those that are credentials for certain go first.
  const sought = rendered
    .sort(([, a], [, b]) => Number(b.rule === "credential") - Number(a.rule === "credential"))
    .flatMap(([index]) => textsOf.get(index) ?? []);
  if (sought.length === 0) return findings.map(toRawFinding);
  const places = findPlaces(sought, files);
  const shown = new Set(
    findings.flatMap((finding, index) => {
      const texts = isRendered(finding) ? (textsOf.get(index) ?? []) : [];
      return texts.filter((text) => places.has(text)).map((text) => nameLeak(finding, text));
    }),
  );
  return findings.flatMap((finding, index): RawFinding[] => {
    const texts = textsOf.get(index);
    if (texts === undefined) return [toRawFinding(finding)];
    // What a resource shows is told there.
    if (!isRendered(finding))
      return texts.some((text) => shown.has(nameLeak(finding, text))) ? [] : [toRawFinding(finding)];
    const found = texts.flatMap((text) => places.get(text) ?? []);
    if (found.length === 0 && app.kind === "helm") return [];
    const [place] = found;
    const isCertain = found.length === 1 && place?.isOnly === true;
    return [
      toRawFinding(isCertain ? { ...finding, file: place.file, line: place.line, column: place.column } : finding),
    ];
  });
}

function isRendered({ resource }: DecodedFinding): boolean {
  return resource !== undefined;
}

function nameLeak({ rule }: DecodedFinding, text: string): string {
  return `${rule} ${text}`;
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Whether the text stands nowhere else, and is long enough for that to mean something. */
  readonly isOnly: boolean;
}

/** Where texts stand in what the render has read: the first place of each. */
function findPlaces(sought: readonly string[], files: AppFiles): ReadonlyMap<string, Place> {
  const texts = [...new Set(sought)].filter((text) => text.length >= SHORTEST).slice(0, SEARCHED_SECRETS);
  const places = new Map<string, Place>();
  let bytes = 0;
  for (const path of listRead(files)) {
    if (bytes > SEARCHED_BYTES) break;
    for (const { file, text } of readFile(path, files)) {
      bytes += text.length;
      for (const wanted of texts) addPlace(places, wanted, file, text);
    }
  }
  return places;
}

function addPlace(places: Map<string, Place>, wanted: string, file: string, text: string): void {
  const at = text.indexOf(wanted);
  if (at < 0) return;
  const known = places.get(wanted);
  if (known !== undefined) {
    places.set(wanted, { ...known, isOnly: false });
    return;
  }
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  const isOnly = wanted.length >= DISTINCT && !text.includes(wanted, at + 1);
  places.set(wanted, { file, line, column: at - before.lastIndexOf("\n"), isOnly });
}

/** Paths of the files that were read so far. */
function listRead(files: AppFiles): ReadonlySet<string> {
  return new Set(
    files.trace().flatMap((fact) => (fact.kind === "entry" && fact.entryKind === undefined ? [fact.path] : [])),
  );
}

/** None where the path leads to no file. It is named by where links on the way lead to. */
function readFile(path: string, files: AppFiles): readonly ReadFile[] {
  let file = path;
  let reply = files.lookup(file);
  for (let hops = 0; reply[0] === REPLY.link && hops < LINK_HOPS; hops++) {
    file = Buffer.from(reply.subarray(1)).toString("utf8");
    reply = files.lookup(file);
  }
  return reply[0] === REPLY.file ? [{ file, text: Buffer.from(reply.subarray(1)).toString("utf8") }] : [];
}
