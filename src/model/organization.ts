/** The repository of an account whose rules count for all of its repositories. */
export const ORGANIZATION_REPOSITORY = ".github";

/** Why there are no rules of an organization. */
export type OrganizationGap =
  | { readonly kind: "absent"; readonly what: "repository" | "file" }
  /** The App may not read it. Unless it is seen, there may be none: GitHub says the same of both. */
  | { readonly kind: "not-installed"; readonly isSeen: boolean }
  | { readonly kind: "unreadable"; readonly why: string };
