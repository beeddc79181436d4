import { createHash } from "node:crypto";
import { IGNORED_BY_DEFAULT } from "../config/index.ts";
import type {
  ContentDigests,
  EnvironmentChange,
  GivenApproval,
  Report,
  ReportedChange,
  RuledPullRequest,
} from "../model/index.ts";
import { digestApp, isChanged, leaveOut } from "./list-changes.ts";

/** What an approval or an override is bound to: everything that the change alters, environment by environment. */
export function digestContent(changes: readonly EnvironmentChange[]): ContentDigests {
  return Object.fromEntries(changes.map((change) => [change.environment, Object.fromEntries(listDigests(change))]));
}

/**
 * Ids of apps, and `file:` paths, that differ from what was approved in one environment, sorted. Empty: the approval is
 * about exactly this change. Undefined: nobody knows what it was about.
 */
export function sinceApproval(
  content: ContentDigests | undefined,
  change: EnvironmentChange,
): readonly string[] | undefined {
  if (content === undefined) return undefined;
  const approved = new Map(
    Object.entries(Object.hasOwn(content, change.environment) ? (content[change.environment] ?? {}) : {}),
  );
  const now = new Map(listDigests(change));
  const keys = new Set([...approved.keys(), ...now.keys()]);
  return [...keys].filter((key) => approved.get(key) !== now.get(key)).sort();
}

/**
 * Whether an approval is about this change into this branch: verdicts and approvals are of one base branch, and what is
 * the same content means another thing on another one (T21).
 */
export function isApproved(
  approval: Pick<GivenApproval, "base" | "content">,
  change: EnvironmentChange,
  pullRequest: Pick<RuledPullRequest, "baseRef">,
): boolean {
  return isOfBase(approval, pullRequest) && sinceApproval(approval.content, change)?.length === 0;
}

/** Where nobody said what it was to be merged into, it is what it is now. */
export function isOfBase(
  { base }: Pick<GivenApproval, "base">,
  { baseRef }: Pick<RuledPullRequest, "baseRef">,
): boolean {
  return base === undefined || base.ref === baseRef;
}

/** What a report says changes, whatever environments there are, and whatever they ignore. */
export function digestReport({ apps, files }: Pick<Report, "apps" | "files">): ReportedChange {
  const touched = leaveOut(files, IGNORED_BY_DEFAULT);
  const changed = apps.filter((app) => isChanged(app, touched));
  const lines = changed.map((app) => JSON.stringify([app.id, digestApp(app, touched)]));
  return {
    digest: createHash("sha256").update(lines.toSorted().join("\n")).digest("hex"),
    isDeploying: lines.length > 0,
  };
}

function listDigests({ apps, files }: EnvironmentChange): (readonly [string, string])[] {
  return [
    ...apps.map(({ id, digest }) => [id, digest] as const),
    ...files.map(({ path, blob }) => [`file:${path}`, blob ?? "gone"] as const),
  ];
}
