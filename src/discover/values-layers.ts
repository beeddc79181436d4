import type { FileFacts } from "./file-facts.ts";
import { resolvePath } from "./repository-path.ts";

/** Where the files of the repository are looked up. */
export interface FolderIndex {
  readonly facts: ReadonlyMap<string, FileFacts | undefined>;
  readonly fileNames: ReadonlyMap<string, readonly string[]>;
  readonly folderNames: ReadonlyMap<string, readonly string[]>;
}

/** One way to release a chart: its values files in order, and the values of the placeholders that led to them. */
export interface ValuesCombination {
  /** Relative to the repository's root. */
  readonly files: readonly string[];
  readonly placeholders: ReadonlyMap<string, string>;
}

type Binding = ReadonlyMap<string, string>;

interface LayerMatch {
  readonly file: string;
  /** Every way to split the name; the first one has the shortest values. */
  readonly bindings: readonly Binding[];
}

interface Layer {
  readonly template: string;
  readonly placeholders: ReadonlySet<string>;
}

const MAX_SPLITS = 32;
const MAX_FILES = 5_000;
export const MAX_COMBINATIONS = 1_000;

/**
 * All combinations of placeholder values that the files beside a chart stand for: each is one app. A combination that
 * another one says more about (`prod` when there is `prod` with `eu`) is only a layer of that one. `{chart}` is the
 * chart's own name. Empty when no file matches any placeholder.
 */
export function combineValuesLayers(
  layers: readonly string[],
  chartFolder: string,
  chartName: string,
  index: FolderIndex,
): readonly ValuesCombination[] {
  const resolved = layers.flatMap((layer): readonly Layer[] => {
    const template = resolvePath(chartFolder, layer.replaceAll("{chart}", chartName));
    return template === undefined ? [] : [{ template, placeholders: new Set(placeholdersOf(template)) }];
  });
  const varied = resolved.filter((layer) => layer.placeholders.size > 0);
  let bindings: readonly Binding[] = [];
  for (const layer of varied) bindings = joinBindings(bindings, layerBindings(layer, varied, index));
  return dropPartial(bindings).map((placeholders) => ({
    files: resolved.flatMap((layer) => {
      const file = fill(layer.template, placeholders);
      return file !== undefined && index.facts.has(file) ? [file] : [];
    }),
    placeholders,
  }));
}

export function placeholdersOf(template: string): readonly string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
}

/** The template with its placeholders filled in; undefined when one has no value. */
export function fill(template: string, placeholders: Binding): string | undefined {
  if (!placeholdersOf(template).every((name) => placeholders.has(name))) return undefined;
  return template.replace(/\{(\w+)\}/g, (_all, name: string) => placeholders.get(name) ?? "");
}

/**
 * What the files of one layer bind. `values-{env}-{region}.yaml` also matches `values-pre-prod.yaml`, where `{env}` alone
 * is meant: a split is taken when the file of the shorter layer exists for it, else the file is left to that layer.
 */
function layerBindings(layer: Layer, all: readonly Layer[], index: FolderIndex): readonly Binding[] {
  const shorter = all.filter((other) => isShorter(other, layer));
  const longer = all.filter((other) => isShorter(layer, other));
  const bindings: Binding[] = [];
  for (const match of findFiles(layer.template, index)) {
    if (longer.some((other) => takes(other, [layer], match.file, index))) continue;
    const binding = chooseBinding(match, shorter, index);
    if (binding !== undefined) bindings.push(binding);
  }
  return bindings;
}

function isShorter(one: Layer, other: Layer): boolean {
  return (
    one.placeholders.size < other.placeholders.size &&
    [...one.placeholders].every((name) => other.placeholders.has(name))
  );
}

function takes(layer: Layer, shorter: readonly Layer[], file: string, index: FolderIndex): boolean {
  const bindings = splitPath(layer.template, file);
  return bindings.length > 0 && chooseBinding({ file, bindings }, shorter, index) !== undefined;
}

function chooseBinding(match: LayerMatch, shorter: readonly Layer[], index: FolderIndex): Binding | undefined {
  const rivals = shorter.filter((layer) => splitPath(layer.template, match.file).length > 0);
  if (rivals.length === 0) return match.bindings[0];
  return match.bindings.find((binding) =>
    rivals.every((layer) => {
      const file = fill(layer.template, binding);
      return file !== undefined && file !== match.file && index.facts.has(file);
    }),
  );
}

