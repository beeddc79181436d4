import type {
  AgentObject,
  AppFailure,
  AppReport,
  FieldChange,
  FindingException,
  JudgedFinding,
  ManifestMap,
  ManifestValue,
  Outcome,
  RegoRule,
  Report,
  ResourceChange,
  ResourceId,
  Side,
  SourceLocation,
} from "../../model/index.ts";
import { NumberText, SealedValue, toPointer } from "../../model/index.ts";
import { describeApiVersion } from "../describe.ts";
import type { Json, JsonObject } from "./write-json.ts";
import { RawNumber, writeJson } from "./write-json.ts";

/** The report as JSON, as `schemas/report.schema.json` says. Holds everything; numbers stand as their source has them. */
export function renderJson(report: Report): string {
  return writeJson({
    version: report.version,
    repository: report.repository,
    base: toSide(report.base),
    head: toSide(report.head),
    outcome: toOutcome(report.outcome),
    outcomes: { manifests: toOutcome(report.outcomes.manifests), policy: toOutcome(report.outcomes.policy) },
    totals: { ...report.totals },
    apps: toApps(report),
    findings: report.findings.map((finding) => ({ ...toFinding(finding, finding.apps[0]), apps: finding.apps })),
    policies: report.policies.map(toPolicy),
    agents: report.agents.map(toAgent),
    notes: report.notes,
    decision: { needs: report.decision.needs, changesAt: toMoment(report.decision.changesAt) },
    versions: {
      drydock: report.versions.drydock,
      kubernetes: report.versions.kubernetes,
      engines: new Map(Object.entries(report.versions.engines).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  });
}

function toOutcome({ status, exitCode, title }: Outcome): JsonObject {
  return { status, exitCode, title };
}

function toPolicy({ id, kind, file, line, title, description }: RegoRule): JsonObject {
  return { id, kind, file, line, title: title ?? null, description: description ?? null };
}

function toSide({ ref, commit, tree }: Side): JsonObject {
  return { ref, commit: commit ?? null, tree };
}

function toApps(report: Report): Json[] {
  const findings = new Map<string, JudgedFinding[]>();
  for (const finding of report.findings) {
    for (const app of finding.apps) {
      const own = findings.get(app);
      if (own === undefined) findings.set(app, [finding]);
      else own.push(finding);
    }
  }
  return report.apps.map((app) => toApp(app, findings.get(app.id) ?? []));
}

function toApp(app: AppReport, findings: readonly JudgedFinding[]): JsonObject {
  return {
    id: app.id,
    kind: app.kind,
    path: app.path,
    environment: app.environment ?? null,
    guessed: app.guessed,
    assumptions: app.assumptions,
    status: app.status,
    resources: { base: app.resources.base ?? null, head: app.resources.head ?? null },
    changes: app.changes.map(toChange),
    findings: findings.map((finding) => toFinding(finding, app.id)),
    failure: app.failure === undefined ? null : toFailure(app.failure),
  };
}

function toChange(change: ResourceChange): JsonObject {
  return {
    action: change.action,
    ...toIdentity(change.resource),
    previous: change.previous && toIdentity(change.previous),
    hooks: change.hooks.length > 0 ? change.hooks : undefined,
    moved: change.moved && { direction: change.moved.direction, app: change.moved.app },
    fields: change.fields.map(toField),
    noise: change.noise,
    risk: change.risks.map(({ id, level, message }) => ({ id, level, message })),
    images: change.images.map(({ container, before, after }) => ({
      container,
      before: before ?? null,
      after: after ?? null,
    })),
    ...toPlace(change.location),
    diff: change.diff,
  };
}

function toIdentity(resource: ResourceId): JsonObject {
  const { kind, namespace, name } = resource;
  return { apiVersion: describeApiVersion(resource), kind, namespace, name };
}

function toField(field: FieldChange): JsonObject {
  const isSealed = holdsSecret(field.before) || holdsSecret(field.after);
  return {
    path: toPointer(field.path),
    label: field.label,
    before: field.before === undefined ? undefined : toValue(field.before),
    after: field.after === undefined ? undefined : toValue(field.after),
    sealed: isSealed || undefined,
    noise: field.noise,
  };
}

function holdsSecret(value: ManifestValue | undefined): boolean {
  if (value instanceof SealedValue) return true;
  if (Array.isArray(value)) return (value as readonly ManifestValue[]).some(holdsSecret);
  return value instanceof Map && [...(value as ManifestMap).values()].some(holdsSecret);
}

function toValue(value: ManifestValue): Json {
  if (value instanceof SealedValue) return null;
  // The grammar of RFC 8259 §6: what is no JSON number is told as text rather than breaking the document.
  if (value instanceof NumberText) {
    return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/u.test(value.text) ? new RawNumber(value.text) : value.text;
  }
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (Array.isArray(value)) return (value as readonly ManifestValue[]).map(toValue);
  return new Map([...(value as ManifestMap)].map(([key, item]) => [key, toValue(item)]));
}

function toFinding(finding: JudgedFinding, app: string | undefined): JsonObject {
  return {
    rule: finding.rule,
    check: finding.check,
    level: finding.level,
    isNew: finding.isNew,
    message: finding.message,
    app: app ?? null,
    resource: finding.resource === undefined ? null : toIdentity(finding.resource),
    path: toPointer(finding.path),
    ...toPlace(finding.location),
    isRendered: finding.isRendered,
    help: finding.help ?? null,
    exception: finding.exception === undefined ? null : toException(finding.exception),
  };
}

function toException({ state, reason, expires, approvers, place }: FindingException): JsonObject {
  const { file = null, line = null } = place ?? {};
  return { state, reason, expires: expires ?? null, approvers: approvers ?? null, file, line };
}

function toMoment(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}

function toPlace(location: SourceLocation | undefined): JsonObject {
  return {
    file: location?.file ?? null,
    line: location?.line ?? null,
    endLine: location?.endLine ?? null,
    column: location?.column ?? null,
  };
}

function toFailure(failure: AppFailure): JsonObject {
  const { kind, cause, isNew, isTouched, isAccepted, effect, message, location, help } = failure;
  return {
    kind,
    cause,
    isNew,
    isTouched,
    isAccepted,
    effect,
    message,
    file: location?.file ?? null,
    line: location?.line ?? null,
    help: help ?? null,
  };
}

function toAgent({ agent, kind, namespace, name, file }: AgentObject): JsonObject {
  return { agent, kind, namespace, name, file };
}
