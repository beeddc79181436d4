import type { ContentFacts, FileFacts } from "./file-facts.ts";

/**
 * The facts of a file of the head that was built on the base. Placeholders of another tool usually mean that nobody
 * builds a file as it stands; in one that was built until now they are what breaks it, so it stays part of its app. So
 * does a link to manifests that now leads nowhere, and a text that says no more what it was because it is no YAML now.
 */
export function keepBuilt(before: FileFacts | undefined, after: FileFacts | undefined): FileFacts | undefined {
  if (after === undefined) return undefined;
  const built = before?.kind === "link" ? before.content : before;
  return after.kind === "link" ? { ...after, content: keepContent(built, after.content) } : keepContent(built, after);
}

function keepContent(before: ContentFacts | undefined, after: ContentFacts): ContentFacts {
  if (before?.kind === "manifests" && isUnclear(after)) {
    return { kind: "manifests", hasCrd: before.hasCrd, agents: [] };
  }
  if (after.kind === "kustomization" && before?.kind === "kustomization") {
    return { ...after, isTemplate: after.isTemplate && before.isTemplate };
  }
  if (after.kind === "chart" && before?.kind === "chart") {
    return { ...after, isTemplate: after.isTemplate && before.isTemplate };
  }
  return after;
}

function isUnclear(facts: ContentFacts): boolean {
  return (
    facts.kind === "template" || facts.kind === "unreadable" || (facts.kind === "other" && facts.isBroken === true)
  );
}
