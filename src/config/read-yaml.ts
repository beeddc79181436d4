import { EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from "js-yaml";
import type { Event, ScalarEvent } from "js-yaml";

/** A place in the text; line and column count from 1, a column counts UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type YamlScalar = string | number | boolean | null;

/** One node of a document with its place. Aliases are resolved: the same node may stand in several places. */
export type YamlNode =
  | { readonly kind: "scalar"; readonly at: Position; readonly value: YamlScalar }
  | { readonly kind: "sequence"; readonly at: Position; readonly items: YamlNode[] }
  | { readonly kind: "mapping"; readonly at: Position; readonly entries: Map<string, YamlEntry> };

export interface YamlEntry {
  readonly at: Position;
  readonly value: YamlNode;
}

export interface YamlProblem {
  readonly message: string;
  readonly at: Position;
}

export type YamlResult =
  | { readonly kind: "read"; readonly root: YamlNode }
  | { readonly kind: "invalid"; readonly problems: readonly YamlProblem[] };

const MAX_DEPTH = 32;
/** Nodes after every alias is written out: what stops an alias bomb. */
const MAX_NODES = 50_000;

const START: Position = { line: 1, column: 1 };

/**
 * Reads one YAML document with the place of every key and value. Keys are strings and unique; scalars are strings but
 * for `true`, `false`, null and whole numbers (so `1.30` stays the version that was written). Anchors, aliases and
 * merge keys work and are bounded; tags and further documents are refused. Never throws.
 */
export function readYaml(text: string): YamlResult {
  try {
    const events = parseEvents(text, { maxDepth: MAX_DEPTH });
    return new DocumentReader(text, events).read();
  } catch (error) {
    return { kind: "invalid", problems: [syntaxProblem(error)] };
  }
}

function syntaxProblem(error: unknown): YamlProblem {
  if (!(error instanceof YAMLException)) return { message: "this is not readable as YAML", at: START };
  const at = error.mark === undefined ? START : { line: error.mark.line + 1, column: error.mark.column + 1 };
  return { message: `this is not valid YAML: ${error.reason}`, at };
}

class DocumentReader {
  readonly #text: string;
  readonly #events: readonly Event[];
  readonly #lineStarts: readonly number[];
  readonly #anchors = new Map<string, YamlNode>();
  readonly #sizes = new Map<YamlNode, number>();
  readonly #problems: YamlProblem[] = [];
  #next = 0;
  #nodes = 0;
  #position = START;

  constructor(text: string, events: readonly Event[]) {
    this.#text = text;
    this.#events = events;
    this.#lineStarts = findLineStarts(text);
  }

  read(): YamlResult {
    const documents = this.#events.filter((event) => event.type === EVENT_ID.DOCUMENT).length;
    if (documents === 0) return { kind: "read", root: { kind: "scalar", at: START, value: null } };
    if (documents > 1) this.#problem("only one YAML document is read; remove the others", START);
    this.#next = 1;
    const root = this.#readNode();
    return this.#problems.length > 0 ? { kind: "invalid", problems: this.#problems } : { kind: "read", root };
  }

  #problem(message: string, at: Position): void {
    if (this.#problems.length < 20) this.#problems.push({ message, at });
  }

  #readNode(): YamlNode {
    const event = this.#events[this.#next++];
    const before = this.#nodes;
    const node = this.#readEvent(event);
    this.#nodes++;
    this.#sizes.set(node, this.#nodes - before);
    if (this.#nodes > MAX_NODES) throw new TooManyNodes();
    return node;
  }

  #readEvent(event: Event | undefined): YamlNode {
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return this.#anchored(event, this.#readScalar(event));
      case EVENT_ID.SEQUENCE:
        return this.#anchored(event, this.#readSequence(this.#place(event.start)));
      case EVENT_ID.MAPPING:
        return this.#anchored(event, this.#readMapping(this.#place(event.start)));
      case EVENT_ID.ALIAS:
        return this.#readAlias(event.anchorStart, event.anchorEnd);
      default:
        this.#next--;
        return { kind: "scalar", at: this.#position, value: null };
    }
  }

  #anchored(event: { anchorStart: number; anchorEnd: number; tagStart: number }, node: YamlNode): YamlNode {
    if (event.anchorStart >= 0) this.#anchors.set(this.#text.slice(event.anchorStart, event.anchorEnd), node);
    if (event.tagStart >= 0) this.#problem("YAML tags are not used here", this.#place(event.tagStart));
    return node;
  }

  #readScalar(event: ScalarEvent): YamlNode {
    const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
    const at = event.valueStart < 0 ? this.#position : this.#place(event.valueStart - (isQuoted ? 1 : 0));
    const source = event.valueStart < 0 ? "" : getScalarValue(this.#text, event);
    return { kind: "scalar", at, value: event.style === SCALAR_STYLE.PLAIN ? resolveScalar(source) : source };
  }

  #readSequence(at: Position): YamlNode {
    const items: YamlNode[] = [];
    while (!this.#isAtEnd()) items.push(this.#readNode());
    this.#next++;
    return { kind: "sequence", at, items };
  }

  #readMapping(at: Position): YamlNode {
    const entries = new Map<string, YamlEntry>();
    const merged: YamlNode[] = [];
    while (!this.#isAtEnd()) {
      const key = this.#readNode();
      const value = this.#readNode();
      if (key.kind !== "scalar") this.#problem("a key has to be a single word", key.at);
      else if (key.value === "<<") merged.push(value);
      else this.#addEntry(entries, String(key.value), key.at, value);
    }
    this.#next++;
    for (const source of merged) this.#merge(entries, source);
    return { kind: "mapping", at, entries };
  }

  #addEntry(entries: Map<string, YamlEntry>, key: string, at: Position, value: YamlNode): void {
    const first = entries.get(key);
    if (first !== undefined) {
      this.#problem(`${quoteText(key)} is here twice; the first one is on line ${first.at.line}`, at);
    } else if (key === "__proto__") this.#problem(`${quoteText(key)} cannot be used as a name`, at);
    else entries.set(key, { at, value });
  }

  #merge(entries: Map<string, YamlEntry>, source: YamlNode): void {
    const mappings = source.kind === "sequence" ? source.items : [source];
    for (const mapping of mappings) {
      if (mapping.kind !== "mapping") this.#problem("<< takes a mapping or a list of mappings", mapping.at);
      else for (const [key, entry] of mapping.entries) if (!entries.has(key)) entries.set(key, entry);
    }
  }

  #readAlias(start: number, end: number): YamlNode {
    const at = this.#place(start - 1);
    const target = this.#anchors.get(this.#text.slice(start, end));
    if (target === undefined) {
      this.#problem("this alias has no anchor before it", at);
      return { kind: "scalar", at, value: null };
    }
    this.#nodes += this.#sizes.get(target) ?? 0;
    return target;
  }

  #isAtEnd(): boolean {
    const event = this.#events[this.#next];
    return event === undefined || event.type === EVENT_ID.POP;
  }

  #place(offset: number): Position {
    const line = lastAtOrBefore(this.#lineStarts, offset);
    this.#position = { line: line + 1, column: offset - (this.#lineStarts[line] ?? 0) + 1 };
    return this.#position;
  }
}

class TooManyNodes extends YAMLException {
  constructor() {
    super(`aliases stand for more than ${MAX_NODES} values`);
  }
}

function resolveScalar(source: string): YamlScalar {
  if (source === "" || source === "~" || source === "null") return null;
  if (source === "true" || source === "false") return source === "true";
  return /^-?\d{1,15}$/.test(source) ? Number(source) : source;
}

function findLineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let index = text.indexOf("\n"); index >= 0; index = text.indexOf("\n", index + 1)) starts.push(index + 1);
  return starts;
}

function lastAtOrBefore(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Text from a repository as a message can show it: quoted, control characters escaped, cut when long. */
export function quoteText(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
