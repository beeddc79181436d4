import { diffManifests } from "../diff/index.ts";
import { identifyField, resourceKey, type AppComparison, type AppFinding, type AppSide } from "../judge/index.ts";
import { locateChanges } from "../locate/index.ts";
import { decodeManifest } from "../model/index.ts";
import { digestChanges } from "./digest-app.ts";
import type {
  App,
  Finding,
  ListKeys,
  Manifest,
  ManifestValue,
  RawFinding,
  Rendering,
  ResourceChange,
  ResourceId,
} from "../model/index.ts";

/** One app on one side, rendered, with what schemas and rules say of it. */
export interface RenderedSide {
  readonly app: App;
  readonly rendering: Rendering;
  /** Findings of the engine worker and of the rules, in that order; empty for a failed render. */
  readonly findings: readonly RawFinding[];
}

/** What differs between two sides of one app, and its findings ready to be judged. */
export interface ComparedApp {
  readonly changes: readonly ResourceChange[];
  readonly comparison: AppComparison;
  /** Of what differs, see `AppReport.contentDigest`; undefined where a side did not render. */
  readonly contentDigest: string | undefined;
  /** The manifest of an added or removed resource; undefined where one app has two under the same identity. */
  readonly manifestOf: (change: ResourceChange) => Manifest | undefined;
}

/** Where the findings of the head stand, in the order given. */
export type LocateFindings = (side: RenderedSide) => Promise<readonly Finding[]>;

/**
 * Compares one app. A side that failed to render takes no part: nothing is shown as added or removed because of it,
 * and its findings are unknown rather than gone. `changedPaths` are all that differ between the two trees.
 */
export async function compareApp(
  base: RenderedSide | undefined,
  head: RenderedSide | undefined,
  listKeys: ListKeys,
  locate: LocateFindings,
  changedPaths: ReadonlySet<string>,
): Promise<ComparedApp> {
  const before = manifestsOf(base);
  const after = manifestsOf(head);
  const kind = (head ?? base)?.app.kind ?? "plain";
  const traces = [base, head].flatMap((side) => (side === undefined ? [] : [side.rendering.trace]));
  const changes =
    before === undefined || after === undefined
      ? []
      : locateChanges(diffManifests(before, after, { listKeys }), { kind, traces, changedPaths, before, after });
  const isRendered = (side: RenderedSide | undefined): side is RenderedSide => side?.rendering.kind === "rendered";
  const wholes = collectWholes(changes, before ?? [], after ?? []);
  return {
    changes,
    manifestOf: (change) => wholes.get(change),
    contentDigest: before === undefined || after === undefined ? undefined : digestChanges(changes, before, after),
    comparison: {
      base: isRendered(base) ? identify(base, base.findings.map(unlocated), listKeys) : undefined,
      head: isRendered(head) ? identify(head, await locate(head), listKeys) : undefined,
      pairing: pairResources(changes),
    },
  };
}

/** None where the side does not have the app; undefined where it did not render. */
function manifestsOf(side: RenderedSide | undefined): readonly Manifest[] | undefined {
  if (side === undefined) return [];
  return side.rendering.kind === "rendered" ? side.rendering.manifests : undefined;
}

/** Only what is added or removed, so that no more of a rendering is held than that. */
function collectWholes(
  changes: readonly ResourceChange[],
  before: readonly Manifest[],
  after: readonly Manifest[],
): ReadonlyMap<ResourceChange, Manifest> {
  const whole = changes.filter(({ action }) => action !== "changed");
  const wanted = new Set(whole.map(({ resource }) => resourceKey(resource)));
  const index = (manifests: readonly Manifest[]): ReadonlyMap<string, readonly Manifest[]> =>
    Map.groupBy(
      manifests.filter(({ resource }) => wanted.has(resourceKey(resource))),
      ({ resource }) => resourceKey(resource),
    );
  const sides = wanted.size === 0 ? undefined : { removed: index(before), added: index(after) };
  return new Map(
    whole.flatMap((change) => {
      if (change.action === "changed") return [];
      const [manifest, ...others] = sides?.[change.action].get(resourceKey(change.resource)) ?? [];
      return manifest === undefined || others.length > 0 ? [] : [[change, manifest] as const];
    }),
  );
}

function pairResources(changes: readonly ResourceChange[]): ReadonlyMap<string, ResourceId | undefined> {
  const pairing = new Map<string, ResourceId | undefined>();
  for (const { action, resource, previous } of changes) {
    if (action === "removed") pairing.set(resourceKey(resource), undefined);
    if (previous !== undefined) pairing.set(resourceKey(previous), resource);
  }
  return pairing;
}

/** A finding of the base is only compared, so the file that the engine named is all of its place that counts. */
function unlocated(raw: RawFinding): Finding {
  const location =
    raw.file === undefined ? undefined : { file: raw.file, line: raw.line, endLine: undefined, column: raw.column };
  const { rule, level, message, resource, path } = raw;
  return { rule, level, message, resource, path, location, isRendered: false, help: undefined };
}

function identify(side: RenderedSide, findings: readonly Finding[], listKeys: ListKeys): AppSide {
  const decode = decodeOnce(manifestsOf(side) ?? []);
  return {
    app: side.app,
    // Findings are located one by one, in order.
    findings: findings.map((finding, index): AppFinding => {
      const key = side.findings[index]?.key;
      if (key !== undefined) return { finding, field: JSON.stringify(["key", key]) };
      const { resource, path } = finding;
      const manifest = resource === undefined || path.length === 0 ? undefined : decode(resource);
      const field =
        manifest === undefined || resource === undefined
          ? JSON.stringify(path)
          : identifyField(manifest, resource, path, listKeys);
      return { finding, field };
    }),
  };
}

function decodeOnce(manifests: readonly Manifest[]): (resource: ResourceId) => ManifestValue | undefined {
  const byKey = new Map(manifests.map((manifest) => [resourceKey(manifest.resource), manifest]));
  const decoded = new Map<string, ManifestValue>();
  return (resource) => {
    const key = resourceKey(resource);
    const manifest = byKey.get(key);
    if (manifest === undefined) return undefined;
    const value = decoded.get(key) ?? decodeManifest(manifest);
    decoded.set(key, value);
    return value;
  };
}
