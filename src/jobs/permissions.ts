/** A feature that an installation may lack the permission for, and what is missing without it. */
interface PermittedFeature {
  readonly permission: string;
  readonly access: "read" | "write";
  readonly without: string;
}

const FEATURES: readonly PermittedFeature[] = [
  { permission: "contents", access: "read", without: "nothing can be fetched, so nothing is checked" },
  { permission: "checks", access: "write", without: "no checks are written" },
  { permission: "pull_requests", access: "read", without: "pull requests are not seen" },
  { permission: "pull_requests", access: "write", without: "no comment, review or label is written" },
  { permission: "issues", access: "write", without: "commands in comments are heard late, and labels may be refused" },
  { permission: "merge_queues", access: "read", without: "pull requests in a merge queue get no checks" },
  { permission: "members", access: "read", without: "nobody's team is known, so exceptions wait that a team approves" },
  { permission: "statuses", access: "write", without: "the gate cannot be pinned to this App" },
];

/** Whether an installation was given a permission; `write` includes `read`. */
export function isPermitted(
  permissions: Readonly<Record<string, string>>,
  permission: string,
  access: "read" | "write",
): boolean {
  const given = Object.hasOwn(permissions, permission) ? permissions[permission] : undefined;
  return given === "write" || given === "admin" || given === access;
}

/** Whether nobody has read yet what the installation was given: then nothing can be said to be missing. */
export function isUnread(permissions: Readonly<Record<string, string>>): boolean {
  return Object.keys(permissions).length === 0;
}

/** What is missing without a permission, as a clause; undefined for one that nothing hangs on. */
export function describeAbsence(permission: string, access: "read" | "write"): string | undefined {
  return FEATURES.find((feature) => feature.permission === permission && feature.access === access)?.without;
}

/** One sentence for each feature that is off because the installation lacks its permission. */
export function describeMissing(permissions: Readonly<Record<string, string>>): readonly string[] {
  return FEATURES.filter(({ permission, access }) => !isPermitted(permissions, permission, access)).map(
    ({ permission, access, without }) => `Without the permission \`${permission}: ${access}\`, ${without}.`,
  );
}

/** One sentence for a check whose comment, review and labels are off; undefined where they are not. */
export function describeSilence(permissions: Readonly<Record<string, string>>): string | undefined {
  if (isUnread(permissions) || isPermitted(permissions, "pull_requests", "write")) return undefined;
  return "Comment, review and labels are off: the App has no permission `pull_requests: write` here.";
}
