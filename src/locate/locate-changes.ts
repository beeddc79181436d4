import type { AppKind, Manifest, ResourceChange, ResourceId, Trace } from "../model/index.ts";
import { atFile } from "./place.ts";

/** What is known of how one app came to differ. */
export interface ChangeSources {
  readonly kind: AppKind;
  /** What its renders read, both sides together. */
  readonly traces: readonly Trace[];
  /** Every path that differs between the two trees. */
  readonly changedPaths: ReadonlySet<string>;
  readonly before: readonly Manifest[];
  readonly after: readonly Manifest[];
}

/**
 * Names the file that causes each change, without a line. Renders give the same for the same input, so a difference comes
 * from files that differ and that a render read: when that is one, it is certain. Of several, those that other resources
 * are made of do not count, and a resource that is new or gone comes from its own file. Two that remain name none.
 */
export function locateChanges(
  changes: readonly ResourceChange[],
  { kind, traces, changedPaths, before, after }: ChangeSources,
): readonly ResourceChange[] {
  if (changes.length === 0) return changes;
  const read = listRead(traces, changedPaths);
  if (read.size === 0) return changes;
  const files = { before: indexFiles(before), after: indexFiles(after) };
  const madeOf = new Set([...files.before.values(), ...files.after.values()].flatMap(({ all }) => [...all]));
  return changes.map((change) => {
    const { action, resource, previous } = change;
    const own = {
      before: action === "added" ? NO_FILES : (files.before.get(keyOf(previous ?? resource)) ?? NO_FILES),
      after: action === "removed" ? NO_FILES : (files.after.get(keyOf(resource)) ?? NO_FILES),
    };
    const isWhole = action !== "changed" || kind === "plain";
    const file = (isWhole ? findOrigin(own, read) : undefined) ?? findCause(own, read, madeOf);
    return file === undefined ? change : { ...change, location: atFile(file) };
  });
}

/** The files that the manifests of one identity are made of. */
interface OwnFiles {
  readonly origins: ReadonlySet<string>;
  readonly all: ReadonlySet<string>;
}

interface OwnSides {
  readonly before: OwnFiles;
  readonly after: OwnFiles;
}

const NO_FILES: OwnFiles = { origins: new Set(), all: new Set() };

function findOrigin({ before, after }: OwnSides, read: ReadonlySet<string>): string | undefined {
  const origins = after.origins.size > 0 ? after.origins : before.origins;
  return onlyOne([...origins].filter((file) => read.has(file)));
}

function findCause(
  { before, after }: OwnSides,
  read: ReadonlySet<string>,
  madeOf: ReadonlySet<string>,
): string | undefined {
  const mayCause = (file: string): boolean =>
    before.all.has(file) || after.all.has(file) || isShared(file) || !madeOf.has(file);
  return read.size === 1 ? onlyOne([...read]) : onlyOne([...read].filter(mayCause));
}

function listRead(traces: readonly Trace[], changedPaths: ReadonlySet<string>): ReadonlySet<string> {
  const read = traces.flatMap((trace) => trace.flatMap((fact) => (fact.kind === "entry" ? [fact.path] : [])));
  return new Set(read.filter((path) => changedPaths.has(path)));
}

function indexFiles(manifests: readonly Manifest[]): ReadonlyMap<string, OwnFiles> {
  const alike = Map.groupBy(manifests, ({ resource }) => keyOf(resource));
  return new Map(
    [...alike].map(([key, same]) => {
      const origins = new Set(same.map(({ origin }) => origin.file));
      return [key, { origins, all: new Set([...origins, ...same.flatMap(({ origin }) => origin.shapedBy)]) }];
    }),
  );
}

function keyOf({ group, kind, namespace, name }: ResourceId): string {
  return JSON.stringify([group, kind, namespace, name]);
}

/** These say something to all resources, also where one of them is generated in it. */
function isShared(file: string): boolean {
  return /(^|\/)(kustomization\.ya?ml|Kustomization|Chart\.yaml)$/u.test(file);
}

function onlyOne(files: readonly string[]): string | undefined {
  return files.length === 1 ? files[0] : undefined;
}
