import type { FieldPath, ManifestMap, ManifestValue, ResourceId, SourceLocation } from "../model/index.ts";
import { NumberText, SealedValue } from "../model/index.ts";
import { formatCount } from "./phrase.ts";
import { shorten } from "./visible-text.ts";

/** `Deployment shop/web`: kind, namespace and name. Not escaped: each format does that in its own way. */
export function describeResource(resource: ResourceId): string {
  const name = resource.namespace === "" ? resource.name : `${resource.namespace}/${resource.name}`;
  return `${resource.kind === "" ? "resource" : resource.kind} ${name === "" ? "(no name)" : name}`;
}

/** `apps/v1`, or `v1` for the core group. */
export function describeApiVersion(resource: ResourceId): string {
  return resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
}

/** `hook: pre-install, pre-upgrade`: when Helm makes a resource; undefined for what is applied as usual. */
export function describeHooks(hooks: readonly string[]): string | undefined {
  return hooks.length === 0 ? undefined : `hook: ${hooks.join(", ")}`;
}

/** `file:line:column` as far as it is known: the form that terminals and editors link. */
export function describeLocation(location: SourceLocation): string {
  if (location.line === undefined) return location.file;
  const line = `${location.file}:${location.line}`;
  return location.column === undefined ? line : `${line}:${location.column}`;
}

/** `spec.containers[0].image`; keys that are not plain words stand in quotes. */
export function describePath(path: FieldPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** A value on one line, in YAML's flow style, at most `limit` code points. A secret value reads `(secret)`. */
export function describeValue(value: ManifestValue, limit = 80): string {
  return shorten(flow(value, limit + 1), limit);
}

function flow(value: ManifestValue, budget: number): string {
  if (value === null) return "null";
  if (value instanceof SealedValue) return "(secret)";
  if (value instanceof NumberText) return value.text;
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string") return flowString(value, budget);
  if (Array.isArray(value)) return flowList(value as readonly ManifestValue[], budget);
  return flowMap(value as ManifestMap, budget);
}

/** Quoted where YAML would read the bare text as something else, or where it would not be seen. */
function flowString(value: string, budget: number): string {
  const lines = value.split("\n").length - (value.endsWith("\n") ? 1 : 0);
  if (lines > 1) return `(${formatCount(lines)} lines of text)`;
  const isPlain =
    /^[\p{L}/_][^\p{C}"'#{}[\],&*!|>%@`]*$/u.test(value) && !/: |\s$|^(?:true|false|null|yes|no|on|off)$/iu.test(value);
  return isPlain ? value.slice(0, budget * 2) : JSON.stringify(value.slice(0, budget * 2));
}

function flowList(items: readonly ManifestValue[], budget: number): string {
  return `[${takeWhileShort(items.values(), budget, (item, left) => flow(item, left))}]`;
}

function flowMap(map: ManifestMap, budget: number): string {
  return `{${takeWhileShort(map.entries(), budget, ([key, item], left) => `${flowString(key, left)}: ${flow(item, left)}`)}}`;
}

/** Writes items only until the budget is spent, so that a value of megabytes costs no more than what is shown. */
function takeWhileShort<Item>(
  items: Iterable<Item>,
  budget: number,
  write: (item: Item, left: number) => string,
): string {
  let text = "";
  for (const item of items) {
    if (text.length > budget) return text;
    text += (text === "" ? "" : ", ") + write(item, budget - text.length);
  }
  return text;
}
