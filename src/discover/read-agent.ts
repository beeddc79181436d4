import type { AgentFacts } from "./file-facts.ts";
import { field, list, text } from "./parse-value.ts";
import type { DocumentIdentity } from "./scan-documents.ts";

const ARGO_KINDS = new Set(["Application", "ApplicationSet", "AppProject"]);
const FLUX_GROUP = /^(kustomize|helm|source)\.toolkit\.fluxcd\.io\//;

/** What an Argo CD or Flux object says about the repository; undefined for every other object. */
export function readAgent(document: DocumentIdentity, value: unknown): AgentFacts | undefined {
  const { kind, namespace, name } = document;
  if (document.apiVersion.startsWith("argoproj.io/") && ARGO_KINDS.has(kind)) {
    const paths = kind === "Application" ? argoPaths(field(value, "spec")) : [];
    return { agent: "argocd", kind, namespace, name, paths, source: "", isSubstituting: false };
  }
  if (!FLUX_GROUP.test(document.apiVersion)) return undefined;
  const isKustomization = kind === "Kustomization";
  const path = field(value, "spec", "path");
  const sourceKind = text(field(value, "spec", "sourceRef", "kind"));
  const sourceName = text(field(value, "spec", "sourceRef", "name"));
  return {
    agent: "flux",
    kind,
    namespace,
    name,
    // Without a path, Flux applies the root of its source.
    paths: isKustomization ? [typeof path === "string" && path.length <= 1024 ? path : ""] : [],
    source: isKustomization && sourceName !== "" ? `${sourceKind}/${sourceName}` : "",
    isSubstituting: isKustomization && field(value, "spec", "postBuild") != null,
  };
}

function argoPaths(spec: unknown): readonly string[] {
  const sources = [field(spec, "source"), ...list(field(spec, "sources")).slice(0, 100)];
  return sources.map((source) => text(field(source, "path"))).filter((path) => path !== "");
}
