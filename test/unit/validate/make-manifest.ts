import { createHash } from "node:crypto";
import type { Manifest, Origin } from "../../../src/model/index.ts";

/** A manifest as the engine gives it, from an object literal. */
export function makeManifest(
  value: Record<string, unknown>,
  origin: Partial<Origin> = {},
  hooks: readonly string[] = [],
): Manifest {
  const json = JSON.stringify(value);
  const {
    apiVersion = "",
    kind = "",
    metadata = {},
  } = value as {
    apiVersion?: string;
    kind?: string;
    metadata?: { name?: unknown; namespace?: unknown };
  };
  const slash = apiVersion.indexOf("/");
  const text = (part: unknown) => (typeof part === "string" ? part : "");
  return {
    resource: {
      group: slash < 0 ? "" : apiVersion.slice(0, slash),
      version: apiVersion.slice(slash + 1),
      kind,
      namespace: text(metadata.namespace),
      name: text(metadata.name),
    },
    digest: createHash("sha256").update(json).digest("hex"),
    json,
    sealed: [],
    origin: { file: "a.yaml", document: 0, shapedBy: [], ...origin },
    hooks,
  };
}
