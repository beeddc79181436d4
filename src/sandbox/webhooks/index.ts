export {
  describeAttempt,
  describeWholeAttempt,
  pageAttempts,
  unpackBody,
  type Attempt,
  type AttemptQuery,
} from "./attempts.ts";
export { EVENT_PERMISSIONS } from "./audience.ts";
export { createWebhookContract, type WebhookContract } from "./webhook-contract.ts";
export { type WebhookFailing, type WebhookFault } from "./webhook-faults.ts";
export {
  injectWebhookFault,
  listAttempts,
  redeliver,
  sendPing,
  startWebhooks,
  whenDelivered,
  type WebhookOptions,
  type Webhooks,
} from "./webhooks.ts";
