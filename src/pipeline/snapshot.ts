import type { FileFacts } from "../discover/index.ts";
import { NO_PARTNERS, type Offerer, type Partners } from "../policy/index.ts";
import type {
  AgentObject,
  App,
  AppId,
  Failure,
  KubernetesVersion,
  ObjectId,
  Trace,
  TraceFact,
  TreeChange,
} from "../model/index.ts";

/** Change it whenever snapshots are written in another way, so that stored ones are not read any more. */
export const SNAPSHOT_FORMAT = 4;

/** What is remembered of one app of one tree without loading its manifests. */
export interface AppRecord {
  readonly app: App;
  /** The Kubernetes version that the config says for it, as written there. */
  readonly askedVersion: KubernetesVersion | undefined;
  /** Digest of the stored rendering; equal digests mean equal output and equal findings. */
  readonly result: string;
  readonly failure: Failure | undefined;
  readonly resources: number;
  /** CRDs that its manifests define: `<group>/<kind>` with the digest of the schemas. */
  readonly provides: readonly (readonly [key: string, digest: string])[];
  /** CRDs that its validation asked for, found or not: `<group>/<kind>`. */
  readonly uses: readonly string[];
  /** What its resources claim of which a cluster can have one (see `ClaimRule`). */
  readonly claims: readonly ClaimRecord[];
  /** Clusters into which agents' objects among its resources put what they apply. */
  readonly destinations: readonly string[];
  /** Whether it brings policies of the API server. */
  readonly holdsPolicies: boolean;
}

export interface ClaimRecord {
  /** Rule, environment and what is claimed: equal keys collide. */
  readonly key: string;
  /** The resource as messages name it: `Ingress/shop/web`. */
  readonly resource: string;
  /** The file that it comes from. */
  readonly source: string;
}

/** What discovery found in one tree, beside the apps themselves. */
export interface Layout {
  readonly agents: readonly AgentObject[];
  readonly notes: readonly string[];
}

interface Header {
  readonly tree: ObjectId;
  readonly apps: number;
  readonly failed: readonly AppId[];
  /** Apps that bring policies of the API server. */
  readonly policyHolders: readonly AppId[];
  /** What `listPlaces` gives for all apps, each with the number of apps that name it. */
  readonly places: readonly (readonly [place: string, apps: number])[];
  readonly crds: readonly (readonly [key: string, digest: string])[];
  readonly layout: Layout;
  readonly sections: {
    readonly facts: number;
    readonly records: number;
    readonly readers: number;
    readonly links: number;
    readonly claims: number;
    readonly partners: number;
    readonly offers: number;
    readonly needs: number;
  };
}

/**
 * Everything known of one tree, as one buffer that is searched rather than parsed, so that a small change pays for
 * what it looks up and not for the size of the repository (measured: 4 MB searched in 1 ms, parsed in 40 ms).
 * Each section is a run of lines `"<key as JSON>"\t<value as JSON>\n` with a line feed in front.
 */
export interface Snapshot extends Omit<Header, "sections"> {
  factsOf(path: string): FileFacts | undefined;
  allFacts(): Map<string, FileFacts>;
  record(id: AppId): AppRecord | undefined;
  allRecords(): AppRecord[];
  /** Apps whose render read the entry, listed the directory, or found the path (or input) absent. */
  readersOf(path: string): readonly AppId[];
  /** Apps that found something below this path absent, and may not when the path becomes a link. */
  readersThrough(path: string): readonly AppId[];
  /** Path → the apps that `readersOf` gives for it. */
  allReaders(): Map<string, AppId[]>;
  /** Symbolic links whose facts depend on what is at this path, as `readersOf` has it for apps. */
  linksOf(path: string): readonly string[];
  /** The same as `readersThrough`. */
  linksThrough(path: string): readonly string[];
  /** Path → the links that `linksOf` gives for it. */
  allLinks(): Map<string, readonly string[]>;
  /** Apps with a claim of this key. */
  claimantsOf(key: string): readonly AppId[];
  /** Beside its record, which is read far more often. */
  partnersOf(id: AppId): Partners;
  allPartners(): Map<AppId, Partners>;
  /** Who brings what other apps may look for by this key. */
  offerersOf(key: string): readonly Offerer[];
  /** Apps that would need something of this key from others. */
  needersOf(key: string): readonly AppId[];
  encode(): Buffer;
}

