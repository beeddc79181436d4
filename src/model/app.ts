/** The kinds of app that can be rendered today. Argo CD and Flux objects join as `argocd` and `flux`. */
export type AppKind = "plain" | "kustomize" | "helm";

/**
 * Stable, readable name of an app, unique in one tree: `kustomize:apps/web/overlays/prod`,
 * `helm:charts/web#values-prod.yaml`, `plain:manifests/` (the design's contract).
 */
export type AppId = string;

/** Which files make one Kubernetes API: an exact bundled version such as `1.36.3`. */
export type KubernetesVersion = string;

interface AppBase {
  readonly id: AppId;
  /** Directory of the app, relative to the repository's root, `""` for the root itself. */
  readonly path: string;
  readonly environment: string | undefined;
  /** True when `environment` was said in the config; a guessed one is less certain. */
  readonly isEnvironmentDeclared: boolean;
  /** True when only a naming convention says that this is an app. A kustomization file is a declaration. */
  readonly guessed: boolean;
  /** Where it is declared: the config file, the kustomization file, the Chart.yaml, or the first manifest. */
  readonly declaredIn: string;
  /** What was assumed to render it, one sentence a list item, for example `namespace "default"`. */
  readonly assumptions: readonly string[];
  /** True when the app is under a Flux Kustomization with substitutions: `${VAR}` is not a type error there. */
  readonly isSubstituted: boolean;
}

export interface PlainApp extends AppBase {
  readonly kind: "plain";
  /** The manifest files, relative to the repository's root, sorted. */
  readonly files: readonly string[];
}

export interface KustomizeApp extends AppBase {
  readonly kind: "kustomize";
  /** Whether files outside the kustomization's root may be read (`--load-restrictor LoadRestrictionsNone`). */
  readonly isLoadUnrestricted: boolean;
}

export interface HelmApp extends AppBase {
  readonly kind: "helm";
  readonly releaseName: string;
  readonly namespace: string;
  /** Values files in the order they are laid over each other, relative to the repository's root. */
  readonly valuesFiles: readonly string[];
  /** Extra `apiVersions` capabilities, `group/version` or `group/version/Kind`. */
  readonly apiVersions: readonly string[];
  readonly includeCrds: boolean;
}

export type App = PlainApp | KustomizeApp | HelmApp;

/** An Argo CD or Flux object that discovery recognised; its semantics are not rendered yet. */
export interface AgentObject {
  readonly agent: "argocd" | "flux";
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly file: string;
}
