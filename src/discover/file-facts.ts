/** What discovery needs to know of one path of a tree. Plain JSON, and small. */
export type FileFacts = ContentFacts | LinkFacts;

/** Depends on a file's bytes and its name (not its folder) alone. */
export type ContentFacts =
  KustomizationFacts | ChartFacts | RequirementsFacts | ManifestFacts | TemplateFacts | UnreadableFacts | OtherFacts;

/** Change it whenever facts of the same bytes change, so that stored ones are not used any more. */
export const FILE_FACTS_VERSION = 5;

/** A `kustomization.yaml`. One that does not parse has no references and is an app all the same: it says why. */
export interface KustomizationFacts {
  readonly kind: "kustomization";
  readonly isComponent: boolean;
  /** Holds placeholders of another tool that keep it from being YAML: nobody builds it as it stands. */
  readonly isTemplate: boolean;
  /** Every file, folder and chart it names, as written, relative to its own folder. Remote ones may be among them. */
  readonly references: readonly string[];
  /** Those of `references` that it names as patches and as nothing else. */
  readonly patches: readonly string[];
}

/** A `Chart.yaml`. */
export interface ChartFacts {
  readonly kind: "chart";
  /** Empty when it is missing or cannot be read. */
  readonly name: string;
  readonly isLibrary: boolean;
  readonly isTemplate: boolean;
  /** Folders of its `file://` dependencies, as written, relative to its own folder. */
  readonly fileDependencies: readonly string[];
}

/** A `requirements.yaml`: where charts of the old format list their dependencies. */
export interface RequirementsFacts {
  readonly kind: "requirements";
  readonly fileDependencies: readonly string[];
}

/**
 * Kubernetes manifests, also ones that do not parse. Not which ones: then most edits of a manifest leave its facts as
 * they are, and nothing has to be discovered anew.
 */
export interface ManifestFacts {
  readonly kind: "manifests";
  readonly hasCrd: boolean;
  readonly agents: readonly AgentFacts[];
}

/** An object that an agent in the cluster acts on. */
export interface AgentFacts {
  readonly agent: "argocd" | "flux";
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Folders of the repository that it applies (`spec.path`, `spec.source.path`, …), as written. */
  readonly paths: readonly string[];
  /** The source of a Flux Kustomization, such as `GitRepository/flux-system`; `""` when there is none. */
  readonly source: string;
  /** Whether it replaces `${VARIABLES}` in what it applies (`spec.postBuild` of a Flux Kustomization). */
  readonly isSubstituting: boolean;
}

/** Looks like manifests, but is a template of another tool: with placeholders that keep it from being YAML. */
export interface TemplateFacts {
  readonly kind: "template";
}

/** A link under the name of a manifest that leads to no file: nobody can say what it is, and whoever reads it fails. */
export interface UnreadableFacts {
  readonly kind: "unreadable";
}

/** A symbolic link. */
export interface LinkFacts {
  readonly kind: "link";
  /** The file or folder of this repository that it leads to, through further links; undefined when there is none. */
  readonly target: string | undefined;
  /** What a file with the link's name and the target's bytes would be. */
  readonly content: ContentFacts;
}

/** Values, CI files, patches without identity, and everything else that is no manifest. */
export interface OtherFacts {
  readonly kind: "other";
  /** Has keys of a manifest and is no YAML: whoever reads it cannot say what it holds. */
  readonly isBroken?: true;
}
