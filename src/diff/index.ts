export { diffManifests } from "./diff-manifests.ts";
export { groupChanges } from "./group-changes.ts";
export { parseImage } from "./parse-image.ts";
export type { ImageReference } from "./parse-image.ts";
export { pairManifests, identityKey } from "./pair-manifests.ts";
export { createOpenManifest } from "./open-manifest.ts";
export { emitYaml } from "./emit-yaml.ts";
export { describeMove } from "./describe-move.ts";
export { sortChanges } from "./sort-changes.ts";
