import type { Store } from "../pipeline/ports.ts";

/** A store that lives as long as the process (`--no-cache`, tests). */
export function createMemoryStore(): Store {
  const values = new Map<string, Buffer>();
  return {
    read: (kind, key) => values.get(`${kind}/${key}`),
    write: (kind, key, value) => void values.set(`${kind}/${key}`, Buffer.from(value)),
  };
}
