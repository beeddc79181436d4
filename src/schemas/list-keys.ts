import type { CrdSet, FieldPath, ListKeys, ResourceId } from "../model/index.ts";
import type { Definitions, OpenApiNode } from "./open-api.ts";

/**
 * List keys by the OpenAPI: `find` names the definition of a resource's kind, the path is walked from there. Undefined
 * for atomic lists, for what is not a list, and for fields that the definition does not know.
 */
export function makeListKeys(definitions: Definitions, find: (resource: ResourceId) => string | undefined): ListKeys {
  const resolve = (node: OpenApiNode | undefined): OpenApiNode | undefined =>
    node?.$ref === undefined ? node : definitions.get(node.$ref);
  return (resource, path) => {
    const root = find(resource);
    if (root === undefined) return undefined;
    let node = definitions.get(root);
    for (const step of path) node = resolve(descend(node, step));
    return node?.type === "array" ? (node["x-kubernetes-list-map-keys"] ?? setKeys(node)) : undefined;
  };
}

function descend(node: OpenApiNode | undefined, step: string | number): OpenApiNode | undefined {
  if (typeof step === "number") return node?.items;
  const properties = node?.properties;
  if (properties !== undefined && Object.hasOwn(properties, step)) return properties[step];
  return node?.additionalProperties;
}

function setKeys(node: OpenApiNode): readonly string[] | undefined {
  return node["x-kubernetes-list-type"] === "set" && node.items?.$ref === undefined ? [] : undefined;
}

/** List keys of the custom resources that a side's CRDs define. Each version's schema is parsed when first asked for. */
export function crdListKeys(crdSet: CrdSet): ListKeys {
  const parsed = new Map<string, unknown>();
  return (resource, path) => {
    const text = crdSet.byKind.get(`${resource.group}/${resource.kind}`)?.versions.get(resource.version);
    if (text === undefined) return undefined;
    const node = descendSchema(parseOnce(parsed, text), path);
    if (!isRecord(node)) return undefined;
    const keys = node["x-kubernetes-list-map-keys"];
    if (Array.isArray(keys)) return keys.filter((key): key is string => typeof key === "string");
    const isScalarSet = node["x-kubernetes-list-type"] === "set" && !isObjectList(node);
    return isScalarSet ? [] : undefined;
  };
}

function descendSchema(root: unknown, path: FieldPath): unknown {
  let node = root;
  for (const step of path) {
    if (!isRecord(node)) return undefined;
    const properties = node["properties"];
    if (typeof step === "number") node = node["items"];
    else if (isRecord(properties) && Object.hasOwn(properties, step)) node = properties[step];
    else node = node["additionalProperties"];
  }
  return node;
}

function isObjectList(node: Record<string, unknown>): boolean {
  const items = node["items"];
  return isRecord(items) && items["type"] === "object";
}

function parseOnce(parsed: Map<string, unknown>, text: string): unknown {
  if (!parsed.has(text)) parsed.set(text, JSON.parse(text));
  return parsed.get(text);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
