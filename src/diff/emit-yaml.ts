import type { ManifestMap, ManifestValue } from "../model/index.ts";
import { NumberText, SealedValue } from "../model/index.ts";
import { hasHidingCharacter, quoteText } from "./quote-text.ts";
import { isList, isMap } from "./read-field.ts";

/**
 * YAML lines of a manifest for people to compare: `apiVersion`, `kind`, `metadata`, `spec` first, then keys sorted;
 * inside `metadata` and list items `name` first; numbers as their source text; texts of several lines as blocks;
 * everything invisible escaped. A sealed value is what `sealed` says of it, always behind the tag `!sealed`, which no
 * plain text can begin with.
 *
 * Written by hand because js-yaml's `dump` knows numbers as doubles only, puts a tag of its own before anything that
 * is not one, and prints bidirectional marks as they are.
 */
export function emitYaml(value: ManifestValue, sealed: (value: SealedValue) => string): string[] {
  const lines: string[] = [];
  emitNode(value, { indent: "", lead: "", sealed, lines, isRoot: true });
  return lines;
}

interface Slot {
  readonly indent: string;
  /** What stands before the value on its first line: `key:`, `-`, or nothing at the root. */
  readonly lead: string;
  readonly sealed: (value: SealedValue) => string;
  readonly lines: string[];
  readonly isRoot: boolean;
}

function emitNode(value: ManifestValue, slot: Slot): void {
  if (isMap(value) && value.size > 0) emitMap(value, slot);
  else if (isList(value) && value.length > 0) emitList(value, slot);
  else emitScalar(value, slot);
}

function emitMap(map: ManifestMap, slot: Slot): void {
  const isItem = slot.lead === "-";
  if (slot.lead !== "" && !isItem) slot.lines.push(slot.indent + slot.lead);
  const indent = slot.isRoot ? "" : `${slot.indent}  `;
  let lead = isItem ? `${slot.indent}${slot.lead} ` : indent;
  for (const [key, item] of sortEntries(map)) {
    const start = slot.lines.length;
    emitNode(item, { ...slot, indent, lead: `${emitText(key)}:`, isRoot: false });
    const first = slot.lines[start] ?? "";
    slot.lines[start] = lead + first.slice(indent.length);
    lead = indent;
  }
}

function emitList(list: readonly ManifestValue[], slot: Slot): void {
  const isItem = slot.lead === "-";
  if (slot.lead !== "") slot.lines.push(slot.indent + slot.lead);
  // Lists stand at their key's indent, as kubectl and kustomize print them; a list in a list goes in one step.
  const indent = isItem ? `${slot.indent}  ` : slot.indent;
  for (const item of list) emitNode(item, { ...slot, indent, lead: "-", isRoot: false });
}

function emitScalar(value: ManifestValue, slot: Slot): void {
  const [first = "", ...rest] = describeScalar(value, slot);
  slot.lines.push(`${slot.indent}${slot.lead}${slot.lead === "" ? "" : " "}${first}`);
  const indent = slot.isRoot ? "" : `${slot.indent}  `;
  for (const line of rest) slot.lines.push(line === "" ? "" : indent + line);
}

function describeScalar(value: ManifestValue, slot: Slot): readonly string[] {
  if (value instanceof NumberText) return [value.text];
  if (value instanceof SealedValue) return [slot.sealed(value)];
  if (typeof value === "string") return value.includes("\n") ? emitBlock(value) : [emitText(value)];
  if (isMap(value)) return ["{}"];
  return [isList(value) ? "[]" : String(value)];
}

function emitBlock(text: string): readonly string[] {
  // A block cannot hold escapes, and takes its indent from its first line.
  if (hasHidingCharacter(text) || /^[\s]/u.test(text) || /^\n*$/u.test(text)) return emitQuotedLines(text);
  const chomp = !text.endsWith("\n") ? "|-" : text.endsWith("\n\n") ? "|+" : "|";
  const lines = text.split("\n");
  return [chomp, ...(text.endsWith("\n") ? lines.slice(0, -1) : lines)];
}

/** Double quotes over several lines: each but the last ends in an escaped line feed and an escaped line break. */
function emitQuotedLines(text: string): readonly string[] {
  const lines = text.split(/(?<=\n)/u).map((line) => quoteText(line).slice(1, -1));
  return lines.map((line, index) => {
    const body = index > 0 && line.startsWith(" ") ? `\\${line}` : line;
    return `${index === 0 ? '"' : ""}${body}${index === lines.length - 1 ? '"' : "\\"}`;
  });
}

// A text that every YAML version reads as that text when it stands bare: begins with a letter, `/` or `.` and a letter,
// and has nothing that could begin a comment or a mapping.
const BARE = /^(?:[A-Za-z_/]|\.[A-Za-z/])(?:[\w ./@%+,()=$-]|:(?! |$))*$/u;
// Quantities, durations, versions and addresses: no YAML version takes them for numbers or dates.
const BARE_DIGITS = /^\d+(?:(?:\.\d+)?(?:m|[KMGTPE]i?|s|ms|h|d)|(?:\.\d+){2}[\w./-]*)$/u;
const RESERVED = /^(?:y|yes|n|no|on|off|true|false|null|\.inf|\.nan)$/iu;

// Longer texts are quoted unseen: a pattern's backtracking takes stack by the character.
const MAX_BARE = 1_000;

function emitText(text: string): string {
  if (text.length > MAX_BARE) return quoteText(text);
  if (BARE_DIGITS.test(text)) return text;
  return BARE.test(text) && !RESERVED.test(text) && !text.endsWith(" ") ? text : quoteText(text);
}

const FIRST = ["apiVersion", "kind", "metadata", "name", "spec"];

function sortEntries(map: ManifestMap): readonly (readonly [string, ManifestValue])[] {
  const rank = (key: string) => (FIRST.includes(key) ? FIRST.indexOf(key) : FIRST.length);
  return [...map].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0));
}
