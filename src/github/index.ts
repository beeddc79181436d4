export { createAccess } from "./create-access.ts";
export type { RequiredCheck, RequiredChecks } from "./branch-rules.ts";
export { MOST_ANNOTATIONS } from "./check-runs.ts";
export { createGitHub, type AppSettings, type GitHubClient, type GitHubOptions } from "./create-github.ts";
export type { GitHubRepositoryClient } from "./create-repository.ts";
export { createFetch, type HttpFetch, type HttpWay } from "./http-fetch.ts";
export { verifySignature } from "./verify-signature.ts";
export {
  buildManifest,
  EVENT_SETS,
  PERMISSION_SETS,
  type AppManifest,
  type ManifestRequest,
  type PermissionSet,
} from "./build-manifest.ts";
export { convertManifest, type ConversionOptions, type CreatedApp } from "./convert-manifest.ts";
export { createSignIn, type SignInOptions } from "./create-sign-in.ts";
