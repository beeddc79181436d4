import type { FieldChange, ManifestValue, Risk } from "../../model/index.ts";
import { findRecreation, isImmutableField } from "../immutable-fields.ts";
import { quoteName } from "../quote-text.ts";
import { isTrue, readItems, readText } from "../read-field.ts";
import { kindOf, listSome } from "./subject.ts";
import type { RiskSubject } from "./subject.ts";

/** Fields that the API server refuses to change: the sync fails until the object is deleted. */
export function assessImmutableFields(subject: RiskSubject): readonly Risk[] {
  const recreation = findRecreation(subject.after);
  if (subject.action !== "changed" || subject.previous !== undefined || recreation === "hook") return [];
  const fixed = subject.fields.filter((field) => isFixed(subject, field));
  if (fixed.length === 0) return [];
  const labels = listSome(fixed.map((field) => field.label));
  if (recreation === "forced") {
    const message = `${labels} cannot be changed in place: an annotation has the ${subject.resource.kind} deleted and created anew.`;
    return [{ id: "recreated", level: DATA_KINDS.has(kindOf(subject.resource)) ? "high" : "medium", message }];
  }
  const message = `${labels} cannot be changed in place: the ${subject.resource.kind} has to be deleted and created anew.`;
  return [{ id: "immutable-field", level: "high", message }];
}

const DATA_KINDS = new Set(["/PersistentVolumeClaim", "/PersistentVolume", "apps/StatefulSet"]);

function isFixed({ resource, before, after }: RiskSubject, field: FieldChange): boolean {
  if (!isImmutableField(resource, field.path, before)) return false;
  // A Service gives up its address when it turns into an alias.
  const becomesAlias = kindOf(resource) === "/Service" && readText(after, "spec", "type") === "ExternalName";
  return !becomesAlias;
}

/** Versions and storage of a CustomResourceDefinition: what objects of it exist may be out of reach. */
export function assessCrdVersions({ resource, before, after, action }: RiskSubject): readonly Risk[] {
  if (resource.kind !== "CustomResourceDefinition" || action !== "changed") return [];
  const [olds, nexts] = [readVersions(before), readVersions(after)];
  const gone = [...olds.keys()].filter((name) => !nexts.has(name));
  const unserved = [...olds].flatMap(([name, old]) =>
    old.isServed && nexts.get(name)?.isServed === false ? [name] : [],
  );
  const stored = (versions: typeof olds) => [...versions].find(([, version]) => version.isStored)?.[0];
  const [from, to] = [stored(olds), stored(nexts)];
  return [
    ...describeVersions(gone, "high", "is removed: objects stored in it can no longer be read"),
    ...describeVersions(unserved, "medium", "is no longer served"),
    ...(from !== undefined && to !== undefined && from !== to
      ? [risk("medium", `Objects are stored as ${quoteName(to)} instead of ${quoteName(from)}.`)]
      : []),
  ];
}

interface CrdVersion {
  readonly isServed: boolean;
  readonly isStored: boolean;
}

function readVersions(crd: ManifestValue | undefined): ReadonlyMap<string, CrdVersion> {
  const versions = new Map<string, CrdVersion>();
  for (const item of readItems(crd, "spec", "versions")) {
    const name = readText(item, "name");
    if (name !== undefined) versions.set(name, { isServed: isTrue(item, "served"), isStored: isTrue(item, "storage") });
  }
  return versions;
}

function describeVersions(names: readonly string[], level: Risk["level"], what: string): readonly Risk[] {
  return names.length === 0 ? [] : [risk(level, `Version ${listSome(names.map((name) => quoteName(name)))} ${what}.`)];
}

function risk(level: Risk["level"], message: string): Risk {
  return { id: "crd-version", level, message };
}
