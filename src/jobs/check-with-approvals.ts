import {
  nameSubject,
  type AskedException,
  type ExceptionUse,
  type JudgedFinding,
  type Report,
} from "../model/index.ts";
import type { ApprovedException } from "./approve-exceptions.ts";
import type { CheckedPullRequest, CheckOfPullRequest } from "./ports.ts";
import type { JobServices } from "./services.ts";

/** A check, and the exceptions of its change that count in it. */
export interface CheckWithApprovals {
  readonly checked: CheckedPullRequest;
  readonly approved: readonly ApprovedException[];
  /** When the change was rendered and GitHub had not been asked about people yet, in milliseconds since the epoch. */
  readonly askedAt: number;
}

/**
 * Checks, asks who approved the exceptions that turned out to be needed, and if anybody did, checks with them: the
 * second time everything is known already.
 */
export async function checkWithApprovals(
  request: CheckOfPullRequest,
  findApproved: (asked: readonly AskedException[]) => Promise<readonly ApprovedException[]>,
  { checker, now }: Pick<JobServices, "checker" | "now">,
): Promise<CheckWithApprovals> {
  const checked = await checker.check(request);
  const askedAt = now();
  const approved = await findApproved(checked.asked);
  return approved.length === 0
    ? { checked, approved, askedAt }
    : { checked: await checker.check({ ...request, approved }), approved, askedAt };
}

/** Uses of one judgement that go to the audit trail; the report lists all of them. */
const MOST_USES = 1000;

/** Every use of an exception that a report tells of, each once. */
export function listUses(report: Report, approved: readonly ApprovedException[]): readonly ExceptionUse[] {
  const uses = report.findings.flatMap((finding) => describeUse(finding, approved));
  return [...new Map(uses.map((use) => [JSON.stringify(use), use])).values()].slice(0, MOST_USES);
}

function describeUse(finding: JudgedFinding, approved: readonly ApprovedException[]): readonly ExceptionUse[] {
  const { rule, exception } = finding;
  if (exception?.state !== "used" || exception.overriddenBy !== undefined) return [];
  const named = nameSubject(finding);
  const { reason, expires, place, approvers } = exception;
  const approval = approved.find((one) => one.rule === rule && one.resource === named && one.team === approvers);
  return [
    {
      ...{ rule, resource: named, reason, expires },
      place: place === undefined ? undefined : `${place.file}:${place.line}`,
      approval: approval?.approval,
    },
  ];
}
