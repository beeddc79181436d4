import type { Handlers } from "../http/call.ts";
import { appHandlers } from "./apps.ts";
import { checkHandlers } from "./checks.ts";
import { commitHandlers } from "./commits.ts";
import { conversationHandlers } from "./conversations.ts";
import { labelHandlers } from "./labels.ts";
import { protectionHandlers } from "./protection.ts";
import { pullHandlers } from "./pulls.ts";
import { repositoryHandlers } from "./repositories.ts";
import { reviewHandlers } from "./reviews.ts";
import { statusHandlers } from "./statuses.ts";

export { countChanges } from "./pulls.ts";
export { REPOSITORY_PERMISSIONS } from "./permissions.ts";

/** What answers each operation, by its id. */
export const restHandlers: Handlers = {
  ...appHandlers,
  ...checkHandlers,
  ...commitHandlers,
  ...conversationHandlers,
  ...labelHandlers,
  ...protectionHandlers,
  ...pullHandlers,
  ...repositoryHandlers,
  ...reviewHandlers,
  ...statusHandlers,
};