function splitPath(template: string, path: string): readonly Binding[] {
  const patterns = template.split("/");
  const names = path.split("/");
  if (patterns.length !== names.length) return [];
  let bindings: readonly Binding[] = [new Map()];
  for (const [depth, pattern] of patterns.entries()) {
    bindings = bindings.flatMap((binding) => splitName(pattern, names[depth] ?? "", binding)).slice(0, MAX_SPLITS);
  }
  return bindings;
}

/** Files that match a template, found by walking down only the folders that can hold them. */
function findFiles(template: string, index: FolderIndex): readonly LayerMatch[] {
  const patterns = template.split("/");
  let open: readonly { readonly folder: string; readonly bindings: readonly Binding[] }[] = [
    { folder: "", bindings: [new Map()] },
  ];
  for (const [depth, pattern] of patterns.entries()) {
    const isLast = depth === patterns.length - 1;
    open = open
      .flatMap(({ folder, bindings }) =>
        namesIn(folder, pattern, isLast, index).flatMap((name) => {
          const split = bindings.flatMap((binding) => splitName(pattern, name, binding)).slice(0, MAX_SPLITS);
          return split.length === 0 ? [] : [{ folder: folder === "" ? name : `${folder}/${name}`, bindings: split }];
        }),
      )
      .slice(0, MAX_FILES);
  }
  return open.map(({ folder, bindings }) => ({ file: folder, bindings }));
}

function namesIn(folder: string, pattern: string, isLast: boolean, index: FolderIndex): readonly string[] {
  if (pattern.includes("{")) return (isLast ? index.fileNames : index.folderNames).get(folder) ?? [];
  const path = folder === "" ? pattern : `${folder}/${pattern}`;
  return isLast && !index.facts.has(path) ? [] : [pattern];
}

/** All ways in which `name` can be read as `pattern`, shortest values first. */
function splitName(pattern: string, name: string, bound: Binding): readonly Binding[] {
  const open = pattern.indexOf("{");
  if (open < 0) return pattern === name ? [bound] : [];
  if (!name.startsWith(pattern.slice(0, open))) return [];
  const close = pattern.indexOf("}", open);
  const placeholder = pattern.slice(open + 1, close);
  const rest = pattern.slice(close + 1);
  const value = name.slice(open);
  const known = bound.get(placeholder);
  if (known !== undefined) return value.startsWith(known) ? splitName(rest, value.slice(known.length), bound) : [];
  const longest = /^[\w-]*/.exec(value)?.[0].length ?? 0;
  const found: Binding[] = [];
  for (let length = 1; length <= longest && found.length < MAX_SPLITS; length++) {
    found.push(...splitName(rest, value.slice(length), new Map([...bound, [placeholder, value.slice(0, length)]])));
  }
  return found;
}

/** Joins on the placeholders that both sides know; what finds no partner stays as it is. */
function joinBindings(left: readonly Binding[], right: readonly Binding[]): readonly Binding[] {
  if (left.length === 0 || right.length === 0) return left.length === 0 ? right : left;
  const joined: Binding[] = [];
  const matched = new Set<Binding>();
  for (const one of left) {
    const partners = right.filter((other) => agree(one, other));
    if (partners.length === 0) joined.push(one);
    for (const other of partners) {
      matched.add(other);
      if (joined.length < MAX_COMBINATIONS) joined.push(new Map([...one, ...other]));
    }
  }
  return [...joined, ...right.filter((other) => !matched.has(other))].slice(0, MAX_COMBINATIONS);
}

function agree(one: Binding, other: Binding): boolean {
  for (const [name, value] of one) if ((other.get(name) ?? value) !== value) return false;
  return true;
}

function dropPartial(bindings: readonly Binding[]): readonly Binding[] {
  const unique = new Map(bindings.map((binding) => [JSON.stringify([...binding].sort()), binding]));
  const all = [...unique.values()];
  return all.filter((one) => !all.some((other) => other.size > one.size && extendsBinding(other, one)));
}

function extendsBinding(larger: Binding, smaller: Binding): boolean {
  for (const [name, value] of smaller) if (larger.get(name) !== value) return false;
  return true;
}
