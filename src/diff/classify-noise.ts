import type { FieldPath, ManifestValue, NoiseKind, ResourceId } from "../model/index.ts";
import { findRecreation, isImmutableField } from "./immutable-fields.ts";
import { isMap } from "./read-field.ts";

type Maybe = ManifestValue | undefined;

/** Names that a generator made anew: tells whether `before` became `after` by a new hash suffix alone. */
export type IsRegenerated = (before: string, after: string) => boolean;

/** The two objects a difference is between. */
export interface NoiseSubject {
  readonly resource: ResourceId;
  readonly base: ManifestValue;
  readonly head: ManifestValue;
  /** True when the head's is another object in the cluster (another name): then nothing is refused. */
  readonly isNewObject: boolean;
  readonly isRegenerated: IsRegenerated;
}

/**
 * Why the difference at `path` says nothing about what is deployed; undefined when it does.
 * A difference that the API server would refuse is never noise: a chart label in a StatefulSet's
 * `volumeClaimTemplates` has broken many an upgrade.
 */
export function classifyNoise(
  subject: NoiseSubject,
  path: FieldPath,
  before: Maybe,
  after: Maybe,
): NoiseKind | undefined {
  const kind = findNoise(path, before, after, subject.isRegenerated);
  if (kind === undefined) return undefined;
  if (subject.isNewObject || findRecreation(subject.head) === "hook") return kind;
  return isImmutableField(subject.resource, path, subject.base) ? undefined : kind;
}

function findNoise(path: FieldPath, before: Maybe, after: Maybe, isRegenerated: IsRegenerated): NoiseKind | undefined {
  if (isText(before) && isText(after) && before !== undefined && after !== undefined && isRegenerated(before, after)) {
    return "generated-name";
  }
  const [key, parent] = [path.at(-1), path.at(-2)];
  if (typeof key !== "string" || path.at(-3) !== "metadata") return isCreationTimestamp(path, before, after);
  if (parent === "labels" && isChartLabel(key, before, after)) return "chart-label";
  if (parent !== "annotations") return undefined;
  if (key.startsWith("checksum/") && isDigest(before) && isDigest(after)) return "checksum-annotation";
  return TIME_ANNOTATION.test(key) && isTime(before) && isTime(after) ? "timestamp" : undefined;
}

// Helm's own label, and the ones older charts use: they carry the chart's version or the tool's name, and no selector
// of a sane chart uses them.
// A label's value has 63 characters at most; without that bound the pattern would be quadratic in a hostile one.
const MAX_LABEL = 63;
const VERSIONED = /^[\w.-]+-v?\d+\.\d+\.\d+\S*$/u;

function isChartLabel(key: string, before: Maybe, after: Maybe): boolean {
  if (!isText(before) || !isText(after)) return false;
  if (key === "helm.sh/chart" || key === "heritage") return true;
  const isVersioned = (value: string) => value.length <= MAX_LABEL && VERSIONED.test(value);
  return key === "chart" && [before, after].every((value) => value === undefined || isVersioned(value));
}

// Only what looks like a digest: any other text under such a key is somebody's message.
const DIGEST = /^[A-Za-z0-9+/=_:-]{6,160}$/u;

function isDigest(value: Maybe): boolean {
  return value === undefined || (typeof value === "string" && DIGEST.test(value));
}

const TIME_ANNOTATION = /timestamp|(?:^|[./_-])(?:build|generated|created)?[_-]?(?:date|at)$/iu;
const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/u;

function isTime(value: Maybe): boolean {
  return typeof value === "string" && RFC3339.test(value);
}

function isCreationTimestamp(path: FieldPath, before: Maybe, after: Maybe): NoiseKind | undefined {
  const isField = path.at(-1) === "creationTimestamp" && path.at(-2) === "metadata";
  const isEither = (value: Maybe) => value === undefined || value === null || isTime(value);
  return isField && isEither(before) && isEither(after) && !isMap(before) ? "timestamp" : undefined;
}

function isText(value: Maybe): value is string | undefined {
  return value === undefined || typeof value === "string";
}
