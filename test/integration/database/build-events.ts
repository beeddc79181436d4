import type {
  CheckState,
  Delivery,
  DesiredCheck,
  HeadVerdict,
  Intent,
  JudgeReason,
  Lane,
  Publication,
  PullRequest,
  RepositoryRef,
  Verdict,
} from "../../../src/model/index.ts";

let last = 1000;

/** An id that nobody else in this process uses. */
export function newId(): number {
  return ++last;
}

export function newRepository(installationId = newId()): RepositoryRef {
  const repositoryId = newId();
  return { installationId, repositoryId, owner: "acme", name: `deploy-${repositoryId}` };
}

export function delivery(intents: readonly Intent[], id = `delivery-${newId()}`): Delivery {
  return { id, event: "pull_request", action: "synchronize", installationId: undefined, intents };
}

export function judge(
  repository: RepositoryRef,
  number: number,
  {
    reason = "pushed",
    lane = "people",
    headSha = "a".repeat(40),
  }: { reason?: JudgeReason; lane?: Lane; headSha?: string } = {},
): Intent {
  return { kind: "judge", repository, number, reason, lane, headSha };
}

export function pullRequest(
  { repositoryId }: RepositoryRef,
  number: number,
  changes: Partial<PullRequest> = {},
): PullRequest {
  return {
    repositoryId,
    number,
    title: "Raise replicas",
    author: { id: 7, login: "kim", type: "User" },
    isOpen: true,
    isMerged: false,
    isDraft: false,
    isFork: false,
    isPublic: false,
    isLocked: false,
    headSha: "a".repeat(40),
    headRef: "more",
    baseRef: "main",
    baseSha: "b".repeat(40),
    labels: [],
    createdAt: "2026-01-02T03:04:05.000Z",
    ...changes,
  };
}

export function verdict(state: CheckState, changes: Partial<Verdict> = {}): Verdict {
  const title = state === "success" ? "Nothing is wrong" : "1 error";
  const part = { name: "drydock/manifests", state, title, summary: "", details: "", annotations: [] } as const;
  return {
    headSha: "a".repeat(40),
    baseSha: "b".repeat(40),
    baseRef: "main",
    parts: [part],
    isAdvice: false,
    hash: `hash of ${state}`,
    ...changes,
  };
}

export function publication(comments: readonly string[]): Publication {
  return { comments, review: { threads: [], overflow: 0, standing: [] }, labels: [], standingLabels: [] };
}

/** The gate is red when one verdict is; its summary lists who was asked. */
export function combine(_headSha: string, verdicts: readonly HeadVerdict[]): readonly DesiredCheck[] {
  const states = verdicts.map(({ verdict: one }) => one?.parts[0]?.state ?? "in_progress");
  const state = states.includes("failure") ? "failure" : states.includes("in_progress") ? "in_progress" : "success";
  const summary = verdicts.map(({ number, baseRef }) => `${number ?? "group"} into ${baseRef}`).join(", ");
  return [check("drydock", state, summary), check("drydock/manifests", state, summary)];
}

export function check(name: DesiredCheck["name"], state: CheckState, summary = ""): DesiredCheck {
  return { name, state, title: state, summary, text: "", annotations: [], page: undefined };
}
