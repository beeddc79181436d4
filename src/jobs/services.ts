import type { Checker, GitHub, Log, Records } from "./ports.ts";

/** What jobs do their work with; the same values for every job, and none of them holds state of one. */
export interface JobServices {
  readonly github: GitHub;
  readonly records: Records;
  readonly checker: Checker;
  readonly settings: {
    /** A fork's pull request to a public repository waits for a maintainer's `/drydock check`. */
    readonly publicNeedsMaintainer: boolean;
    /** Everybody who can reach the server can open pages of public repositories. */
    readonly arePagesPublic: boolean;
    /** Whether rules of the organization count, and whether nothing passes without them. */
    readonly organizationRules: "optional" | "required" | "off";
    readonly retentionDays: number;
  };
  /** The whole address of a page; undefined when browsers cannot reach this server. */
  readonly pageUrl: (path: string) => string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly log: Log;
}
