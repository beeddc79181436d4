import { Fault, type CrdSchema, type CrdSet } from "../model/index.ts";
import { joinCrds } from "../validate/index.ts";
import type { Store } from "./ports.ts";
import { sha256 } from "./render-memory.ts";
import { isCrdSource, type AppRecord } from "./snapshot.ts";

interface StoredCrd extends Omit<CrdSchema, "versions"> {
  readonly versions: readonly (readonly [name: string, schema: string | undefined | null])[];
}

export function writeCrd(store: Store, crd: CrdSchema): void {
  const stored: StoredCrd = { ...crd, versions: [...crd.versions] };
  store.write("crds", crd.digest, JSON.stringify(stored));
}

/**
 * The store has lost a CRD that a record names. Without it its objects would count as having no schema at all, which
 * is another verdict.
 */
export class LostCrd extends Fault {
  constructor() {
    super("A CustomResourceDefinition went from the cache while it was in use; run the check again.", {
      isRetryable: true,
    });
    this.name = "LostCrd";
  }
}

/** A CRD that a record names. Throws LostCrd when the store does not have it. */
export function recallCrd(store: Store, digest: string): CrdSchema {
  const crd = readCrd(store, digest);
  if (crd === undefined) throw new LostCrd();
  return crd;
}

export function readCrd(store: Store, digest: string): CrdSchema | undefined {
  const bytes = store.read("crds", digest);
  if (bytes === undefined) return undefined;
  const stored = JSON.parse(bytes.toString("utf8")) as StoredCrd;
  return { ...stored, versions: new Map(stored.versions.map(([name, schema]) => [name, schema ?? undefined])) };
}

/** Loads the schemas of these CRDs. Throws LostCrd. */
export function crdSetOf(crds: ReadonlyMap<string, string>, store: Store): CrdSet {
  const byKind = new Map<string, CrdSchema>();
  for (const [key, digest] of crds) {
    byKind.set(key, recallCrd(store, digest));
  }
  const id = sha256(JSON.stringify([...byKind].map(([key, { digest }]) => [key, digest]).sort()));
  return { id, byKind };
}

/**
 * The CRDs of one side from all that its apps define: `<group>/<kind>` → digest. Where two places define the same CRD
 * their versions are joined; for a version that both define an app wins over a file that no app owns, then the
 * smaller app id. Throws LostCrd.
 */
export function mergeCrds(records: readonly AppRecord[], store: Store): Map<string, string> {
  const providers = new Map<string, string[]>();
  const ordered = [...records].sort((a, b) => rank(a) - rank(b) || (a.app.id < b.app.id ? -1 : 1));
  for (const record of ordered) {
    for (const [key, digest] of record.provides) {
      const known = providers.get(key);
      if (known === undefined) providers.set(key, [digest]);
      else if (!known.includes(digest)) known.push(digest);
    }
  }
  return new Map([...providers].map(([key, digests]) => [key, joinVersions(digests, store)]));
}

function rank(record: AppRecord): number {
  return isCrdSource(record.app.id) ? 1 : 0;
}

function joinVersions(digests: readonly string[], store: Store): string {
  const [first = "", ...others] = digests;
  if (others.length === 0) return first;
  const joined = digests.map((digest) => recallCrd(store, digest)).reduce(joinCrds);
  if (joined.digest !== first) writeCrd(store, joined);
  return joined.digest;
}
