import type {
  App,
  AppId,
  CheckFamily,
  Finding,
  FindingException,
  JudgedFinding,
  Level,
  ResourceId,
} from "../model/index.ts";

/** A located finding of one app, with the name of its field that `identifyField` gave. */
export interface AppFinding {
  readonly finding: Finding;
  readonly field: string;
}

/** All findings of one app on one side. */
export interface AppSide {
  readonly app: Pick<App, "id" | "path">;
  readonly findings: readonly AppFinding[];
}

/**
 * One app on both sides; a moved app is one comparison whose ids differ. A side that does not have the app, or could
 * not render it, is undefined: what then shows on the head counts as brought by the change.
 */
export interface AppComparison {
  readonly base: AppSide | undefined;
  readonly head: AppSide | undefined;
  /**
   * What became of resources of the base, by `resourceKey`: their identity on the head, or undefined when the app no
   * longer has them. One that is not listed kept its identity.
   */
  readonly pairing: ReadonlyMap<string, ResourceId | undefined>;
}

/** What is said about findings besides the two trees. Asked of each finding in each app, before they are joined. */
export interface FindingMarks {
  /** The exception that takes it there. */
  exceptionFor(finding: Finding, app: AppId): FindingException | undefined;
  /**
   * Whether it is known all the same. Asked once of each: first of those that the base shows as well, whose answer
   * changes nothing, then of the others, worst first.
   */
  isKnown(finding: Finding, app: AppId, exception: FindingException | undefined): boolean;
}

interface Occurrence {
  readonly app: AppId;
  readonly finding: Finding;
  readonly field: string;
  readonly exception?: FindingException | undefined;
  /** What makes it the same finding on both sides: rule, resource (or file) and field. */
  readonly identity: string;
}

const WEIGHT: Readonly<Record<Level, number>> = { error: 3, warning: 2, notice: 1 };

/** The identity of a resource across versions of its API, as the diff pairs it. */
export function resourceKey(resource: ResourceId): string {
  return JSON.stringify([resource.group, resource.kind, resource.namespace, resource.name]);
}

/**
 * Tells the findings that a change brings from those that stood on the base as well.
 *
 * The same on both sides are those of equal rule, resource (as the diff pairs it) and field; line, file, app id and
 * message are of no account. Of several with one identity, the k-th worst of the head is known when the k-th worst
 * of the base is at least as bad, so a level or a count that rises makes something new. The same app is compared
 * first; then what is left over, with findings of apps and resources that the head no longer has where they were:
 * these moved. A finding that was mended in one app excuses none in another.
 *
 * One finding reached through several apps is one with all of them: those of one source line, or, where no line is
 * known, of one resource and message. Only findings of the head are listed: new first, then by level, file, line and
 * rule.
 */
export function judgeFindings(
  apps: readonly AppComparison[],
  checkOf: (rule: string) => CheckFamily,
  marks: FindingMarks = NO_MARKS,
): readonly JudgedFinding[] {
  const known: Occurrence[] = [];
  const open: Occurrence[] = [];
  const moved: Occurrence[] = [];
  for (const app of apps) {
    const base = baseOccurrences(app);
    const match = matchOccurrences(base.kept, headOccurrences(app));
    known.push(...match.known);
    open.push(...match.open);
    moved.push(...base.moved);
  }
  const rest = matchOccurrences(moved, open);
  const marked = markOccurrences([...known, ...rest.known], rest.open, marks);
  const grouped = [...groupByApp(marked.known, false), ...groupByApp(marked.open, true)];
  return grouped.map((finding) => ({ ...finding, check: checkOf(finding.rule) })).sort(byImportance);
}

const NO_MARKS: FindingMarks = { exceptionFor: () => undefined, isKnown: () => false };

function markOccurrences(
  known: readonly Occurrence[],
  open: readonly Occurrence[],
  marks: FindingMarks,
): { readonly known: readonly Occurrence[]; readonly open: readonly Occurrence[] } {
  const mark = (one: Occurrence): Occurrence & { readonly isMarked: boolean } => {
    const exception = marks.exceptionFor(one.finding, one.app);
    return { ...one, exception, isMarked: marks.isKnown(one.finding, one.app, exception) };
  };
  const old = known.map(mark);
  const fresh = open.map(mark);
  return {
    known: [...old, ...fresh.filter(({ isMarked }) => isMarked)],
    open: fresh.filter(({ isMarked }) => !isMarked),
  };
}

function headOccurrences({ head }: AppComparison): readonly Occurrence[] {
  if (head === undefined) return [];
  return head.findings.map((item) => toOccurrence(head, item, item.finding.resource));
}

