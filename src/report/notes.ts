import type { Report } from "../model/index.ts";
import { count } from "./phrase.ts";

/** What the check says about itself: its own notes, what it assumed to render, and what a decision would need. */
export function describeNotes(report: Report): string[] {
  return [
    ...report.notes,
    ...describeAssumptions(report),
    ...report.decision.needs.map((need) => `Not decided here: ${need}`),
  ];
}

/** The versions that the result depends on, in one line. */
export function describeVersions({ versions }: Report): string {
  return `drydock ${versions.drydock}, Kubernetes ${versions.kubernetes.join(", ") || "none"}`;
}

/** Each assumption once, with the apps that it was made for. */
function describeAssumptions(report: Report): string[] {
  const apps = new Map<string, string[]>();
  for (const app of report.apps) {
    for (const assumption of app.assumptions) apps.set(assumption, [...(apps.get(assumption) ?? []), app.id]);
  }
  return [...apps].map(([assumption, ids]) => {
    const others = ids.length > 1 ? ` and ${count(ids.length - 1, "more app")}` : "";
    return `Assumed ${assumption} for ${ids[0] ?? ""}${others}`;
  });
}
