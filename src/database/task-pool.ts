/** A job that was taken out of a queue and is running. */
export interface TaskPool {
  /** Looks for work now. */
  wake(): void;
  /** Takes nothing new; resolves when all that runs has ended. */
  stop(): Promise<void>;
}

interface TaskPoolOptions<Job> {
  readonly slots: number;
  /** The next job for this pool, already marked as running. */
  readonly takeNext: () => Promise<Job | undefined>;
  /** Never rejects. */
  readonly run: (job: Job) => Promise<void>;
  readonly onFault: (fault: unknown) => void;
}

/** Runs jobs side by side up to a number. Asks for one at a time, so that the order of asking is the order of work. */
export function createTaskPool<Job>({ slots, takeNext, run, onFault }: TaskPoolOptions<Job>): TaskPool {
  const running = new Set<Promise<void>>();
  let looking: Promise<void> | undefined;
  let isWoken = false;
  let isStopped = false;

  function start(job: Job): void {
    const done: Promise<void> = run(job).finally(() => {
      running.delete(done);
      wake();
    });
    running.add(done);
  }

  async function look(): Promise<void> {
    while (isWoken && !isStopped && running.size < slots) {
      isWoken = false;
      const job = await takeNext();
      if (job === undefined) continue;
      isWoken = true;
      start(job);
    }
  }

  function wake(): void {
    isWoken = true;
    looking ??= look()
      .catch(onFault)
      .finally(() => {
        looking = undefined;
        // Woken after the last look had begun, or a slot became free meanwhile.
        if (isWoken && !isStopped && running.size < slots) setImmediate(wake);
      });
  }

  return {
    wake,
    stop: async () => {
      isStopped = true;
      await looking;
      await Promise.all(running);
    },
  };
}
