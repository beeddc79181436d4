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

/** GitHub asks to be left alone until a moment (403 or 429 with its headers): nothing is wrong with the work itself. */
export class LimitedFault extends Fault {
  /** Milliseconds since the epoch. */
  readonly retryAt: number;
  constructor(message: string, retryAt: number, options: { cause?: unknown } = {}) {
    super(message, { ...options, isRetryable: true });
    this.name = "LimitedFault";
    this.retryAt = retryAt;
  }
}

/** Why GitHub lets the App do nothing more somewhere. */
export type AccessLoss = "suspended" | "uninstalled" | "not-found" | "archived" | "permission";

/** The App may not, or no longer, do this: the work ends cleanly instead of being tried again (T53). */
export class AccessLostFault extends Fault {
  readonly loss: AccessLoss;
  /** For `permission`: the one that is absent, as GitHub names it, when it is known. */
  readonly permission: string | undefined;
  constructor(loss: AccessLoss, message: string, options: { cause?: unknown; permission?: string } = {}) {
    super(message, options);
    this.name = "AccessLostFault";
    this.loss = loss;
    this.permission = options.permission;
  }
}

/** GitHub understood a write and refuses its content (422). Trying the same again cannot help. */
export class RefusedFault extends Fault {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "RefusedFault";
  }
}

/** The command was used wrongly: a bad flag, a ref that does not exist, a directory that is no repository. Exit 3. */
export class UsageError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "UsageError";
  }
}
