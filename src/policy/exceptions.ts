import type { PolicyException, RuleHold } from "../config/index.ts";
import {
  decodeManifest,
  endOfDay,
  nameResource,
  nameSubject,
  type AppId,
  type FindingException,
  type JudgedFinding,
  type Manifest,
  type ResourceId,
  type SourceLocation,
} from "../model/index.ts";
import { isMap, readMap } from "./read-value.ts";

/** Annotations of resources that except them from a rule: `except.drydock.dev/image-tag: until 2027-01-31 we pin it there`. */
const ANNOTATION_PREFIX = "except.drydock.dev/";

/** What an exception says, whatever its place in the file: equal texts are the same exception. */
export function printException({ rule, resource, path, apps, reason, expires, approvers }: PolicyException): string {
  const subject = resource?.pattern ?? { path: path?.pattern };
  return JSON.stringify([rule, subject, apps?.pattern, reason, expires, approvers]);
}

/** What exceptions are judged by. */
export interface ExceptionFacts {
  /** Those of the config that the check goes by. */
  readonly standing: readonly PolicyException[];
  /** Those that the change adds. Each counts once it is approved. */
  readonly added: readonly PolicyException[];
  /** Path of the config file. */
  readonly file: string;
  /** Today in UTC, `2027-01-31`. */
  readonly today: string;
  /** Whether somebody who may has approved an exception of the change for this subject; `text` is all that it says. */
  readonly isApproved: (rule: string, subject: string, approvers: string | undefined, text: string) => boolean;
  /** The team that approves exceptions of a rule, where the config names one. */
  readonly approversOf: (rule: string) => string | undefined;
  /** How the organisation's floor holds a rule; undefined where it leaves it to the repository. */
  readonly holdOf: (rule: string) => RuleHold | undefined;
}

export interface ExceptedFinding {
  readonly rule: string;
  readonly resource: ResourceId | undefined;
  /** Where it stands; asked of one that is in no resource. */
  readonly location?: SourceLocation | undefined;
  readonly apps: readonly AppId[];
}

/**
 * The exception that takes a finding, if any. One of several that is in force wins; then one that waits for its
 * approval; then one that has expired, which takes nothing and is told. `annotated` is what the resource itself says.
 * From a rule that the organisation's floor holds, what the repository excepts counts in each change that needs it once
 * the floor's team has approved it, and not at all where the floor names none: nobody else could undo the floor.
 */
export function findException(
  finding: ExceptedFinding,
  facts: ExceptionFacts,
  annotated: FindingException | undefined,
): FindingException | undefined {
  const hold = facts.holdOf(finding.rule);
  const isLeft = ({ file }: Pick<PolicyException, "file">): boolean =>
    hold === undefined || file !== undefined || hold.approvers !== undefined;
  const needsWord = ({ file }: PolicyException): boolean => hold !== undefined && file === undefined;
  const candidates = [
    ...facts.standing
      .filter((one) => isLeft(one) && covers(one, finding))
      .map((one) => fromConfig(one, finding, facts, needsWord(one))),
    ...facts.added
      .filter((one) => isLeft(one) && covers(one, finding))
      .map((one) => fromConfig(one, finding, facts, true)),
    ...(annotated === undefined || !isLeft({}) ? [] : [fromAnnotation(annotated, finding, facts, hold)]),
  ];
  const order = ["used", "waiting", "expired"] as const;
  return order.map((state) => candidates.find((one) => one.state === state)).find((one) => one !== undefined);
}

function fromAnnotation(
  annotated: FindingException,
  finding: ExceptedFinding,
  facts: ExceptionFacts,
  hold: RuleHold | undefined,
): FindingException {
  if (hold === undefined || annotated.state !== "used") return annotated;
  const { rule } = finding;
  const text = JSON.stringify(["annotation", rule, annotated.reason, annotated.expires]);
  const isApproved = facts.isApproved(rule, nameSubject(finding), hold.approvers, text);
  return { ...annotated, approvers: hold.approvers, state: isApproved ? "used" : "waiting" };
}

/**
 * When the first of the exceptions that take findings, or wait for their approval, is over; in milliseconds since the
 * epoch. Always after the day that they were judged on. Undefined where none of them ends.
 */
export function findEnd(findings: readonly Pick<JudgedFinding, "exception">[]): number | undefined {
  const ends = findings.flatMap(({ exception }) => {
    if (exception?.expires === undefined || exception.state === "expired") return [];
    return endOfDay(exception.expires) ?? [];
  });
  return ends.length === 0 ? undefined : ends.reduce((first, end) => Math.min(first, end));
}

function covers(exception: PolicyException, finding: ExceptedFinding): boolean {
  if (exception.rule !== finding.rule || !coversSubject(exception, finding)) return false;
  const { apps } = exception;
  // A finding reached through several apps is excepted where the exception takes all of them.
  return apps === undefined || (finding.apps.length > 0 && finding.apps.every((id) => apps.matches(id)));
}

/** A file is named for what is in no resource alone: else one word would take whatever is rendered from it. */
function coversSubject({ resource, path }: PolicyException, finding: ExceptedFinding): boolean {
  if (finding.resource !== undefined) return resource?.matches(nameResource(finding.resource)) === true;
  return finding.location !== undefined && path?.matches(finding.location.file) === true;
}

function fromConfig(
  exception: PolicyException,
  finding: ExceptedFinding,
  facts: ExceptionFacts,
  needsApproval: boolean,
): FindingException {
  const { line, rule, reason, expires, approvers, file = facts.file } = exception;
  // Who adds an exception does not choose who approves it, where the base has chosen.
  const team = needsApproval ? (facts.approversOf(rule) ?? approvers) : (approvers ?? facts.approversOf(rule));
  const said = { reason, expires, approvers: team, place: { file, line } };
  if (expires !== undefined && expires < facts.today) return { ...said, state: "expired" };
  const counts = !needsApproval || facts.isApproved(rule, nameSubject(finding), team, printException(exception));
  return { ...said, state: counts ? "used" : "waiting" };
}

/** What an annotation of the resource excepts from a rule that lets it, `except.drydock.dev/<rule>: reason`. */
export function readAnnotation(rule: string, manifest: Manifest, today: string): FindingException | undefined {
  // Decoding costs; few resources have one.
  if (!manifest.json.includes(`"${ANNOTATION_PREFIX}${rule}"`)) return undefined;
  const value = decodeManifest(manifest);
  const text = isMap(value) ? readMap(value, "metadata", "annotations")?.get(`${ANNOTATION_PREFIX}${rule}`) : undefined;
  if (typeof text !== "string" || text.trim() === "") return undefined;
  const [, expires, rest = text] = /^until (\d{4}-\d{2}-\d{2})\b[\s:]*(.*)$/su.exec(text.trim()) ?? [];
  // A day that there is not never ends: taking it for one would let the finding pass for good.
  const isExpired = expires !== undefined && (expires < today || endOfDay(expires) === undefined);
  const state = isExpired ? "expired" : "used";
  return { state, reason: rest.trim(), expires, approvers: undefined, place: undefined };
}
