/** A map that forgets what was used longest ago once the sizes of its values exceed a bound. */
export interface ByteCache<V> {
  get(key: string): V | undefined;
  /** A value larger than an eighth of the bound is not kept: it would push out everything else. */
  set(key: string, value: V, bytes: number): void;
}

export function createByteCache<V>(bound: number): ByteCache<V> {
  const entries = new Map<string, { readonly value: V; readonly bytes: number }>();
  let total = 0;

  const drop = (key: string): void => {
    total -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  };

  return {
    get: (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set: (key, value, bytes) => {
      drop(key);
      if (bytes > bound / 8) return;
      entries.set(key, { value, bytes });
      total += bytes;
      for (const oldest of entries.keys()) {
        if (total <= bound) break;
        drop(oldest);
      }
    },
  };
}
