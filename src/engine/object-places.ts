import { Fault } from "../model/index.ts";
import type { ObjectLookup } from "./object-lookup.ts";
import type { ObjectPlace } from "./object-messages.ts";

/** Ids of closed places that are remembered: a render that was abandoned may still ask for a while. */
const REMEMBERED = 1024;

/** What reads the objects of one place: a git process of its own, and caches that no other place sees. */
export interface OpenPlace {
  readonly lookup: ObjectLookup;
  close(): Promise<void>;
}

export interface Places {
  /** Opens it when it is asked for the first time. Fails with a Fault once it was forgotten. */
  open(place: ObjectPlace): OpenPlace;
  forget(id: number): Promise<void>;
  close(): Promise<void>;
}

export function createPlaces(openDirectory: (place: ObjectPlace) => OpenPlace): Places {
  const open = new Map<number, OpenPlace>();
  const forgotten = new Set<number>();
  return {
    open: (place) => {
      const { id } = place;
      const known = open.get(id);
      if (known !== undefined) return known;
      if (forgotten.has(id)) throw new Fault("The repository was closed.");
      const opened = openDirectory(place);
      open.set(id, opened);
      return opened;
    },
    forget: async (id) => {
      forgotten.add(id);
      for (const oldest of forgotten) {
        if (forgotten.size <= REMEMBERED) break;
        forgotten.delete(oldest);
      }
      const closing = open.get(id);
      open.delete(id);
      await closing?.close();
    },
    close: async () => {
      await Promise.all([...open.values()].map((place) => place.close()));
    },
  };
}
