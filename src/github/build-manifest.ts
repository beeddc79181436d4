/** What the App may do: `checks only` writes checks and nothing else, `full` comments, reviews and labels too. */
export type PermissionSet = "checks only" | "full";

type Level = "read" | "write";

/**
 * The permissions of each set. Why each is there:
 * - `checks` write: check runs, which only Apps can write, and their re-run buttons.
 * - `contents` read: git fetches the commits; `push` events.
 * - `metadata` read: GitHub gives it to every App; roles, active rules, `repository` events.
 * - `merge_queues` read: GitHub sends `merge_group` to nobody without it.
 * - `pull_requests` read: which pull requests are open, and their events. Write: comments, reviews, labels on them.
 * - `issues`: write, because GitHub takes labels to be a repository's issues' and sends `issue_comment`, in which commands
 *   come, to Apps that may read issues.
 * - `statuses` write: asked for by no token of Drydock. GitHub lets a required check be pinned to an App only if the App
 *   has it (docs.github.com, "About protected branches": expected source), and a gate that is not pinned can be written
 *   by anybody with write access (T29).
 * - `members` read: who is in the team that approves, and the events that tell of it. Organizations alone have it.
 *
 * Not asked for: `contents` write (Drydock pushes nothing; what misses it is resolving a review thread, see
 * resolve-thread.ts, and the command that merges, which is off by default), `administration`, `workflows`, `actions`.
 */
export const PERMISSION_SETS: Readonly<Record<PermissionSet, Readonly<Record<string, Level>>>> = {
  "checks only": {
    checks: "write",
    contents: "read",
    merge_queues: "read",
    metadata: "read",
    pull_requests: "read",
    statuses: "write",
  },
  full: {
    checks: "write",
    contents: "read",
    issues: "write",
    members: "read",
    merge_queues: "read",
    metadata: "read",
    pull_requests: "write",
    statuses: "write",
  },
};

/** `installation`, `installation_repositories` and `installation_target` come to every App and cannot be listed. */
const CHECK_EVENTS = ["check_run", "check_suite", "merge_group", "pull_request", "push", "repository"];

/** The events of each set: comments, reviews and teams can be read with the permissions of `full` alone. */
export const EVENT_SETS: Readonly<Record<PermissionSet, readonly string[]>> = {
  "checks only": CHECK_EVENTS,
  full: [
    ...CHECK_EVENTS,
    ...["issue_comment", "pull_request_review", "pull_request_review_comment"],
    ...["member", "membership", "organization", "team"],
  ].toSorted(),
};

export interface ManifestRequest {
  /** Where GitHub and browsers reach this server, without a slash at its end. */
  readonly url: string;
  /** The App's name, unique at GitHub; 34 characters at most. */
  readonly name: string;
  readonly set: PermissionSet;
  readonly webhookPath: string;
  /** Where GitHub sends the browser with the code, once the App is made. */
  readonly redirectPath: string;
  /** Where sign-in comes back to. */
  readonly callbackPath: string;
}

/** The value that the form of the manifest flow posts to GitHub as `manifest`, in JSON. */
export interface AppManifest {
  readonly name: string;
  readonly url: string;
  readonly hook_attributes: { readonly url: string; readonly active: boolean };
  readonly redirect_url: string;
  readonly callback_urls: readonly string[];
  readonly description: string;
  readonly public: boolean;
  readonly request_oauth_on_install: boolean;
  readonly default_permissions: Readonly<Record<string, Level>>;
  readonly default_events: readonly string[];
}

/** The manifest of an App of one's own (docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest). */
export function buildManifest(request: ManifestRequest): AppManifest {
  const { url, name, set } = request;
  return {
    name: name.slice(0, 34),
    url,
    hook_attributes: { url: `${url}${request.webhookPath}`, active: true },
    redirect_url: `${url}${request.redirectPath}`,
    callback_urls: [`${url}${request.callbackPath}`],
    description: "Says what a pull request to a GitOps config repository would really deploy.",
    public: false,
    request_oauth_on_install: false,
    default_permissions: PERMISSION_SETS[set],
    default_events: EVENT_SETS[set],
  };
}
