/** A feature that an installation may lack the permission for, and what is missing without it. */
interface PermittedFeature {
  readonly permission: string;
  readonly access: "read" | "write";
  readonly without: string;
}

const FEATURES: readonly PermittedFeature[] = [
  { permission: "checks", access: "write", without: "no checks are written" },
  { permission: "pull_requests", access: "write", without: "no comment, review or label is written" },
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

/** One sentence for each feature that is off because the installation lacks its permission. */
export function describeMissing(permissions: Readonly<Record<string, string>>): readonly string[] {
  return FEATURES.filter(({ permission, access }) => !isPermitted(permissions, permission, access)).map(
    ({ permission, access, without }) => `Without the permission \`${permission}: ${access}\`, ${without}.`,
  );
}
