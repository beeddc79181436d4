/**
 * The world let us down (git, disk, network, database, an engine's trap). Thrown, carries its own retry policy, and is
 * caught once, at the outermost door.
 */
export class Fault extends Error {
  readonly isRetryable: boolean;
  constructor(message: string, options: { cause?: unknown; isRetryable?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.name = "Fault";
    this.isRetryable = options.isRetryable ?? false;
  }
}

/** The command was used wrongly: a bad flag, a ref that does not exist, a directory that is no repository. Exit 3. */
export class UsageError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "UsageError";
  }
}
