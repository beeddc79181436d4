import { Fault, UsageError } from "../model/index.ts";

/** An error that ends the check, on its way between threads: a class does not survive the journey. */
export interface Trouble {
  readonly message: string;
  /** True for what the user can mend (a shallow clone, for example). */
  readonly isUsage: boolean;
  readonly isRetryable: boolean;
}

export function describeTrouble(error: unknown): Trouble {
  const message = error instanceof Error ? error.message : String(error);
  return { message, isUsage: error instanceof UsageError, isRetryable: error instanceof Fault && error.isRetryable };
}

export function toError({ message, isUsage, isRetryable }: Trouble): Fault | UsageError {
  return isUsage ? new UsageError(message) : new Fault(message, { isRetryable });
}

/** Whether an error is about the world rather than about the app that was rendered when it came up. */
export function isTrouble(error: unknown): error is Fault | UsageError {
  return error instanceof Fault || error instanceof UsageError;
}
