export {
  createMirrors,
  type MirrorOptions,
  type Mirrors,
  type OpenMirror,
  type WantedCommits,
} from "./create-mirrors.ts";
export { LIKELY_READ } from "./likely-read.ts";
export { readNamedIds } from "./needed-blobs.ts";
export { acquireLock, type FileLock } from "./file-lock.ts";
export type { GitWay } from "./git-remote.ts";