/** Those of resources that are where they were, and those whose app or resource is gone and may show elsewhere. */
function baseOccurrences({ base, head, pairing }: AppComparison): { kept: Occurrence[]; moved: Occurrence[] } {
  const kept: Occurrence[] = [];
  const moved: Occurrence[] = [];
  for (const item of base?.findings ?? []) {
    if (base === undefined) break;
    const { resource } = item.finding;
    const key = resource === undefined ? undefined : resourceKey(resource);
    const isListed = key !== undefined && pairing.has(key);
    const counterpart = isListed ? pairing.get(key) : resource;
    const isGone = head === undefined || (isListed && counterpart === undefined);
    (isGone ? moved : kept).push(toOccurrence(base, item, counterpart ?? resource));
  }
  return { kept, moved };
}

/** A finding about a file as a whole has no resource: the file inside the app's directory stands for it. */
function toOccurrence({ app }: AppSide, { finding, field }: AppFinding, resource: ResourceId | undefined): Occurrence {
  const subject =
    resource === undefined ? ["file", insideOf(app.path, finding.location?.file ?? "")] : resourceKey(resource);
  return { app: app.id, finding, field, identity: JSON.stringify([finding.rule, subject, field]) };
}

function insideOf(directory: string, file: string): string {
  return directory !== "" && file.startsWith(`${directory}/`) ? file.slice(directory.length + 1) : file;
}

function matchOccurrences(
  base: readonly Occurrence[],
  head: readonly Occurrence[],
): { known: readonly Occurrence[]; open: readonly Occurrence[] } {
  const levels = new Map<string, number[]>();
  for (const { identity, finding } of base) append(levels, identity, WEIGHT[finding.level]);
  for (const weights of levels.values()) weights.sort((a, b) => b - a);
  const known: Occurrence[] = [];
  const open: Occurrence[] = [];
  for (const occurrence of [...head].sort((a, b) => WEIGHT[b.finding.level] - WEIGHT[a.finding.level])) {
    const weights = levels.get(occurrence.identity) ?? [];
    const worst = weights[0] ?? 0;
    if (worst < WEIGHT[occurrence.finding.level]) open.push(occurrence);
    else {
      weights.shift();
      known.push(occurrence);
    }
  }
  return { known, open };
}

/** The n-th finding of one sort in an app joins the n-th of that sort in other apps, so that none is lost. */
function groupByApp(occurrences: readonly Occurrence[], isNew: boolean): readonly Omit<JudgedFinding, "check">[] {
  const groups = new Map<string, Occurrence[]>();
  const seen = new Map<string, number>();
  for (const occurrence of [...occurrences].sort(byApp)) {
    const sort = sortOf(occurrence);
    const counted = JSON.stringify([occurrence.app, sort]);
    const ordinal = seen.get(counted) ?? 0;
    seen.set(counted, ordinal + 1);
    append(groups, `${ordinal} ${sort}`, occurrence);
  }
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { finding, field, exception } = first;
    const apps = [first, ...others].map(({ app }) => app);
    return [{ ...finding, field, isNew, ...(exception === undefined ? {} : { exception }), apps }];
  });
}

function sortOf({ finding, identity, exception }: Occurrence): string {
  const { rule, level, path, location } = finding;
  const message = withoutNames(finding);
  if (location?.line === undefined) return JSON.stringify([level, identity, message, exception]);
  return JSON.stringify([level, rule, path, message, location.file, location.line, location.column ?? 0, exception]);
}

/** Overlays name one resource differently; the message then differs in nothing else. */
function withoutNames({ message, resource }: Finding): string {
  const names = [resource?.name ?? "", resource?.namespace ?? ""].filter((name) => name !== "");
  return names.reduce((text, name) => text.replaceAll(name, "\u0000"), message);
}

function byApp(a: Occurrence, b: Occurrence): number {
  return compare(a.app, b.app) || byImportance({ ...a.finding, isNew: true }, { ...b.finding, isNew: true });
}

type Ranked = Finding & { readonly isNew: boolean };

function byImportance(a: Ranked, b: Ranked): number {
  return (
    Number(b.isNew) - Number(a.isNew) ||
    WEIGHT[b.level] - WEIGHT[a.level] ||
    compare(a.location?.file ?? "", b.location?.file ?? "") ||
    (a.location?.line ?? 0) - (b.location?.line ?? 0) ||
    compare(a.rule, b.rule) ||
    compare(a.message, b.message) ||
    compare(JSON.stringify([a.resource, a.path]), JSON.stringify([b.resource, b.path]))
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
