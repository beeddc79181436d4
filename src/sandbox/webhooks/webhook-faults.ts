/** What may happen to a webhook on its way. */
export type WebhookFailing =
  /** Neither sent nor listed: GitHub never made it. */
  | { readonly kind: "drop" }
  /** Listed as failed, and never sent: the way to the receiver is broken. */
  | { readonly kind: "fail" }
  | { readonly kind: "duplicate" }
  | { readonly kind: "delay"; readonly milliseconds: number }
  /** Late, and listed with `throttled_at`. */
  | { readonly kind: "throttle"; readonly milliseconds: number }
  /** Kept back until as many have come as the fault counts, then sent newest first. */
  | { readonly kind: "reorder" };

export interface WebhookFault {
  /** Any event, or any action, unless told. */
  readonly event?: string;
  readonly action?: string;
  readonly failing: WebhookFailing;
  /** How many webhooks meet it (default 1). */
  readonly count?: number;
  /** How many pass first (default 0). */
  readonly skip?: number;
}

/** A fault as it is used up. */
export interface WaitingFault {
  readonly fault: WebhookFault;
  left: number;
  skip: number;
}

export function waitForWebhook(fault: WebhookFault): WaitingFault {
  return { fault, left: fault.count ?? 1, skip: fault.skip ?? 0 };
}

/** The fault that this webhook meets; `left` of it is how many more will. */
export function takeWebhookFault(
  waiting: WaitingFault[],
  event: string,
  action: string | undefined,
): WaitingFault | undefined {
  const index = waiting.findIndex(
    ({ fault }) =>
      (fault.event === undefined || fault.event === event) && (fault.action === undefined || fault.action === action),
  );
  const met = waiting[index];
  if (met === undefined) return undefined;
  if (met.skip > 0) {
    met.skip -= 1;
    return undefined;
  }
  met.left -= 1;
  if (met.left <= 0) waiting.splice(index, 1);
  return met;
}
