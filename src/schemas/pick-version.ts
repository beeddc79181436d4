import type { KubernetesVersion } from "../model/index.ts";

export type PickedVersion =
  | { readonly kind: "bundled"; readonly version: KubernetesVersion; readonly isAssumed: boolean }
  /** `minor` is `1.28` when `asked` is a version at all: schemas may still come from a configured location. */
  | { readonly kind: "not-bundled"; readonly minor: string | undefined; readonly message: string };

/**
 * Picks the bundled version for what the user asked for: `1.35`, `v1.35` and any patch of it pick the bundled patch of
 * that minor, because APIs do not change between patches. Nothing asked picks the newest.
 */
export function pickVersion(bundled: readonly KubernetesVersion[], asked: string | undefined): PickedVersion {
  const newest = bundled.at(-1);
  if (asked === undefined && newest !== undefined) return { kind: "bundled", version: newest, isAssumed: true };
  const match = /^v?(\d{1,3})\.(\d{1,4})(\.\d{1,4})?([-+][\w.+-]*)?$/u.exec(asked ?? "");
  const minor = match ? `${match[1] ?? ""}.${match[2] ?? ""}` : undefined;
  const version = bundled.find((candidate) => minor !== undefined && candidate.startsWith(`${minor}.`));
  if (version !== undefined) return { kind: "bundled", version, isAssumed: false };
  const choice = bundled.join(", ");
  const message =
    minor === undefined
      ? `"${asked ?? ""}" is not a Kubernetes version. Write a minor such as 1.35; bundled are ${choice}.`
      : `No schemas for Kubernetes ${minor} are bundled. Bundled are ${choice}; for another minor add a schema location to the config.`;
  return { kind: "not-bundled", minor, message };
}
