/**
 * Makes `schemas/kubernetes/` from the official sources that `versions.json` there pins:
 *
 * - `<minor>.json`, the OpenAPI definitions of one Kubernetes minor without descriptions, one definition a line;
 * - `lifecycle.json`, every API with the bundled minors that have it, when it was deprecated and removed, and what to
 *   use in its place. `k8s.io/api@v0.24.17` is the last line that still knew the APIs that 1.25 removed; where two
 *   modules speak of one API, the first one listed wins.
 *
 * Sources come by `go mod download`, which needs no network once they are in the module cache.
 *
 *   sh scripts/node.sh scripts/make-kubernetes-schemas.ts          writes the files
 *   sh scripts/node.sh scripts/make-kubernetes-schemas.ts --check  compares, exit status 1 when a file is not what it should be
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

interface Pins {
  readonly kubernetes: readonly string[];
  readonly lifecycle: readonly string[];
}

interface Api {
  minors: string[];
  namespaced?: boolean;
  introduced?: string;
  deprecated?: string;
  removed?: string;
  replacement?: string;
}

const DIRECTORY = join(import.meta.dirname, "..", "schemas", "kubernetes");

function main(isCheck: boolean): void {
  const pins = JSON.parse(readFileSync(join(DIRECTORY, "versions.json"), "utf8")) as Pins;
  const files = makeFiles(pins);
  if (!isCheck) {
    for (const [name, text] of files) writeFileSync(join(DIRECTORY, name), text);
    return;
  }
  const stale = [...files]
    .filter(([name, text]) => readIfPresent(join(DIRECTORY, name)) !== text)
    .map(([name]) => name);
  const extra = readdirSync(DIRECTORY).filter((name) => name !== "versions.json" && !files.has(name));
  for (const name of stale) console.error(`schemas/kubernetes/${name} is not what its sources give`);
  for (const name of extra) console.error(`schemas/kubernetes/${name} is not made by any pinned version`);
  if (stale.length + extra.length === 0) return;
  console.error("Run: sh scripts/node.sh scripts/make-kubernetes-schemas.ts");
  process.exitCode = 1;
}

function makeFiles(pins: Pins): Map<string, string> {
  const files = new Map<string, string>();
  const apis = new Map<string, Api>();
  for (const version of pins.kubernetes) {
    const minor = version.split(".").slice(0, 2).join(".");
    const source = join(downloadModule(`k8s.io/kubernetes@v${version}`), "api", "openapi-spec", "swagger.json");
    const swagger = JSON.parse(readFileSync(source, "utf8")) as JsonObject;
    files.set(`${minor}.json`, printVersion(version, swagger, apis, minor));
  }
  for (const module of pins.lifecycle) addLifecycles(downloadModule(module), apis);
  markDropped(
    apis,
    pins.kubernetes.map((version) => Number(version.split(".")[1])),
  );
  files.set("lifecycle.json", printLines({ apis: [...apis].map(([id, api]): [string, Json] => [id, { ...api }]) }));
  return files;
}

function downloadModule(module: string): string {
  const options = { encoding: "utf8", cwd: tmpdir(), maxBuffer: 1 << 24 } as const;
  const answer = JSON.parse(execFileSync("go", ["mod", "download", "-json", module], options)) as { Dir: string };
  return answer.Dir;
}

function printVersion(version: string, swagger: JsonObject, apis: Map<string, Api>, minor: string): string {
  const definitions = swagger["definitions"] as Record<string, JsonObject>;
  const scopes = readScopes(swagger["paths"] as JsonObject);
  const kinds: [string, Json][] = [];
  for (const [name, definition] of Object.entries(definitions)) {
    const named = (definition["x-kubernetes-group-version-kind"] ?? []) as readonly JsonObject[];
    // DeleteOptions and WatchEvent stand in every group: they are parts of requests and never manifests.
    if (named.length !== 1) continue;
    for (const id of named.map(apiId)) {
      kinds.push([id, shortName(name)]);
      if (id.endsWith("List")) continue;
      const api = apis.get(id) ?? { minors: [] };
      api.minors.push(minor);
      const isNamespaced = scopes.get(id);
      if (isNamespaced !== undefined) api.namespaced = isNamespaced;
      apis.set(id, api);
    }
  }
  const stripped = Object.entries(definitions).map(([name, definition]): [string, Json] => [
    shortName(name),
    strip(definition),
  ]);
  return printLines({ version, kinds, definitions: stripped });
}

/** Which kinds have a path inside a namespace. A kind without any path of its own is left out. */
function readScopes(paths: JsonObject): Map<string, boolean> {
  const scopes = new Map<string, boolean>();
  for (const [path, operations] of Object.entries(paths)) {
    for (const operation of Object.values(operations as JsonObject)) {
      if (operation === null || typeof operation !== "object" || Array.isArray(operation)) continue;
      const named = (operation as JsonObject)["x-kubernetes-group-version-kind"];
      if (named === undefined) continue;
      const id = apiId(named as JsonObject);
      scopes.set(id, scopes.get(id) === true || path.includes("/namespaces/{namespace}/"));
    }
  }
  return scopes;
}

