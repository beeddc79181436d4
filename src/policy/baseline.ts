import { z } from "zod";
import { readYaml, type YamlNode } from "../config/read-yaml.ts";
import type { AppId, FieldPath, JudgedFinding } from "../model/index.ts";
import { nameResource } from "./exceptions.ts";
import { findJsonError } from "./find-json-error.ts";

/** One finding that is known, whatever the trees show. Names no text of a message, so that wording may change. */
export interface BaselineEntry {
  readonly rule: string;
  readonly app: AppId;
  /** `Kind/namespace/name`, or `Kind/name` of what has no namespace; empty for what is about no resource. */
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

/**
 * The baseline of findings, one entry a line in a fixed order: the same findings give the same bytes. Taken are errors
 * and warnings that stand; what an exception takes is said elsewhere.
 */
export function writeBaseline(findings: readonly JudgedFinding[]): string {
  const counts = new Map<string, number>();
  for (const finding of findings.filter(isTaken)) {
    for (const app of finding.apps) {
      const key = keyOf(finding, app);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const lines = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, count]) => `    ${writeEntry(key, count)}`);
  const list = lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n  ]`;
  return `{\n  "version": 1,\n  "findings": ${list}\n}\n`;
}

function isTaken({ level, exception, check }: JudgedFinding): boolean {
  return check === "policy" && level !== "notice" && exception?.state !== "used";
}

function writeEntry(key: string, count: number): string {
  const [rule, app, resource, path] = JSON.parse(key) as readonly string[];
  return JSON.stringify({ rule, app, resource, path, ...(count === 1 ? {} : { count }) });
}

function keyOf({ rule, resource, path }: Pick<JudgedFinding, "rule" | "resource" | "path">, app: AppId): string {
  return JSON.stringify([rule, app, resource === undefined ? "" : nameResource(resource), toPointer(path)]);
}

function toPointer(path: FieldPath): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

export interface KnownFindings {
  readonly findings: readonly JudgedFinding[];
  /** Entries, or parts of their counts, that no finding was found for. */
  readonly unmatched: readonly BaselineEntry[];
}

/**
 * Findings with those of the baseline as known. An entry stands for as many findings as it counts, and what the base
 * tree shows is counted first, so that it excuses no further one. A finding that shows in several apps and is known in
 * some of them becomes two.
 */
export function knowByBaseline(
  findings: readonly JudgedFinding[],
  entries: readonly BaselineEntry[],
  isExempt: (rule: string) => boolean,
): KnownFindings {
  const left = new Map<string, { readonly entry: BaselineEntry; count: number }>();
  for (const entry of entries) {
    const key = JSON.stringify([entry.rule, entry.app, entry.resource, entry.path]);
    left.set(key, { entry, count: (left.get(key)?.count ?? 0) + entry.count });
  }
  const take = (finding: JudgedFinding, app: AppId): boolean => {
    const found = left.get(keyOf(finding, app));
    if (found === undefined || found.count === 0) return false;
    found.count--;
    return true;
  };
  const isAsked = (finding: JudgedFinding): boolean => isTaken(finding) && !isExempt(finding.rule);
  for (const finding of findings) {
    if (isAsked(finding) && !finding.isNew) for (const app of finding.apps) take(finding, app);
  }
  const known = findings.flatMap((finding): readonly JudgedFinding[] => {
    if (!finding.isNew || !isAsked(finding)) return [finding];
    const taken = new Set(finding.apps.filter((app) => take(finding, app)));
    const parts = [
      { ...finding, apps: finding.apps.filter((app) => !taken.has(app)) },
      { ...finding, isNew: false, apps: [...taken] },
    ];
    return taken.size === 0 ? [finding] : parts.filter(({ apps }) => apps.length > 0);
  });
  const unmatched = [...left.values()].flatMap(({ entry, count }) => (count === 0 ? [] : [{ ...entry, count }]));
  return { findings: known, unmatched };
}
