import { createHash } from "node:crypto";
import type { FieldChange, ManifestValue, ResourceId, Risk } from "../model/index.ts";
import { NumberText, SealedValue } from "../model/index.ts";
import { isMap } from "./read-field.ts";
import { replaceName } from "./replace-name.ts";

/** What one change says, whoever it says it about. */
export interface ChangeStatement {
  readonly action: string;
  readonly resource: ResourceId;
  readonly previous: ResourceId | undefined;
  readonly fields: readonly FieldChange[];
  /** All of an added or removed resource; undefined for a changed one, which its fields describe. */
  readonly whole: ManifestValue | undefined;
  readonly risks: readonly Risk[];
  readonly hooks: readonly string[];
}

/**
 * A digest that is equal for two changes that say the same about two resources: their own names and namespaces are
 * replaced by marks. SHA-256, because whoever can make two different changes alike hides one behind the other.
 * The macs of sealed values count, so "the same Secret value everywhere" and "another one each" are told apart.
 */
export function describeLikeness(statement: ChangeStatement): string {
  const { action, resource, previous, fields, whole, risks, hooks } = statement;
  const own = (text: string) => replaceOwn(text, resource, previous);
  const hash = createHash("sha256");
  const add = (text: string) => hash.update(`${text.length}:${text}`);
  add(JSON.stringify([action, resource.group, resource.version, resource.kind, previous === undefined, hooks]));
  for (const risk of risks) add(`${risk.id} ${risk.level}`);
  for (const field of fields) {
    add(own(field.label));
    addValue(field.before, own, add);
    addValue(field.after, own, add);
  }
  addValue(whole, own, add);
  return hash.digest("hex");
}

function replaceOwn(text: string, resource: ResourceId, previous: ResourceId | undefined): string {
  const named = replaceName(replaceName(text, resource.name, "\0name"), resource.namespace, "\0namespace");
  if (previous === undefined) return named;
  return replaceName(replaceName(named, previous.name, "\0old"), previous.namespace, "\0oldspace");
}

function addValue(value: ManifestValue | undefined, own: (text: string) => string, add: (text: string) => void): void {
  if (typeof value === "string") add(`"${own(value)}`);
  else if (value === undefined || value === null || typeof value === "boolean") add(String(value));
  else if (value instanceof NumberText) add(`#${value.text}`);
  else if (value instanceof SealedValue) add(`!${value.mac}`);
  else if (isMap(value)) {
    add(`{${value.size}`);
    for (const [key, item] of [...value].sort(([a], [b]) => (a < b ? -1 : 1))) {
      add(own(key));
      addValue(item, own, add);
    }
  } else {
    add(`[${value.length}`);
    for (const item of value) addValue(item, own, add);
  }
}
