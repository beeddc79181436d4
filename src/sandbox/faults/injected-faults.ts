/** How GitHub, or the way to it, lets a caller down. `before` and `after` say whether the request had its effect. */
export type Failing =
  | {
      readonly kind: "status";
      readonly when: "before" | "after";
      readonly status: number;
      /** By default what GitHub says with this status. */
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection is closed without an answer. */
  | { readonly kind: "drop"; readonly when: "before" | "after" }
  /** The connection stays open and no answer ever comes. */
  | { readonly kind: "hang"; readonly when: "before" | "after" }
  /** The answer comes, late. */
  | { readonly kind: "delay"; readonly milliseconds: number };

export interface InjectedFault {
  /** OpenAPI operation id such as `checks/create`, or a name of the stand-in's own such as `git/upload-pack`. */
  readonly operationId: string;
  readonly failing: Failing;
  /** How many requests fail (default 1). */
  readonly count?: number;
  /** How many requests pass first (default 0). */
  readonly skip?: number;
  /** Only requests whose path holds this, such as `/acme/config/` (any unless told). */
  readonly path?: string;
}

interface Waiting {
  readonly operationId: string;
  readonly path: string;
  readonly failing: Failing;
  left: number;
  skip: number;
}

/** What was injected and did not happen yet. */
export interface Faults {
  readonly waiting: Waiting[];
  /** Commit, or `*` for any → how many fetches do not find it yet. */
  readonly lateCommits: Map<string, number>;
}

/** No faults. */
export function createFaults(): Faults {
  return { waiting: [], lateCommits: new Map() };
}

/** Lets requests of one operation fail. Faults of one operation happen in the order of their injection. */
export function injectFault(faults: Faults, injected: InjectedFault): void {
  const { operationId, failing, count = 1, skip = 0, path = "" } = injected;
  faults.waiting.push({ operationId, path, failing, left: count, skip });
}

/** Lets the next fetches of a commit (of any, without `sha`) end in "not our ref", as right after a push. */
export function delayCommit(faults: Faults, fetches: number, sha = "*"): void {
  faults.lateCommits.set(sha, fetches);
}

/** The fault that this request meets, once; undefined when it goes well. */
export function takeFault(faults: Faults, operationId: string, path = ""): Failing | undefined {
  const index = faults.waiting.findIndex((fault) => fault.operationId === operationId && path.includes(fault.path));
  const fault = faults.waiting[index];
  if (fault === undefined) return undefined;
  if (fault.skip > 0) {
    fault.skip -= 1;
    return undefined;
  }
  fault.left -= 1;
  if (fault.left <= 0) faults.waiting.splice(index, 1);
  return fault.failing;
}

/** The first of the wanted commits that is not there yet; each call counts as one fetch. */
export function takeLateCommit(faults: Faults, wanted: readonly string[]): string | undefined {
  for (const sha of wanted) {
    for (const key of [sha, "*"]) {
      const left = faults.lateCommits.get(key) ?? 0;
      if (left <= 0) continue;
      faults.lateCommits.set(key, left - 1);
      return sha;
    }
  }
  return undefined;
}

/** GitHub's own words for a status. */
export function describeStatus(status: number): string {
  return MESSAGES.get(status) ?? "Server Error";
}

const MESSAGES: ReadonlyMap<number, string> = new Map([
  [401, "Bad credentials"],
  [403, "Resource not accessible by integration"],
  [404, "Not Found"],
  [409, "Conflict"],
  [422, "Validation Failed"],
  [500, "Server Error"],
  [502, "Server Error"],
  [503, "Service unavailable"],
]);
