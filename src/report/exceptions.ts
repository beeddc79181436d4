import type { FindingException, JudgedFinding } from "../model/index.ts";

/** Findings that one exception takes, in the report's order. */
export interface UsedException {
  readonly rule: string;
  readonly exception: FindingException;
  readonly findings: readonly JudgedFinding[];
}

/** Puts findings together that one exception is about; those without one are left out. */
export function groupExceptions(findings: readonly JudgedFinding[]): UsedException[] {
  const groups = new Map<string, UsedException & { readonly findings: JudgedFinding[] }>();
  for (const finding of findings) {
    const { rule, exception } = finding;
    if (exception === undefined) continue;
    const { reason, expires, approvers, place, overriddenBy } = exception;
    const key = JSON.stringify([rule, reason, expires, approvers, place?.file, place?.line, overriddenBy]);
    const group = groups.get(key) ?? { rule, exception, findings: [] };
    group.findings.push(finding);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Where an exception is written. */
export function describeExceptionPlace({ place, overriddenBy }: FindingException): string {
  if (overriddenBy !== undefined) return `override by ${overriddenBy}`;
  return place === undefined ? "annotation of the resource" : `${place.file}:${place.line}`;
}

/** `until 2027-01-31, approvers: team security`; empty where neither is said. */
export function describeTerms({ expires, approvers }: FindingException): string {
  return [
    ...(expires === undefined ? [] : [`until ${expires}`]),
    ...(approvers === undefined ? [] : [`approvers: team ${approvers}`]),
  ].join(", ");
}

/** What is to be said beside a finding that counts although there is an exception for it. */
export function describeException({ exception }: Pick<JudgedFinding, "exception">): string | undefined {
  if (exception === undefined) return undefined;
  switch (exception.state) {
    case "used":
      return undefined;
    case "expired":
      return `The exception for it (${describeExceptionPlace(exception)}) expired on ${exception.expires ?? "an earlier day"}.`;
    case "waiting":
      return `An exception for it waits for an approval${exception.approvers === undefined ? "" : ` by team ${exception.approvers}`}.`;
    default:
      return exception.state satisfies never;
  }
}
