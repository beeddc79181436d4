import { z } from "zod";
import { readYaml, type YamlNode } from "../config/read-yaml.ts";
import { nameSubject, type AppId, type FieldPath, type Finding, type FindingException } from "../model/index.ts";
import { findJsonError } from "./find-json-error.ts";

/** One finding that is known, whatever the trees show. Names no text of a message, so that wording may change. */
export interface BaselineEntry {
  readonly rule: string;
  readonly app: AppId;
  /** `Kind/namespace/name`, `Kind/name` of what has no namespace, or `file PATH` of what is in no resource. */
  readonly resource: string;
  /** JSON pointer of the field, empty for the resource as a whole. */
  readonly path: string;
  /** How many findings of this sort are known. */
  readonly count: number;
}

export type BaselineReading =
  | { readonly kind: "read"; readonly entries: readonly BaselineEntry[] }
  | { readonly kind: "broken"; readonly line: number; readonly message: string };

/** Entries; a file with more is refused. */
const MOST_ENTRIES = 100_000;

const text = z.string().max(2000);
const schema = z.strictObject({
  version: z.literal(1),
  findings: z
    .array(
      z.strictObject({
        rule: text.min(1),
        app: text.min(1),
        resource: text,
        path: text,
        count: z.int().min(1).max(MOST_ENTRIES).default(1),
      }),
    )
    .max(MOST_ENTRIES),
});

/** Reads a baseline file. Whatever it holds, it is read whole or told to be broken, with the line. Never throws. */
export function readBaseline(source: string): BaselineReading {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return { kind: "broken", line: findJsonError(source), message: "this is not JSON" };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { kind: "read", entries: parsed.data.findings };
  const [issue] = parsed.error.issues;
  const path = (issue?.path ?? []).filter((step) => typeof step !== "symbol");
  const where = path.length === 0 ? "" : `${path.join(".")}: `;
  return { kind: "broken", line: lineOfPath(source, path), message: `${where}${issue?.message ?? "it does not fit"}` };
}

/** JSON is YAML, and that is read with lines. A file too long for it is broken on its first line. */
function lineOfPath(source: string, path: readonly (string | number)[]): number {
  const yaml = readYaml(source);
  if (yaml.kind === "invalid") return 1;
  let node: YamlNode | undefined = yaml.root;
  let line = node.at.line;
  for (const step of path) {
    if (node?.kind === "sequence") node = node.items[Number(step)];
    else node = node?.kind === "mapping" ? node.entries.get(String(step))?.value : undefined;
    line = node?.at.line ?? line;
  }
  return line;
}

/** A baseline as a file: one entry a line in a fixed order. The same entries give the same bytes. */
export function writeBaseline(entries: readonly BaselineEntry[]): string {
  const lines = entries.map(({ count, ...entry }) => JSON.stringify({ ...entry, ...(count === 1 ? {} : { count }) }));
  const list = lines.length === 0 ? "[]" : `[\n${lines.map((line) => `    ${line}`).join(",\n")}\n  ]`;
  return `{\n  "version": 1,\n  "findings": ${list}\n}\n`;
}

/** What is known, while findings are judged. */
export interface Baseline {
  /**
   * Whether an entry is left for a finding of an app. Each answer that is yes uses one up, so what the base shows as
   * well has to be asked first: then it excuses no further one.
   */
  isKnown(finding: Finding, app: AppId, exception: FindingException | undefined): boolean;
  /** Entries, or parts of their counts, that no finding was asked for. */
  listUnmatched(): readonly BaselineEntry[];
  /** The errors and warnings that were asked for, sorted. What an exception takes is said elsewhere. */
  listAsked(): readonly BaselineEntry[];
}

/** `isPolicy` tells the rules whose findings a baseline may know. */
export function createBaseline(entries: readonly BaselineEntry[], isPolicy: (rule: string) => boolean): Baseline {
  const left = new Map<string, number>();
  const asked = new Map<string, number>();
  const add = (counts: Map<string, number>, key: string, count: number): void => {
    counts.set(key, (counts.get(key) ?? 0) + count);
  };
  for (const { rule, app, resource, path, count } of entries) add(left, keyOf(rule, app, resource, path), count);
  return {
    isKnown: (finding, app, exception) => {
      const { rule, level, path } = finding;
      if (!isPolicy(rule) || level === "notice" || exception?.state === "used") return false;
      const key = keyOf(rule, app, nameSubject(finding), toPointer(path));
      add(asked, key, 1);
      const isLeft = (left.get(key) ?? 0) > 0;
      if (isLeft) add(left, key, -1);
      return isLeft;
    },
    listUnmatched: () => listEntries(left),
    listAsked: () => listEntries(asked),
  };
}

function keyOf(...parts: readonly [rule: string, app: string, resource: string, path: string]): string {
  return JSON.stringify(parts);
}

function listEntries(counts: ReadonlyMap<string, number>): readonly BaselineEntry[] {
  const present = [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  return present.map(([key, count]) => {
    const [rule, app, resource, path] = JSON.parse(key) as [string, string, string, string];
    return { rule, app, resource, path, count };
  });
}

function toPointer(path: FieldPath): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
