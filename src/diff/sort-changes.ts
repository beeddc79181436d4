import type { ResourceChange } from "../model/index.ts";

/** Most dangerous first, what is nothing but noise last; then by kind, namespace and name, by code units. */
export function sortChanges(changes: readonly ResourceChange[]): readonly ResourceChange[] {
  return changes.toSorted(compareChanges);
}

export function compareChanges(a: ResourceChange, b: ResourceChange): number {
  return (
    danger(b) - danger(a) ||
    compareText(a.resource.kind, b.resource.kind) ||
    compareText(a.resource.namespace, b.resource.namespace) ||
    compareText(a.resource.name, b.resource.name) ||
    compareText(a.resource.group, b.resource.group) ||
    compareText(a.action, b.action)
  );
}

function danger(change: ResourceChange): number {
  if (change.risks.some((risk) => risk.level === "high")) return 3;
  if (change.risks.length > 0) return 2;
  return change.action === "changed" && change.noise === change.fields.length ? 0 : 1;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
