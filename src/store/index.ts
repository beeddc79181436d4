export { createFileStore } from "./file-store.ts";
export { createMemoryStore } from "./memory-store.ts";
export { measureFiles, trimFileStore } from "./bound-file-store.ts";
