import { decodeManifest } from "../model/index.ts";
import type { App, Finding, Manifest, ManifestValue, RawFinding, ResourceId, SourceLocation } from "../model/index.ts";
import { locateHelm } from "./locate-helm.ts";
import { locateKustomize } from "./locate-kustomize.ts";
import { locatePlain } from "./locate-plain.ts";
import { atFile, type OpenFile, type ReadText } from "./place.ts";
import { indexDocuments, type SourceDocument } from "./source-file.ts";

/**
 * Finds the source lines of an app's findings, in the order given. `read` gives the text of the files that
 * `listSourceFiles` names.
 *
 * Plain manifests: the exact node, or the nearest parent of a missing field. Kustomize: the field in the origin file
 * or in the patch that sets it. Helm: the template line that holds the key, else the values line that holds the
 * value. Where two places are possible the next coarser one is told, at last the file without a line; never a guess.
 * Never throws, whatever the files hold.
 */
export function locateFindings(
  findings: readonly RawFinding[],
  manifests: readonly Manifest[],
  app: App,
  read: ReadText,
): readonly Finding[] {
  return findings.map(createLocator(manifests, app, read));
}

/** One finding; for several of one app `locateFindings` reads and parses each file once. */
export function locateFinding(raw: RawFinding, manifests: readonly Manifest[], app: App, read: ReadText): Finding {
  return createLocator(manifests, app, read)(raw);
}

/** The files that locating these findings may look into, sorted. */
export function listSourceFiles(
  findings: readonly RawFinding[],
  manifests: readonly Manifest[],
  app: App,
): readonly string[] {
  const find = indexManifests(manifests);
  const files = new Set<string>();
  for (const raw of findings) {
    const manifest = raw.line === undefined ? find(raw) : undefined;
    if (manifest === undefined) continue;
    for (const file of [manifest.origin.file, ...manifest.origin.shapedBy]) files.add(file);
    if (app.kind === "kustomize") files.add(app.declaredIn);
    if (app.kind === "helm") for (const file of app.valuesFiles) files.add(file);
  }
  files.delete("");
  return [...files].sort();
}

function createLocator(manifests: readonly Manifest[], app: App, read: ReadText): (raw: RawFinding) => Finding {
  const files = new Map<string, readonly SourceDocument[]>();
  const values = new Map<Manifest, ManifestValue>();
  const open: OpenFile = (file) => remember(files, file, () => indexDocuments(read(file) ?? ""));
  const decode = (manifest: Manifest) => remember(values, manifest, () => decodeManifest(manifest));
  const find = indexManifests(manifests);
  return (raw) => {
    const location = locateRaw(raw, find(raw), app, open, read, decode);
    const { rule, level, message, resource, path } = raw;
    return { rule, level, message, resource, path, location, isRendered: isRendered(raw, app), help: undefined };
  };
}

type Decode = (manifest: Manifest) => ManifestValue;

function locateRaw(
  raw: RawFinding,
  manifest: Manifest | undefined,
  app: App,
  open: OpenFile,
  read: ReadText,
  decode: Decode,
): SourceLocation {
  if (raw.file !== undefined && raw.line !== undefined) {
    return { file: raw.file, line: raw.line, endLine: raw.line, column: raw.column };
  }
  if (manifest === undefined || manifest.origin.file === "") return atFile(raw.file ?? app.declaredIn);
  switch (app.kind) {
    case "plain":
      return locatePlain(raw.path, manifest, open);
    case "kustomize":
      return locateKustomize(raw.path, manifest, decode(manifest), app.declaredIn, open);
    case "helm":
      return locateHelm(raw.path, manifest, decode(manifest), app.valuesFiles, open, read);
  }
}

/** What the engine placed itself, and plain manifests, are the text that is deployed. */
function isRendered(raw: RawFinding, app: App): boolean {
  return app.kind !== "plain" && raw.line === undefined;
}

/** Of several manifests with one identity the last is meant: what is wrong with having two is told of the later. */
function indexManifests(manifests: readonly Manifest[]): (raw: RawFinding) => Manifest | undefined {
  const byIdentity = new Map<string, Manifest[]>();
  for (const manifest of manifests) {
    remember(byIdentity, identityOf(manifest.resource), () => []).push(manifest);
  }
  return ({ resource, file }) => {
    const same = resource === undefined ? [] : (byIdentity.get(identityOf(resource)) ?? []);
    return same.findLast(({ origin }) => file === undefined || origin.file === file) ?? same.at(-1);
  };
}

function identityOf({ group, version, kind, namespace, name }: ResourceId): string {
  return JSON.stringify([group, version, kind, namespace, name]);
}

function remember<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
