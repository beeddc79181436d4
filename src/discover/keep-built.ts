import type { FileFacts } from "./file-facts.ts";

/**
 * The facts of a file of the head that was built on the base. Placeholders of another tool usually mean that nobody
 * builds a file as it stands; in one that was built until now they are what breaks it, so it stays part of its app.
 */
export function keepBuilt(before: FileFacts | undefined, after: FileFacts | undefined): FileFacts | undefined {
  if (after?.kind === "template" && before?.kind === "manifests") {
    return { kind: "manifests", hasCrd: before.hasCrd, agents: [] };
  }
  if (after?.kind === "kustomization" && before?.kind === "kustomization") {
    return { ...after, isTemplate: after.isTemplate && before.isTemplate };
  }
  if (after?.kind === "chart" && before?.kind === "chart") {
    return { ...after, isTemplate: after.isTemplate && before.isTemplate };
  }
  return after;
}
