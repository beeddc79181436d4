import type { IncomingMessage, ServerResponse } from "node:http";
import type { Handlers } from "./http/call.ts";
import { createOAuth, serveOAuth } from "./oauth/index.ts";
import { startMergeQueues, type MergeQueues } from "./queue/index.ts";
import { serveRegistration } from "./registration/index.ts";
import { hookHandlers } from "./rest/hooks.ts";
import { startWebhooks, type WebhookOptions, type Webhooks } from "./webhooks/index.ts";
import type { World } from "./world/index.ts";

/** What stands beside the API: deliveries, and the pages that people see. */
export interface Parts {
  readonly webhooks: Webhooks;
  readonly queues: MergeQueues;
  /** Further operations of the API, by id. */
  readonly handlers: Handlers;
  /** Answers what is no request to the API; resolves to false for any other, untouched. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** Starts them; `report` is told of what differs from GitHub's own descriptions. */
export function startParts(world: World, options: WebhookOptions): Parts {
  const { webhooks, stop } = startWebhooks(world, options);
  const { queues, stop: stopQueues } = startMergeQueues(world, { report: options.report });
  const oauth = createOAuth(world);
  return {
    webhooks,
    queues,
    handlers: hookHandlers(webhooks),
    serve: async (request, response) =>
      (await serveOAuth(oauth, request, response)) || (await serveRegistration(webhooks, request, response)),
    close: async () => {
      await Promise.all([stop(), stopQueues()]);
    },
  };
}
