import type { Resolution } from "../model/index.ts";
import { analyzeFile } from "./analyze-file.ts";
import type { ContentFacts, LinkFacts } from "./file-facts.ts";
import { mayMatter } from "./may-matter.ts";

/**
 * Reads off a symbolic link at `path` what discovery needs. `bytes` are those of the file that it leads to; they are
 * not asked for when the link's name cannot matter (`mayMatter`). Never throws.
 */
export function analyzeLink(path: string, resolution: Resolution, bytes: Uint8Array | undefined): LinkFacts {
  const target = resolution.kind === "file" || resolution.kind === "directory" ? resolution.path : undefined;
  return { kind: "link", target, content: readContent(path, resolution, bytes) };
}

function readContent(path: string, { kind }: Resolution, bytes: Uint8Array | undefined): ContentFacts {
  if (kind === "directory" || !mayMatter(path)) return { kind: "other" };
  if (kind === "file") return analyzeFile(path, bytes ?? new Uint8Array());
  // What its name alone declares is there, and says itself that it cannot be read.
  const declared = analyzeFile(path, new Uint8Array());
  return declared.kind === "kustomization" || declared.kind === "chart" ? declared : { kind: "unreadable" };
}