export interface SnapshotContent {
  readonly tree: ObjectId;
  readonly facts: ReadonlyMap<string, FileFacts>;
  readonly records: readonly AppRecord[];
  /** Apps with none may be left out. */
  readonly partners: ReadonlyMap<AppId, Partners>;
  /** Path → apps, as `indexReaders` makes it from traces. */
  readonly readers: ReadonlyMap<string, readonly AppId[]>;
  /** Path → symbolic links, made by `indexReaders` too. */
  readonly links: ReadonlyMap<string, readonly string[]>;
  readonly crds: ReadonlyMap<string, string>;
  readonly layout: Layout;
}

/** Apps of this id prefix are no apps of the user's: they only bring the CRDs of files that no app owns. */
export const CRD_SOURCE_PREFIX = "crds:";

export function isCrdSource(id: AppId): boolean {
  return id.startsWith(CRD_SOURCE_PREFIX);
}

/** Where an app says that things go: its environment, and destinations of agents. */
export function listPlaces({ app, destinations }: AppRecord): readonly string[] {
  const { environment, id } = app;
  if (isCrdSource(id)) return [];
  return [
    ...(environment === undefined ? [] : [`environment ${environment}`]),
    ...destinations.map((cluster) => `destination ${cluster}`),
  ];
}

export function buildSnapshot(content: SnapshotContent): Snapshot {
  const facts = encodeSection(content.facts);
  const records = encodeSection(new Map(content.records.map((record) => [record.app.id, record])));
  const readers = encodeSection(namePlaces(content.readers, records));
  const links = encodeSection(content.links);
  const claims = encodeSection(namePlaces(indexClaims(content.records), records));
  const held = new Map([...content.partners].filter(([, { offers, needs }]) => offers.length + needs.length > 0));
  const partners = encodeSection(held);
  const lines = listLines(records);
  const offers = encodeSorted(indexOffers(content.records, held, lines));
  const needs = encodeSorted(namePlaces(indexNeeds(held), records));
  const owned = content.records.filter((record) => !isCrdSource(record.app.id));
  const header: Header = {
    tree: content.tree,
    apps: owned.length,
    failed: owned.filter((record) => record.failure !== undefined).map((record) => record.app.id),
    policyHolders: owned.filter(({ holdsPolicies }) => holdsPolicies).map((record) => record.app.id),
    places: [...Map.groupBy(owned.flatMap(listPlaces), (place) => place)].map(([place, named]) => [
      place,
      named.length,
    ]),
    crds: [...content.crds],
    layout: content.layout,
    sections: {
      facts: facts.length,
      records: records.length,
      readers: readers.length,
      links: links.length,
      claims: claims.length,
      partners: partners.length,
      offers: offers.length,
      needs: needs.length,
    },
  };
  const sections = [facts, records, readers, links, claims, partners, offers, needs];
  return decodeSnapshot(Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...sections]));
}

function indexClaims(records: readonly AppRecord[]): Map<string, readonly AppId[]> {
  const claimants = new Map<string, AppId[]>();
  for (const { app, claims } of records) {
    for (const key of new Set(claims.map((claim) => claim.key))) {
      const known = claimants.get(key);
      if (known === undefined) claimants.set(key, [app.id]);
      else known.push(app.id);
    }
  }
  return claimants;
}

/** Where the app's record stands, and the namespace and environment of what it brings. */
type PlacedOffer = readonly [place: number, namespace: string, environment: string | null];

function indexOffers(
  records: readonly AppRecord[],
  partners: ReadonlyMap<AppId, Partners>,
  places: ReadonlyMap<AppId, number>,
): Map<string, readonly PlacedOffer[]> {
  const index = new Map<string, PlacedOffer[]>();
  for (const { app } of records) {
    const place = places.get(app.id);
    if (place === undefined || isCrdSource(app.id)) continue;
    for (const [key, namespace] of partners.get(app.id)?.offers ?? []) {
      const placed: PlacedOffer = [place, namespace, app.environment ?? null];
      const known = index.get(key);
      if (known === undefined) index.set(key, [placed]);
      else known.push(placed);
    }
  }
  return index;
}

