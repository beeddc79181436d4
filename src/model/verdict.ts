import type { Level } from "./finding.ts";

/** The checks by their names on GitHub. `drydock` is the gate, the one to require. */
export const JUDGED_CHECK_NAMES = ["drydock/manifests", "drydock/policy", "drydock/environments"] as const;
export const CHECK_NAMES = ["drydock", ...JUDGED_CHECK_NAMES] as const;
export type CheckName = (typeof CHECK_NAMES)[number];
/**
 * Says of a commit that was pushed into an environment without a pull request. A name of its own: the commit may be the
 * head of a pull request too, whose checks are that one's.
 */
export const PUSH_CHECK_NAME = "drydock/pushes";
export type JudgedCheckName = (typeof JUDGED_CHECK_NAMES)[number];

/** What the button that Drydock puts on its checks is called, in the check and in the webhook when it is pressed. */
export const RERUN_ACTION = "drydock-rerun";

/** Neutral and skipped satisfy a required check on GitHub, so they are never a verdict (T30). */
export type CheckState = "success" | "failure" | "in_progress";

/** A finding where GitHub shows it: on lines of a file of the head. Bounds are applied when it is sent. */
export interface CheckAnnotation {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly level: Level;
  readonly title: string;
  /** Plain text: GitHub renders no Markdown here. */
  readonly message: string;
}

/**
 * What one judgement says for one check. A value that is stored and compared: no time, no attempt, no host in it.
 * `summary` and `details` are GitHub Markdown in which nothing from the repository is active.
 */
export interface CheckPart {
  readonly name: JudgedCheckName;
  readonly state: CheckState;
  /** One sentence of at most 60 characters. */
  readonly title: string;
  readonly summary: string;
  readonly details: string;
  /** Errors first, at most as many as `checks.annotations` says; the summary counts the rest. */
  readonly annotations: readonly CheckAnnotation[];
  /** True where it counts although the verdict is advice: the default branch says what rules of environments are for. */
  readonly isEnforced?: boolean | undefined;
}

/** The result of judging one pull request, or one merge group, at one head and one base. */
export interface Verdict {
  readonly headSha: string;
  readonly baseSha: string;
  readonly baseRef: string;
  readonly parts: readonly CheckPart[];
  /** Every check is `success`, titled "Would have failed: …". */
  readonly isAdvice: boolean;
  /** SHA-256 over everything that would be published; equal hashes are never written twice. */
  readonly hash: string;
  /** Path of the page with the report on our own server, where those who see the check can open it. */
  readonly page?: string | undefined;
  /**
   * The first moment at which the same facts may give another verdict, in milliseconds since the epoch: it is judged
   * again then, although nothing moved. Undefined where time alone changes nothing.
   */
  readonly changesAt?: number | undefined;
  /** Whether rules were asked whose facts move without the two commits: reviews, teams, locks. */
  readonly isRuled?: boolean | undefined;
}

/** A verdict among those that share a head: the number is undefined for a merge group. */
export interface HeadVerdict {
  readonly number: number | undefined;
  readonly baseRef: string;
  /** Undefined while this pull request has not been judged at this head. */
  readonly verdict: Verdict | undefined;
}

/** `cancelled` is no verdict: nobody waits for one any more. GitHub does not take it for a success. */
export type WrittenCheck = Omit<DesiredCheck, "state"> & { readonly state: CheckState | "cancelled" };

/** A check run as it should stand on one commit. `page` is a path on our own server, never a whole address. */
export interface DesiredCheck {
  readonly name: CheckName | typeof PUSH_CHECK_NAME;
  readonly state: CheckState;
  readonly title: string;
  readonly summary: string;
  readonly text: string;
  readonly annotations: readonly CheckAnnotation[];
  readonly page: string | undefined;
}
