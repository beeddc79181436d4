import type { AppId } from "./app.ts";
import type { FieldPath } from "./manifest.ts";

/** A file of a policy set, read from a tree that the change cannot alter. */
export interface PolicyFile {
  /** Path in the repository it comes from; `<owner>/.github: <path>` for the organisation's. */
  readonly file: string;
  readonly text: string;
}

/** One compiled Rego rule of the names that conftest knows. */
export interface RegoRule {
  /** `rego/<package>/<name>`: `rego/main/deny_latest`. */
  readonly id: string;
  readonly kind: "deny" | "violation" | "warn";
  readonly file: string;
  readonly line: number;
  /** From the metadata comment above it, where there is one. */
  readonly title: string | undefined;
  readonly description: string | undefined;
}

/** What is wrong with a policy itself: it is a Failure of the check and never a pass. */
export interface PolicyProblem {
  /** `file` and `line` are those of a policy in the repository; undefined where it has none (limits). */
  readonly file: string | undefined;
  readonly line: number | undefined;
  /** Where the engine knows it; counts from 1. */
  readonly column?: number | undefined;
  readonly message: string;
}

/** What a pull request knows and a manifest does not. Undefined on the command line, unless a facts file says it. */
export interface PullRequestFacts {
  readonly number: number;
  readonly author: string;
  readonly labels: readonly string[];
  readonly baseRef: string;
}

/** A resource as an engine gets it: canonical JSON in which sealed values are null, and where these are. */
export interface PolicySubject {
  readonly json: string;
  /** JSON pointers of sealed values. */
  readonly sealed: readonly string[];
}

/** One resource to be judged: as it would be, and as it is before the change (undefined: it is created). */
export interface PolicyInput {
  readonly object: PolicySubject;
  readonly before: PolicySubject | undefined;
}

/** What a policy says of one resource. */
export interface PolicyAnswer {
  /** `rego/<package>/<name>`, `vap/<policy>`, `kyverno/<policy>`, `crd-rule`, `pod-security-baseline`, … */
  readonly rule: string;
  readonly effect: "deny" | "warn" | "unknown";
  readonly message: string;
  /** The field it is about, where the policy says so. */
  readonly path: FieldPath;
  /** How many results of the rule it stands for, where it counts those that are too many to be told. */
  readonly rest?: number;
}

/** What is known of where a resource goes. */
export interface PolicyContext {
  readonly app: AppId;
  readonly environment: string | undefined;
  readonly pullRequest: PullRequestFacts | undefined;
}

/** What came of one unit test of a policy. */
export interface RegoTest {
  readonly name: string;
  readonly package: string;
  readonly file: string;
  readonly line: number;
  readonly result: "passed" | "failed" | "errored" | "skipped";
  /** Why it failed: the first expression that did not hold, or the error; what the test printed. */
  readonly message: string | undefined;
}
