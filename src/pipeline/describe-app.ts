import type { AppFailure, AppId, AppReport, AppStatus, ResourceChange } from "../model/index.ts";
import type { ComparedApp } from "./compare-app.ts";
import type { UsedSchema } from "./render-fetching.ts";
import type { AppRecord } from "./snapshot.ts";

/** One app of the report before findings are judged together. */
export interface AppView {
  readonly id: AppId;
  readonly record: AppRecord;
  readonly base: AppRecord | undefined;
  readonly head: AppRecord | undefined;
  readonly isTouched: boolean;
  readonly failure: AppFailure | undefined;
  readonly compared: ComparedApp;
  readonly contentDigest: string;
  readonly inputs: readonly string[];
  readonly mayReadMore: boolean;
  readonly schemas: readonly UsedSchema[];
}

/** An app as the report has it. */
export function describeApp(view: AppView): AppReport {
  const { id, record, base, head, failure, compared, contentDigest, inputs, mayReadMore } = view;
  const { app } = record;
  return {
    id,
    kind: app.kind,
    path: app.path,
    environment: app.environment,
    places: listPlaces(base, head),
    guessed: app.guessed,
    assumptions: app.assumptions,
    status: statusOf(base, head, compared.changes),
    resources: { base: countResources(base), head: countResources(head) },
    changes: compared.changes,
    failure,
    contentDigest,
    inputs,
    mayReadMore,
  };
}

/** Where apps are, by which rules tell their environments. */
export function listPlaces(...records: readonly (AppRecord | undefined)[]): readonly string[] {
  const places = records.flatMap((record) => {
    if (record === undefined) return [];
    return [record.app.path, ...(record.app.kind === "helm" ? record.app.valuesFiles : [])];
  });
  return [...new Set(places)].sort();
}

function countResources(record: AppRecord | undefined): number | undefined {
  return record === undefined || record.failure !== undefined ? undefined : record.resources;
}

function statusOf(
  base: AppRecord | undefined,
  head: AppRecord | undefined,
  changes: readonly ResourceChange[],
): AppStatus {
  if (head?.failure !== undefined) return "failed";
  if (head === undefined) return "removed";
  if (base === undefined) return "added";
  // What it deployed before is unknown, so nobody can say that nothing changes.
  if (base.failure !== undefined) return "changed";
  const isReal = ({ action, noise, fields }: ResourceChange): boolean =>
    action !== "changed" || fields.length === 0 || noise < fields.length;
  return changes.some(isReal) ? "changed" : "unchanged";
}
