import { openWindow, type OpenWindow, type Span, type WindowRule } from "../config/index.ts";

/** Whether windows let changes in at a moment, and when that ends. */
export interface CalendarReading {
  readonly isOpen: boolean;
  /** When it changes; undefined when that is not within a year. */
  readonly until: number | undefined;
  /** The window whose beginning or end changes it. */
  readonly by: WindowRule | undefined;
  /** Windows that keep changes out at the moment: those of `deny`, else those of `allow` of which none lasts. */
  readonly closing: readonly WindowRule[];
  /** When it has to be asked again at the latest. */
  readonly changesAt: number;
}

/** Steps end at the same moments whenever is asked, so that equal calendars give equal answers. */
const STEP = 10 * 86_400_000;
/** More than a year. */
const MOST_STEPS = 40;
/** Beginnings and ends that are looked at before the answer is "later": what bounds the work for one decision. */
const MOST_EDGES = 5000;

interface KnownWindow {
  readonly rule: WindowRule;
  readonly window: OpenWindow;
}

interface Edge {
  readonly at: number;
  readonly rule: WindowRule;
  readonly delta: 1 | -1;
}

/**
 * The calendar of an environment for a pull request with these labels. Each `deny` keeps it closed; the `allow` of each
 * file (the repository's, the organisation's) let it be open, and where a file has none it lets everything in. Undefined
 * when a window cannot be read.
 */
export function readCalendar(
  rules: readonly WindowRule[],
  labels: readonly string[],
  now: number,
): CalendarReading | undefined {
  const windows = rules.filter((rule) => rule.effect === "allow" || !isExcepted(rule, labels)).map(openKnown);
  if (windows.includes(undefined)) return undefined;
  const known = windows.filter((window) => window !== undefined);
  const state = new CalendarState(rules, labels);
  const current = known.flatMap(({ rule, window }) => toEdges(rule, window.findSpan(now)));
  for (const edge of current) if (edge.delta === 1) state.apply(edge);
  const ends = current.filter(({ delta }) => delta === -1);
  return findChange(known, state, ends, now);
}

/** Whether a label of the pull request lets it pass a window. GitHub has no two labels that differ in case alone. */
export function isExcepted({ exceptLabels }: WindowRule, labels: readonly string[]): boolean {
  const own = new Set(labels.map((label) => label.toLowerCase()));
  return exceptLabels.some((label) => own.has(label.toLowerCase()));
}

function openKnown(rule: WindowRule): KnownWindow | undefined {
  const window = openWindow(rule);
  return window === undefined ? undefined : { rule, window };
}

function toEdges(rule: WindowRule, span: Span | undefined): readonly Edge[] {
  return span === undefined
    ? []
    : [
        { at: span.from, rule, delta: 1 },
        { at: span.until, rule, delta: -1 },
      ];
}

function findChange(
  windows: readonly KnownWindow[],
  state: CalendarState,
  ends: readonly Edge[],
  now: number,
): CalendarReading {
  const isOpen = state.isOpen();
  const closing = state.listClosing();
  let pending = ends;
  let edges = 0;
  let until = now;
  for (let step = 0; step < MOST_STEPS && edges <= MOST_EDGES; step++) {
    const from = until;
    until = (Math.floor(from / STEP) + 1) * STEP;
    const coming = windows.flatMap(({ rule, window }) =>
      window.listSpans(from, until).flatMap((span) => toEdges(rule, span)),
    );
    const sorted = [...pending, ...coming].sort((left, right) => left.at - right.at);
    const change = state.findChange(sorted.filter(({ at }) => at <= until));
    if (change !== undefined) return { isOpen, until: change.at, by: change.rule, closing, changesAt: change.at };
    pending = sorted.filter(({ at }) => at > until);
    edges += sorted.length;
  }
  return { isOpen, until: undefined, by: undefined, closing, changesAt: until };
}

/** Which windows last at the moment that edges have been followed to. */
class CalendarState {
  readonly #denied = new Map<WindowRule, number>();
  /** How many last, by file; there is an entry for each file that has one, and that no label lets pass. */
  readonly #allowed = new Map<string | undefined, number>();
  readonly #rules: readonly WindowRule[];

  constructor(rules: readonly WindowRule[], labels: readonly string[]) {
    this.#rules = rules;
    const allowing = rules.filter(({ effect }) => effect === "allow");
    for (const { file } of allowing) this.#allowed.set(file, 0);
    for (const rule of allowing) if (isExcepted(rule, labels)) this.#allowed.delete(rule.file);
  }

  apply({ rule, delta }: Edge): void {
    if (rule.effect === "allow") {
      const count = this.#allowed.get(rule.file);
      if (count !== undefined) this.#allowed.set(rule.file, count + delta);
      return;
    }
    const count = (this.#denied.get(rule) ?? 0) + delta;
    if (count === 0) this.#denied.delete(rule);
    else this.#denied.set(rule, count);
  }

  isOpen(): boolean {
    return this.#denied.size === 0 && [...this.#allowed.values()].every((count) => count > 0);
  }

  listClosing(): readonly WindowRule[] {
    if (this.#denied.size > 0) return [...this.#denied.keys()];
    return this.#rules.filter(({ effect, file }) => effect === "allow" && this.#allowed.get(file) === 0);
  }

  /** Follows edges until it is no longer open, or no longer closed; those of one moment are followed together. */
  findChange(edges: readonly Edge[]): Edge | undefined {
    const wasOpen = this.isOpen();
    for (const [index, edge] of edges.entries()) {
      this.apply(edge);
      if (edges[index + 1]?.at !== edge.at && this.isOpen() !== wasOpen) return edge;
    }
    return undefined;
  }
}
