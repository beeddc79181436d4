import type { AgentFacts, ContentFacts } from "./file-facts.ts";
import { readAgent } from "./read-agent.ts";
import {
  field,
  isMapping,
  list,
  MAX_PARSED_LENGTH,
  parseYaml,
  parseYamlDocuments,
  text as textOf,
} from "./parse-value.ts";
import { scanDocuments } from "./scan-documents.ts";
import type { DocumentIdentity } from "./scan-documents.ts";
import { isTemplateText } from "./template-placeholders.ts";

const MAX_DOCUMENTS = 1000;

// Configuration files of tools that look like manifests but never reach a cluster.
const TOOL_GROUPS = [
  /^kustomize\.config\.k8s\.io\//,
  /^builtin$/,
  /^skaffold\//,
  /^kind\.x-k8s\.io\//,
  /^k3d\.io\//,
  /^eksctl\.io\//,
  /^ctlptl\.dev\//,
  /^kubeadm\.k8s\.io\//,
  /^kube(let|proxy|scheduler|controllermanager)\.config\.k8s\.io\//,
  /^(apiserver|controlplane)\.config\.k8s\.io\//,
  /^apiserver\.k8s\.io\//,
  /^audit\.k8s\.io\//,
  /^client\.authentication\.k8s\.io\//,
  /^krew\.googlecontainertools\.github\.com\//,
  /^backstage\.io\//,
  /^kuttl\.dev\//,
  /^chainsaw\.kyverno\.io\//,
  /^cli\.kyverno\.io\//,
  /^test\.gatekeeper\.sh\//,
  /^(kpt|fn\.kpt|config\.kpt)\.dev\//,
  /^cdk8s\.io\//,
];

/** What a YAML file holds: manifests, a template of another tool, or something else. Never throws. */
export function readYamlManifests(text: string): ContentFacts {
  const objects = listObjects(text);
  if (objects.documents.length === 0) return isBrokenText(text) ? { kind: "other", isBroken: true } : { kind: "other" };
  return isTemplateText(text) ? { kind: "template" } : toFacts(objects);
}

const MANIFEST_KEY = /^(?:apiVersion|kind|metadata)[ \t]*:/m;

/** Values and the like are many, and are not parsed here: only what has a manifest's keys. */
function isBrokenText(text: string): boolean {
  if (!MANIFEST_KEY.test(text) || text.length > MAX_PARSED_LENGTH || isTemplateText(text)) return false;
  return parseYamlDocuments(text) === undefined;
}

/** What a JSON file holds. One that starts like a manifest and does not parse is a manifest to mend. Never throws. */
export function readJsonManifests(text: string): ContentFacts {
  const keys = ['"apiVersion"', '"kind"'].filter((key) => text.includes(key));
  if (keys.length === 0) return { kind: "other" };
  const collector = new ObjectCollector();
  try {
    const value: unknown = JSON.parse(text);
    if (keys.length === 2) collector.addValue(value, 0);
  } catch {
    if (isTemplateText(text)) return { kind: "other" };
    const isManifest = keys.length === 2 && /^\s*\{\s*"(apiVersion|kind)"\s*:/.test(text);
    return isManifest ? { kind: "manifests", hasCrd: false, agents: [] } : { kind: "other", isBroken: true };
  }
  const objects = collector.finish();
  return objects.documents.length === 0 ? { kind: "other" } : toFacts(objects);
}

function toFacts({ hasCrd, agents }: Objects): ContentFacts {
  return { kind: "manifests", hasCrd, agents };
}

/** The Kubernetes objects of a text, as far as discovery needs to know them. */
export interface Objects {
  /** At most the first 1,000, those in Lists included. */
  readonly documents: readonly DocumentIdentity[];
  readonly hasCrd: boolean;
  readonly agents: readonly AgentFacts[];
}

/** Lists the objects of a YAML text, parsing only what its lines do not tell. */
export function listObjects(text: string): Objects {
  const collector = new ObjectCollector();
  for (const scanned of scanDocuments(text)) {
    if (scanned.isPlain && !needsParsing(scanned.document, text, scanned.start, scanned.end)) {
      collector.add(scanned.document, undefined);
      continue;
    }
    const value = parseYaml(text.slice(scanned.start, scanned.end));
    if (isMapping(value)) collector.addValue(value, 0);
    else if (scanned.isPlain) collector.add(scanned.document, undefined);
  }
  return collector.finish();
}

/** Lists may hold CRDs and agents' objects, and of agents' objects more than the identity matters. */
function needsParsing(document: DocumentIdentity, text: string, start: number, end: number): boolean {
  if (end - start > MAX_PARSED_LENGTH) return false;
  if (isAgentGroup(document.apiVersion)) return true;
  if (!document.kind.endsWith("List")) return false;
  const content = text.slice(start, end);
  return (
    content.includes("CustomResourceDefinition") || content.includes("argoproj.io") || content.includes("fluxcd.io")
  );
}

function isAgentGroup(apiVersion: string): boolean {
  return apiVersion.startsWith("argoproj.io/") || apiVersion.includes(".toolkit.fluxcd.io/");
}

class ObjectCollector {
  readonly #documents: DocumentIdentity[] = [];
  readonly #agents: AgentFacts[] = [];
  #hasCrd = false;

  finish(): Objects {
    return { documents: this.#documents, hasCrd: this.#hasCrd, agents: this.#agents };
  }

  addValue(value: unknown, depth: number): void {
    const document: DocumentIdentity = {
      apiVersion: textOf(field(value, "apiVersion")),
      kind: textOf(field(value, "kind")),
      namespace: textOf(field(value, "metadata", "namespace")),
      name: textOf(field(value, "metadata", "name")),
    };
    this.add(document, value, isMapping(field(value, "metadata")));
    if (!document.kind.endsWith("List") || depth > 2) return;
    for (const item of list(field(value, "items")).slice(0, MAX_DOCUMENTS)) this.addValue(item, depth + 1);
  }

  add(document: DocumentIdentity, value: unknown, hasMetadata = true): void {
    if (!isManifest(document, hasMetadata)) return;
    if (document.kind === "CustomResourceDefinition") this.#hasCrd = true;
    if (this.#documents.length >= MAX_DOCUMENTS) return;
    this.#documents.push(document);
    const agent = value === undefined ? undefined : readAgent(document, value);
    if (agent !== undefined) this.#agents.push(agent);
  }
}

/** One of `apiVersion` and `kind` may be forgotten as long as the rest looks like an object. */
function isManifest({ apiVersion, kind }: DocumentIdentity, hasMetadata: boolean): boolean {
  if (apiVersion === "" && kind === "") return false;
  if ((apiVersion === "" || kind === "") && !hasMetadata) return false;
  // A kubeconfig.
  if (apiVersion === "v1" && kind === "Config") return false;
  return !TOOL_GROUPS.some((group) => group.test(apiVersion));
}
