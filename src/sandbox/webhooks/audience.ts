import type { Installation } from "../world/entities.ts";
import { reaches } from "../world/installations.ts";
import { select, type World } from "../world/store.ts";
import type { Announcement } from "./announcement.ts";

/** Which permission lets an App subscribe to an event; one of them is enough. From GitHub's "Webhook events and payloads". */
export const EVENT_PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  check_run: ["checks"],
  check_suite: ["checks"],
  issue_comment: ["issues", "pull_requests"],
  label: ["metadata"],
  member: ["members"],
  membership: ["members"],
  merge_group: ["merge_queues"],
  organization: ["members"],
  pull_request: ["pull_requests"],
  pull_request_review: ["pull_requests"],
  pull_request_review_comment: ["pull_requests"],
  pull_request_review_thread: ["pull_requests"],
  push: ["contents"],
  repository: ["metadata"],
  status: ["statuses"],
  team: ["members"],
};

/** The installations whose App is told of something, as GitHub decides it. */
export function findAudience(world: World, announcement: Announcement): Installation[] {
  const { to } = announcement;
  if (to.kind === "installation") return select(world, "installations", ({ id }) => id === to.id);
  return select(
    world,
    "installations",
    (installation) =>
      installation.suspendedAt === undefined &&
      (to.kind === "account" ? installation.accountId === to.id : reaches(world, installation, { id: to.id })) &&
      hears(installation, announcement),
  );
}

function hears({ appId, permissions, events }: Installation, announcement: Announcement): boolean {
  // Requests to an App come without a subscription, to that App alone, when it may write checks.
  if (announcement.appId !== undefined) return appId === announcement.appId && permissions["checks"] === "write";
  const needed = EVENT_PERMISSIONS[announcement.event] ?? [];
  return events.includes(announcement.event) && needed.some((name) => permissions[name] !== undefined);
}
