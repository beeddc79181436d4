import type { ContentFacts } from "./file-facts.ts";
import { KUSTOMIZATION_NAMES } from "./may-matter.ts";
import { readChart, readRequirements } from "./read-chart.ts";
import { readKustomization } from "./read-kustomization.ts";
import { readJsonManifests, readYamlManifests } from "./read-manifests.ts";
import { baseName } from "./repository-path.ts";

/**
 * Reads off one file what discovery needs. Depends on the bytes and the file's name alone, takes time linear in the
 * bytes, and never throws: a file that cannot be read as what its name says is still that, so that its app says why.
 */
export function analyzeFile(path: string, bytes: Uint8Array): ContentFacts {
  const name = baseName(path);
  const text = new TextDecoder(encodingOf(bytes)).decode(bytes);
  if (KUSTOMIZATION_NAMES.has(name)) {
    // Some repositories keep Flux's object of the same name in a file of that name.
    return /^apiVersion:\s*["']?kustomize\.toolkit\.fluxcd\.io\//m.test(text)
      ? readYamlManifests(text)
      : readKustomization(text);
  }
  if (name === "Chart.yaml") return readChart(text);
  if (name === "requirements.yaml") return readRequirements(text);
  if (name.endsWith(".json")) return readJsonManifests(text);
  return LFS_POINTER.test(text) ? { kind: "manifests", hasCrd: false, agents: [] } : readYamlManifests(text);
}

/** YAML 1.2.2 §5.2: UTF-8, or what a byte order mark says. */
function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

/**
 * What Git LFS puts in a file's place (git-lfs/docs/spec.md). YAML behind one counts as manifests, so that its app says
 * that they are out of reach, instead of showing them as removed.
 */
const LFS_POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\/v\d+\n/;
