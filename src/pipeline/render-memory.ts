import { createHash } from "node:crypto";
import type {
  App,
  CrdSet,
  FetchedInput,
  Rendering,
  RenderRequest,
  ResourceId,
  Trace,
  TraceFact,
  Tree,
} from "../model/index.ts";
import type { Egress, RenderEngine, Store } from "./ports.ts";
import { renderFetching } from "./render-fetching.ts";

/** Renders of one app that are kept side by side, newest first: the tips of a few branches. */
const VARIANTS_KEPT = 8;

/** What every render of one check has in common. */
export type RenderSettings = Omit<RenderRequest, "app" | "tree" | "crdSet" | "kubernetes" | "fetched" | "knownValid">;

interface Variant {
  readonly trace: Trace;
  /** Digest and store key of the rendering. */
  readonly result: string;
}

export interface RememberedRendering {
  readonly rendering: Rendering;
  readonly result: string;
  readonly isReused: boolean;
}

/** The CRDs of a side: digests of all of them, and the schemas of those that the engine should have at hand. */
export interface KnownCrds {
  /** `<group>/<kind>` → digest. */
  readonly digests: ReadonlyMap<string, string>;
  readonly loaded: CrdSet;
}

export interface RenderMemory {
  /** Renders an app of `tree`, or finds a stored render whose whole trace still holds there. */
  render(app: App, kubernetes: string, tree: Tree, crds: KnownCrds): Promise<RememberedRendering>;
  /** A rendering stored earlier, while the store still has it. */
  recall(result: string): Rendering | undefined;
}

/**
 * Puts a memory in front of the engine. A stored rendering is reused exactly while its trace holds (verifying traces,
 * "Build Systems à la Carte"); what depends on a limit, a fault or a fetched input is never stored. It counts as long as
 * this memory lives: both sides of a check get one answer, and a render that takes too long is waited for once.
 *
 * `engineBuild` names everything that shapes a result beside the request and the trace: engine builds, Drydock's own
 * version, the seal key. What a render needs from outside of the repository goes through `egress`.
 */
export function createRenderMemory(
  engine: RenderEngine,
  store: Store,
  engineBuild: string,
  settings: RenderSettings,
  egress: Egress,
): RenderMemory {
  const fetched = new Map<string, FetchedInput>();
  const unstored = new Map<string, Rendering>();
  const unstoredVariants = new Map<string, readonly Variant[]>();
  const recall = (result: string): Rendering | undefined => unstored.get(result) ?? readRendering(store, result);
  return {
    async render(app, kubernetes, tree, crds) {
      const key = sha256(JSON.stringify([engineBuild, kubernetes, settings, app]));
      const variants = readVariants(store, key);
      const passing = unstoredVariants.get(key) ?? [];
      const known = await findHolding([...passing, ...variants], tree, crds.digests);
      const remembered = known === undefined ? undefined : recall(known.result);
      if (known !== undefined && remembered !== undefined) {
        return { rendering: remembered, result: known.result, isReused: true };
      }
      engine.prepare(crds.loaded);
      const knownValid = listKnownValid(variants, store);
      const request = { ...settings, app, kubernetes, tree: tree.id, crdSet: crds.loaded.id, knownValid };
      const rendering = await renderFetching(engine, request, egress, fetched);
      const text = JSON.stringify(rendering);
      const result = sha256(text);
      const variant = { trace: rendering.trace, result };
      if (isStorable(rendering)) remember(store, key, variants, variant, text);
      else {
        unstored.set(result, rendering);
        unstoredVariants.set(key, [variant, ...passing]);
      }
      return { rendering, result, isReused: false };
    },
    recall,
  };
}

function readVariants(store: Store, key: string): readonly Variant[] {
  const bytes = store.read("renderings", key);
  return bytes === undefined ? [] : (JSON.parse(bytes.toString("utf8")) as Variant[]);
}

function readRendering(store: Store, result: string): Rendering | undefined {
  const bytes = store.read("renderings", result);
  return bytes === undefined ? undefined : (JSON.parse(bytes.toString("utf8")) as Rendering);
}

/**
 * Manifests of the newest stored rendering that were judged by the bundled schemas alone (a kind that is not bundled
 * leaves a `crd:` fact) and have no finding. The settings and the version are part of the key they were stored under.
 */
function listKnownValid(variants: readonly Variant[], store: Store): readonly string[] {
  const newest = variants[0] === undefined ? undefined : readRendering(store, variants[0].result);
  if (newest?.kind !== "rendered") return [];
  const custom = new Set(newest.trace.map(crdKeyOf));
  const named = ({ group, kind, namespace, name }: ResourceId): string =>
    JSON.stringify([group, kind, namespace, name]);
  const faulty = new Set(newest.findings.map(({ resource }) => (resource === undefined ? "" : named(resource))));
  return newest.manifests
    .filter(({ resource }) => !custom.has(`${resource.group}/${resource.kind}`) && !faulty.has(named(resource)))
    .map(({ digest }) => digest);
}

async function findHolding(
  variants: readonly Variant[],
  tree: Tree,
  crds: ReadonlyMap<string, string>,
): Promise<Variant | undefined> {
  for (const variant of variants) {
    if (inputsHold(variant.trace, crds) && (await tree.holds(variant.trace))) return variant;
  }
  return undefined;
}

/** Whether every CRD that a render asked for is answered the same today. Other inputs were fetched: never held. */
export function inputsHold(trace: Trace, crds: ReadonlyMap<string, string>): boolean {
  return trace.every((fact) => {
    if (fact.kind !== "input") return true;
    const key = crdKeyOf(fact);
    return key !== undefined && crds.get(key) === fact.id;
  });
}

/** The `<group>/<kind>` of a `crd:` input fact; undefined for any other fact. */
export function crdKeyOf(fact: TraceFact): string | undefined {
  return fact.kind === "input" && fact.path.startsWith("crd:") ? fact.path.slice("crd:".length) : undefined;
}

function isStorable(rendering: Rendering): boolean {
  if (rendering.trace.some((fact) => fact.kind === "input" && crdKeyOf(fact) === undefined)) return false;
  if (rendering.kind === "rendered") return true;
  return rendering.failure.kind !== "limit" && rendering.failure.kind !== "engine";
}

function remember(store: Store, key: string, known: readonly Variant[], variant: Variant, text: string): void {
  store.write("renderings", variant.result, text);
  const variants = [variant, ...known.filter((other) => other.result !== variant.result)].slice(0, VARIANTS_KEPT);
  store.write("renderings", key, JSON.stringify(variants));
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
