import type {
  KubernetesVersion,
  PolicyAnswer,
  PolicyContext,
  PolicyFile,
  PolicyInput,
  PolicyProblem,
  PolicySubject,
  RegoRule,
  RegoTest,
} from "../model/index.ts";

/** Rego modules and the data beside them. */
export interface RegoSource {
  readonly modules: readonly PolicyFile[];
  /** JSON and YAML files; each one stands in `data` below the path of its folder inside the policy folder, as conftest has it. */
  readonly data: readonly (PolicyFile & { readonly at: readonly string[] })[];
  /** Packages whose rules count (`main`, `kubernetes.images`); undefined for all. */
  readonly namespaces: readonly string[] | undefined;
}

export interface LoadedRego {
  /** Names the set in later calls: a digest of the source. Loading the same source again is cheap. */
  readonly id: string;
  readonly rules: readonly RegoRule[];
  /** What does not compile. With any, nothing is evaluated. */
  readonly problems: readonly PolicyProblem[];
  /** What the answers depend on beside the object itself; equal objects need one evaluation where these are equal. */
  readonly uses: {
    readonly before: boolean;
    readonly app: boolean;
    readonly environment: boolean;
    readonly pullRequest: boolean;
    /** The time that the engine was given. */
    readonly clock: boolean;
  };
}

/** What judging one input (or all of an app together) came to. */
export type PolicyOutcome =
  | {
      readonly kind: "judged";
      readonly answers: readonly PolicyAnswer[];
      /** Rules that did not count because an `exception` rule of the policy itself names them. */
      readonly excepted?: readonly string[];
    }
  | { readonly kind: "broken"; readonly problem: PolicyProblem };

export type { RegoTest } from "../model/index.ts";

/** What is judged by on the way into a cluster, of one tree: policies with all that belongs to them, CRDs. */
export interface AdmissionSource {
  readonly policies: readonly PolicySubject[];
  readonly bindings: readonly PolicySubject[];
  /** ValidatingPolicies of Kyverno, those of a namespace included, and the PolicyExceptions from them. */
  readonly kyverno: readonly PolicySubject[];
  readonly exceptions: readonly PolicySubject[];
  /** Policies that change objects, with their bindings: not applied, but what they may change is not refused. */
  readonly mutations: readonly PolicySubject[];
  /** Resources that bindings may name as parameters. */
  readonly params: readonly PolicySubject[];
  /** CustomResourceDefinitions with rules, and of what policies look at: their defaults, as canonical JSON. */
  readonly crds: readonly string[];
  /** Namespaces that the tree holds, for selectors and `namespaceObject`. */
  readonly namespaces: readonly PolicySubject[];
}

export interface LoadedAdmission {
  readonly id: string;
  /** What does not compile. `subject` names the object, `path` its field as Kubernetes writes it, empty for all of it. */
  readonly problems: readonly { readonly subject: string; readonly path: string; readonly message: string }[];
  /** `<group>/<kind>` that anything in the set can say something about; undefined for every kind. */
  readonly kinds: readonly string[] | undefined;
}

export interface AdmissionInput extends PolicyInput {
  /** Plural name, as rules of policies match it. */
  readonly plural: string;
  readonly isNamespaced: boolean;
}

/**
 * Judges resources by policies, in a worker of its own; the engine folder implements it. Calls are carried out in turn.
 * What a policy does wrong is data (a problem, a broken outcome); a method rejects with a Fault only when the engine as
 * a whole is broken. Nothing sealed is ever handed in, so nothing sealed can come out.
 */
export interface PolicyEngine {
  loadRego(source: RegoSource): Promise<LoadedRego>;
  /** One outcome for each input, in order. */
  evaluateRego(
    set: string,
    inputs: readonly PolicyInput[],
    context: PolicyContext,
    limits: PolicyLimits,
  ): Promise<readonly PolicyOutcome[]>;
  /** As conftest's `--combine`: one evaluation whose input is the list of all, each `{path, contents}`. */
  evaluateCombined(
    set: string,
    inputs: readonly PolicyInput[],
    context: PolicyContext,
    limits: PolicyLimits,
  ): Promise<PolicyOutcome>;
  testRego(source: RegoSource, limits: PolicyLimits): Promise<readonly RegoTest[]>;

  loadAdmission(source: AdmissionSource): Promise<LoadedAdmission>;
  /** One outcome for each input, in order. */
  evaluateAdmission(
    set: string,
    inputs: readonly AdmissionInput[],
    limits: PolicyLimits,
  ): Promise<readonly PolicyOutcome[]>;

  /** Pod Security Standards, for resources that are pods or make some; answers are `pod-security-<level>`. */
  judgePods(
    level: "baseline" | "restricted",
    kubernetes: KubernetesVersion,
    inputs: readonly PolicyInput[],
  ): Promise<readonly PolicyOutcome[]>;

  close(): Promise<void>;
}

export interface PolicyLimits {
  /** Seconds that one call may take before its worker is killed and its inputs are `broken`. */
  readonly seconds: number;
  /** Answers of one rule for one input; what is beyond is one more answer that says how many. */
  readonly answers: number;
  /** What broken policies may take in all calls of one check together; without it each call stands alone. */
  readonly patience?: PolicyPatience;
}

/** Policies that never end take their time once, and not once an app: what is then left is `broken` unasked. */
export interface PolicyPatience {
  /** Whether a set has had its time. */
  isOver(set: string): boolean;
  /** Notes how long a call took of which something could not be judged. */
  spend(set: string, milliseconds: number): void;
}