function apiId(named: JsonObject): string {
  const { group, version, kind } = named as { group: string; version: string; kind: string };
  return `${group}/${version}/${kind}`;
}

function shortName(name: string): string {
  return name.replace(/^io\.k8s\.(api\.)?/u, "");
}

/** Keeps what says which values are allowed and how list items are told apart. */
function strip(schema: JsonObject): JsonObject {
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === "type" || key === "format" || key === "x-kubernetes-list-map-keys") kept[key] = value;
    else if (key === "required") kept[key] = [...(value as readonly string[])].sort();
    else if (key === "$ref") kept[key] = shortName((value as string).replace("#/definitions/", ""));
    else if (key === "x-kubernetes-list-type" && value === "set") kept[key] = value;
    else if (key === "items" || key === "additionalProperties") kept[key] = strip(value as JsonObject);
    else if (key === "properties") {
      kept[key] = Object.fromEntries(
        Object.entries(value as JsonObject).map(([name, property]) => [name, strip(property as JsonObject)]),
      );
    }
  }
  return kept;
}

/** Adds deprecation, removal and replacement from the generated files of a module's API packages. */
function addLifecycles(module: string, apis: Map<string, Api>): void {
  const entries = readdirSync(module, { recursive: true, encoding: "utf8" });
  for (const file of entries.filter((name) => basename(name) === "zz_generated.prerelease-lifecycle.go").sort()) {
    const version = basename(dirname(file));
    const group = readGroup(join(module, dirname(file)), basename(dirname(dirname(file))));
    for (const [kind, lifecycle] of parseLifecycles(readFileSync(join(module, file), "utf8"))) {
      const id = `${group}/${version}/${kind}`;
      const known = apis.get(id) ?? { minors: [] };
      apis.set(id, { ...lifecycle, ...known });
    }
  }
}

/** Packages without `+groupName` are named for their group. */
function readGroup(directory: string, folder: string): string {
  return /^\/\/ \+groupName=(.*)$/mu.exec(readFileSync(join(directory, "doc.go"), "utf8"))?.[1]?.trim() ?? folder;
}

function parseLifecycles(source: string): Map<string, Partial<Api>> {
  const found = new Map<string, Partial<Api>>();
  const pattern = /^func \(in \*(\w+)\) APILifecycle(\w+)\(\)[^{]*\{\n\treturn (.*)\n\}/gmu;
  for (const [, kind = "", what = "", value = ""] of source.matchAll(pattern)) {
    if (kind.endsWith("List")) continue;
    const lifecycle = found.get(kind) ?? {};
    const minor = /^(\d+), (\d+)$/u.exec(value);
    const other = /Group: "(.*)", Version: "(.*)", Kind: "(.*)"\}/u.exec(value);
    if (minor) lifecycle[what.toLowerCase() as "introduced"] = `${minor[1] ?? ""}.${minor[2] ?? ""}`;
    else if (other) lifecycle.replacement = other.slice(1).join("/");
    else throw new Error(`unreadable lifecycle of ${kind}: ${value}`);
    found.set(kind, lifecycle);
  }
  return found;
}

/**
 * The OpenAPI has the last word: an API that it still has is not removed, and one that a bundled minor dropped (alpha
 * APIs have no lifecycle) was removed there.
 */
function markDropped(apis: Map<string, Api>, minors: readonly number[]): void {
  const newest = Math.max(...minors);
  for (const [id, api] of apis) {
    const last = Math.max(...api.minors.map((minor) => Number(minor.split(".")[1])));
    const removed = Number(api.removed?.split(".")[1] ?? Infinity);
    if (api.minors.length > 0 && removed <= last) {
      console.warn(`${id}: removed in 1.${removed} by its lifecycle, but 1.${last} has it`);
      delete api.removed;
    }
    if (api.minors.length > 0 && last < newest && api.removed !== `1.${last + 1}`) {
      api.removed = `1.${minors.find((minor) => minor > last) ?? newest}`;
    }
  }
}

/** Objects as one entry a line, sorted, so that a new version's diff can be read. */
function printLines(parts: Readonly<Record<string, string | [string, Json][]>>): string {
  const printed = Object.entries(parts).map(([name, part]) => {
    if (typeof part === "string") return `${JSON.stringify(name)}:${JSON.stringify(part)}`;
    const lines = [...part].sort(byKey).map(([key, value]) => `${JSON.stringify(key)}:${printSorted(value)}`);
    return `${JSON.stringify(name)}:{\n${lines.join(",\n")}\n}`;
  });
  return `{${printed.join(",\n")}}\n`;
}

function printSorted(value: Json): string {
  return JSON.stringify(value, (_key, inner: Json) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(byKey))
      : inner,
  );
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

main(process.argv.includes("--check"));
