import type { DeclaredApp, Glob, RepositoryConfig } from "../config/index.ts";

export type PathMatcher = Pick<Glob, "matches">;

/** An app that the config declares. `line` is the line of the config file that says so. */
export type AppDeclaration = DeclaredApp;

/** What discovery needs of the repository's config. */
export type DiscoveryConfig = Pick<
  RepositoryConfig,
  "file" | "include" | "exclude" | "apps" | "drops" | "helm" | "environments"
>;
