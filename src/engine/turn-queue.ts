/** Waiting jobs of several repositories, which take turns; within one, first come, first served. */
export interface TurnQueue<T> {
  add(place: number, job: T): void;
  /** The next job, from the place that was served least recently. */
  take(): T | undefined;
  /** Takes out all that one place waits for. */
  drop(place: number): readonly T[];
  places(): readonly number[];
}

export function createTurnQueue<T>(): TurnQueue<T> {
  /** By place; the one whose turn is next comes first. */
  const queues = new Map<number, T[]>();
  return {
    add: (place, job) => {
      const queue = queues.get(place) ?? [];
      queue.push(job);
      queues.set(place, queue);
    },
    take: () => {
      const [next] = queues;
      if (next === undefined) return undefined;
      const [place, queue] = next;
      queues.delete(place);
      const job = queue.shift();
      if (queue.length > 0) queues.set(place, queue);
      return job;
    },
    drop: (place) => {
      const dropped = queues.get(place) ?? [];
      queues.delete(place);
      return dropped;
    },
    places: () => [...queues.keys()],
  };
}
