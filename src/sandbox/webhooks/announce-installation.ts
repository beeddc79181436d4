import type { InstallationEvent, WorldEvent } from "../world/events.ts";
import { repositoriesOf } from "../world/installations.ts";
import { read, type World } from "../world/store.ts";
import type { Announcement } from "./announcement.ts";
import { describeAccount, describeInstallation } from "./shapes/account.ts";
import { describeBriefly } from "./shapes/repository.ts";

/** What an App is told of its own installation, whatever it subscribed to and suspended or not. */
export function announceInstallation(
  world: World,
  event: Extract<WorldEvent, { readonly kind: InstallationEvent["kind"] }>,
): Announcement {
  const installation = read(world, "installations", { id: event.installationId });
  const shown = describeInstallation(world, installation);
  const list = (ids: readonly number[]): unknown[] => ids.map((id) => describeBriefly(world, id));
  const covered = repositoriesOf(world, installation).map(({ id }) => id);
  const own =
    event.kind === "installation"
      ? event.action === "suspend" || event.action === "unsuspend"
        ? {}
        : { repositories: list(covered), requester: null }
      : {
          repository_selection: shown["repository_selection"],
          repositories_added: list(event.action === "added" ? event.repositoryIds : []),
          repositories_removed: list(event.action === "removed" ? event.repositoryIds : []),
          requester: null,
        };
  const payload = {
    action: event.action,
    installation: shown,
    ...own,
    sender: describeAccount(world, event.senderId),
  };
  return { event: event.kind, action: event.action, payload, to: { kind: "installation", id: installation.id } };
}
