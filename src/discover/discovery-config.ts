import type { AppKind, KubernetesVersion } from "../model/index.ts";

export interface PathMatcher {
  readonly matches: (text: string) => boolean;
}

/** An app that the config declares. `line` is the line of the config file that says so. */
export interface AppDeclaration {
  readonly line: number;
  readonly path: string;
  readonly kind: AppKind | undefined;
  readonly name: string | undefined;
  readonly environment: string | undefined;
  readonly values: readonly string[] | undefined;
  readonly releaseName: string | undefined;
  readonly namespace: string | undefined;
  readonly apiVersions: readonly string[] | undefined;
  readonly includeCrds: boolean | undefined;
  readonly kubernetesVersion: KubernetesVersion | undefined;
  readonly loadRestrictor: "root-only" | "none" | undefined;
}

export interface EnvironmentDeclaration {
  readonly name: string;
  readonly paths: readonly PathMatcher[];
  readonly kubernetesVersion: KubernetesVersion | undefined;
}

/** What discovery needs of the repository's config; `RepositoryConfig` is one. */
export interface DiscoveryConfig {
  readonly file: string;
  readonly include: readonly PathMatcher[];
  readonly exclude: readonly PathMatcher[];
  readonly apps: readonly AppDeclaration[];
  readonly drops: readonly { readonly apps: PathMatcher }[];
  readonly helm: {
    readonly valuesLayers: readonly string[] | undefined;
    readonly releaseName: string | undefined;
    readonly namespace: string | undefined;
  };
  readonly environments: readonly EnvironmentDeclaration[];
}
