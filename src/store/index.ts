export { createFileStore } from "./file-store.ts";
export { createMemoryStore } from "./memory-store.ts";