function indexNeeds(partners: ReadonlyMap<AppId, Partners>): Map<string, readonly AppId[]> {
  const index = new Map<string, AppId[]>();
  for (const [id, { needs }] of partners) {
    for (const key of new Set(needs.flat(2).map(([key]) => key))) {
      const known = index.get(key);
      if (known === undefined) index.set(key, [id]);
      else known.push(id);
    }
  }
  return index;
}

export function emptySnapshot(tree: ObjectId): Snapshot {
  const layout = { agents: [], notes: [] };
  const none = new Map<string, never>();
  return buildSnapshot({
    tree,
    facts: none,
    records: [],
    partners: none,
    readers: none,
    links: none,
    crds: none,
    layout,
  });
}

/** Reads what `encode` gave. Throws when the bytes are something else; a store returns only what was written. */
export function decodeSnapshot(bytes: Buffer): Snapshot {
  const start = bytes.indexOf(0x0a) + 1;
  const { sections, ...header } = JSON.parse(bytes.toString("utf8", 0, start)) as Header;
  let end = start;
  const take = (length: number): Buffer => bytes.subarray(end, (end += length));
  const facts = take(sections.facts);
  const records = take(sections.records);
  const readers = take(sections.readers);
  const links = take(sections.links);
  const claims = take(sections.claims);
  const partners = take(sections.partners);
  const offers = take(sections.offers);
  const needs = take(sections.needs);
  return {
    ...header,
    factsOf: (path) => findLine(facts, path) as FileFacts | undefined,
    allFacts: () => new Map(parseLines(facts) as [string, FileFacts][]),
    record: (id) => findLine(records, id) as AppRecord | undefined,
    allRecords: () => parseLines(records).map(([, record]) => record as AppRecord),
    readersOf: (path) => readNames(records, findLine(readers, path)),
    readersThrough: (path) => readNames(records, findLine(readers, `${LINK_PREFIX}${path}`)),
    allReaders: () => new Map(parseLines(readers).map(([path, places]) => [path, readNames(records, places)])),
    linksOf: (path) => (findLine(links, path) ?? []) as readonly string[],
    linksThrough: (path) => (findLine(links, `${LINK_PREFIX}${path}`) ?? []) as readonly string[],
    allLinks: () => new Map(parseLines(links) as [string, readonly string[]][]),
    claimantsOf: (key) => readNames(records, findLine(claims, key)),
    partnersOf: (id) => (findLine(partners, id) ?? NO_PARTNERS) as Partners,
    allPartners: () => new Map(parseLines(partners) as [AppId, Partners][]),
    offerersOf: (key) =>
      ((findSorted(offers, key) ?? []) as readonly PlacedOffer[]).map(([place, namespace, environment]) => {
        return { app: readKey(records, place), namespace, environment: environment ?? undefined };
      }),
    needersOf: (key) => readNames(records, findSorted(needs, key)),
    encode: () => bytes,
  };
}

/**
 * Readers as the places of their records' lines instead of their ids: an id stands in hundreds of lines, and half of
 * the bytes of a large snapshot would be ids.
 */
function namePlaces(readers: ReadonlyMap<string, readonly AppId[]>, records: Buffer): Map<string, number[]> {
  const places = listLines(records);
  const named = new Map<string, number[]>();
  for (const [path, ids] of readers)
    named.set(
      path,
      ids.flatMap((id) => places.get(id) ?? []),
    );
  return named;
}

/** Where the line of each record begins. */
function listLines(records: Buffer): Map<AppId, number> {
  const places = new Map<AppId, number>();
  for (let at = 1; at < records.length; at = records.indexOf(0x0a, at) + 1) places.set(readKey(records, at), at);
  return places;
}

function readNames(records: Buffer, places: unknown): AppId[] {
  return ((places ?? []) as readonly number[]).map((place) => readKey(records, place));
}

/** The key of the line that begins at `at`. */
function readKey(section: Buffer, at: number): string {
  return JSON.parse(section.toString("utf8", at, section.indexOf(0x09, at))) as string;
}

/** Who has to be looked at again when a path changes: path → the names of those that read it. */
export function indexReaders(traces: ReadonlyMap<string, Trace>): Map<string, string[]> {
  const readers = new Map<string, string[]>();
  for (const [id, trace] of traces) {
    for (const path of new Set(trace.flatMap(keysOf))) {
      const known = readers.get(path);
      if (known === undefined) readers.set(path, [id]);
      else known.push(id);
    }
  }
  return readers;
}

/**
 * Who has read something that `changes` alter, by an index that `indexReaders` made. A path that appears, goes or changes
 * its kind alters the listing of every directory above it that it makes or empties.
 */
export function findReaders(
  changes: readonly TreeChange[],
  readersOf: (path: string) => readonly string[],
  readersThrough: (path: string) => readonly string[],
): Set<string> {
  const found = new Set<string>();
  const paths = new Set<string>();
  for (const { path, action } of changes) {
    paths.add(path);
    if (action === "modified") continue;
    for (const folder of foldersAbove(path)) paths.add(folder);
    paths.add("");
    for (const reader of readersThrough(path)) found.add(reader);
  }
  for (const path of paths) for (const reader of readersOf(path)) found.add(reader);
  return found;
}

/**
 * A path that is absent stays so while nothing above it becomes a link that leads elsewhere: beside itself it is found
 * by each folder on the way, under a key of its own, because a folder that becomes a link is rare and a file that
 * comes into one is not.
 */
function keysOf(fact: TraceFact): string[] {
  if (fact.kind !== "absent") return [fact.path];
  return [fact.path, ...foldersAbove(fact.path).map((folder) => `${LINK_PREFIX}${folder}`)];
}

const LINK_PREFIX = "link:";

/** All folders that `path` is in, the nearest first, without the root. */
function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) folders.push(path.slice(0, at));
  return folders;
}

function encodeSection(lines: ReadonlyMap<string, unknown>): Buffer {
  const text: string[] = ["\n"];
  for (const [key, value] of lines) text.push(`${JSON.stringify(key)}\t${JSON.stringify(value)}\n`);
  return Buffer.from(text.join(""));
}

function findLine(section: Buffer, key: string): unknown {
  const needle = `\n${JSON.stringify(key)}\t`;
  const at = section.indexOf(needle);
  if (at < 0) return undefined;
  const start = at + Buffer.byteLength(needle);
  return JSON.parse(section.toString("utf8", start, section.indexOf(0x0a, start)));
}

/** A section whose lines stand in the order of their bytes: for what one check may ask hundreds of times. */
function encodeSorted(lines: ReadonlyMap<string, unknown>): Buffer {
  const keyed = [...lines].map(([key, value]) => ({ bytes: Buffer.from(JSON.stringify(key)), key, value }));
  keyed.sort((a, b) => a.bytes.compare(b.bytes));
  return encodeSection(new Map(keyed.map(({ key, value }) => [key, value])));
}

/** The value of a key in a section of `encodeSorted`: halves what is left, line by line. */
function findSorted(section: Buffer, key: string): unknown {
  const wanted = Buffer.from(JSON.stringify(key));
  let [start, end] = [1, section.length];
  while (start < end) {
    const at = section.lastIndexOf(0x0a, Math.floor((start + end - 1) / 2) - 1) + 1;
    const lineEnd = section.indexOf(0x0a, at);
    const tab = section.indexOf(0x09, at);
    const order = section.compare(wanted, 0, wanted.length, at, tab);
    if (order === 0) return JSON.parse(section.toString("utf8", tab + 1, lineEnd));
    if (order < 0) start = lineEnd + 1;
    else end = at;
  }
  return undefined;
}

function parseLines(section: Buffer): [string, unknown][] {
  const lines = section
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => {
    const tab = line.indexOf('"\t') + 1;
    return [JSON.parse(line.slice(0, tab)) as string, JSON.parse(line.slice(tab + 1))];
  });
}
