import { createHash } from "node:crypto";
import type { AppReport, FindingException, JudgedFinding, Level, Report, SourceLocation } from "../../model/index.ts";
import { toPointer } from "../../model/index.ts";
import { describeApiVersion, describeResource } from "../describe.ts";
import { count } from "../phrase.ts";
import { describeRules } from "../describe-rule.ts";
import { describeException } from "../exceptions.ts";
import { toRelativeUri } from "./relative-uri.ts";
import type { Json, JsonObject } from "../json/write-json.ts";
import { writeJson } from "../json/write-json.ts";

// GitHub shows the first 5,000 results of a run, refuses more than 25,000, and files above 10 MB when gzipped. Without
// a start line it refuses a location:
// https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
const RESULT_LIMIT = 5_000;
/** What results may take before compression: texts that nothing compresses are what an attacker would send. */
const RESULT_BYTES = 8 * 1024 * 1024;
/** Texts beyond this many characters are cut: of rules GitHub takes 1,024 (same page), of results a page shows less. */
const TEXT_LIMITS = { rule: 1_000, result: 4_000 };

/** One line of the log before it is written. */
interface SarifResult {
  readonly ruleId: string;
  readonly level: "error" | "warning" | "note";
  readonly isNew: boolean;
  readonly message: string;
  readonly location: SourceLocation;
  /** An exception of a policy that takes it, or would once it is approved. */
  readonly exception: FindingException | undefined;
  /** What makes it the same result in the next run: no line, no file, no message. */
  readonly identity: readonly string[];
}

/**
 * The findings and failures as SARIF 2.1.0 for code scanning: one run, one rule for each kind of finding. What is known
 * from the base is `unchanged`. Beyond what GitHub shows the least important results are left out, and the log says so.
 */
export function renderSarif(report: Report): string {
  const all = [...listFailures(report), ...listFindings(report)];
  const sorted = [...all.filter((result) => result.isNew), ...all.filter((result) => !result.isNew)];
  const ruleIds = [...new Set(sorted.slice(0, RESULT_LIMIT).map((result) => result.ruleId))].sort();
  const kept = keepFitting(toResults(sorted.slice(0, RESULT_LIMIT), ruleIds));
  return writeJson({
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: toDriver(report, ruleIds) },
        automationDetails: { id: "drydock/manifests/" },
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: { "%SRCROOT%": { description: { text: "The root of the repository." } } },
        invocations: [toInvocation(report, all.length - kept.length)],
        results: kept,
      },
    ],
  });
}

/** As many results from the front as the file has room for. */
function keepFitting(results: readonly Json[]): readonly Json[] {
  let bytes = 0;
  const end = results.findIndex((result) => (bytes += Buffer.byteLength(writeJson(result))) > RESULT_BYTES);
  return end < 0 ? results : results.slice(0, end);
}

function toDriver(report: Report, ruleIds: readonly string[]): JsonObject {
  const describe = describeRules(report.policies);
  return {
    name: "Drydock",
    semanticVersion: report.versions.drydock,
    rules: ruleIds.map((id) => {
      const { title, help, why, link } = describe(id);
      const [short, full, text] = [title, why ?? "", help].map((said) => escapeMessage(said, TEXT_LIMITS.rule));
      const fullDescription = why === undefined ? undefined : { text: full };
      return { id, shortDescription: { text: short }, fullDescription, help: { text }, helpUri: link };
    }),
  };
}

function toInvocation(report: Report, left: number): JsonObject {
  const text = `${count(left, "result")} left out: code scanning shows ${count(RESULT_LIMIT, "result")} at most, and takes no file above 10 MB. The JSON report has more.`;
  return {
    executionSuccessful: report.outcome.status !== "not-checked",
    exitCode: report.outcome.exitCode,
    ...(left > 0 ? { toolExecutionNotifications: [{ level: "warning", message: { text } }] } : {}),
  };
}

function listFindings(report: Report): SarifResult[] {
  const paths = new Map(report.apps.map((app) => [app.id, app.path]));
  const levels: Record<Level, SarifResult["level"]> = { error: "error", warning: "warning", notice: "note" };
  return report.findings.map((finding) => ({
    ruleId: finding.rule,
    level: levels[finding.level],
    isNew: finding.isNew,
    message: writeMessage(finding),
    location: finding.location ?? wholeFile(paths.get(finding.apps[0] ?? "") ?? ""),
    exception: finding.exception,
    identity: [finding.rule, ...identifyResource(finding), finding.field ?? toPointer(finding.path)],
  }));
}

function identifyResource({ resource, location }: JudgedFinding): string[] {
  if (resource === undefined) return [location?.file ?? ""];
  return [describeApiVersion(resource).replace(/\/?[^/]*$/u, ""), resource.kind, resource.namespace, resource.name];
}

function writeMessage(finding: JudgedFinding): string {
  const subject = finding.resource === undefined ? "" : `${describeResource(finding.resource)}: `;
  const reach = finding.apps.length > 1 ? ` (in ${count(finding.apps.length, "app")})` : "";
  const lines = [describeException(finding), finding.help].filter((line) => line !== undefined);
  return [`${subject}${finding.message}${reach}`, ...lines].join("\n");
}

function listFailures(report: Report): SarifResult[] {
  const levels = { fails: "error", "not-checked": "warning", passes: "note" } as const;
  return report.apps.flatMap(({ id, path, failure }: AppReport) => {
    if (failure === undefined) return [];
    const { kind, effect, isNew, message, location } = failure;
    const result: SarifResult = {
      ruleId: `failure/${kind}`,
      level: levels[effect],
      isNew,
      message: `${id} could not be rendered: ${message}`,
      location: location ?? wholeFile(path),
      exception: undefined,
      identity: [`failure/${kind}`, id],
    };
    return [result];
  });
}

function wholeFile(file: string): SourceLocation {
  return { file, line: undefined, endLine: undefined, column: undefined };
}

/** Equal identities are told apart by their order, so that no two results share a fingerprint. */
function toResults(results: readonly SarifResult[], ruleIds: readonly string[]): Json[] {
  const seen = new Map<string, number>();
  // Present on all results of a run or on none (SARIF 2.1.0 §3.27.23).
  const hasSuppressions = results.some(({ exception }) => listSuppressions(exception).length > 0);
  const indexes = new Map(ruleIds.map((id, index) => [id, index]));
  return results.map((result) => {
    const hash = createHash("sha256").update(JSON.stringify(result.identity)).digest("hex").slice(0, 32);
    const ordinal = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, ordinal);
    return {
      ruleId: result.ruleId,
      ruleIndex: indexes.get(result.ruleId) ?? -1,
      level: result.level,
      baselineState: result.isNew ? "new" : "unchanged",
      message: { text: escapeMessage(result.message) },
      locations: [{ physicalLocation: toPhysicalLocation(result.location) }],
      suppressions: hasSuppressions ? listSuppressions(result.exception) : undefined,
      // The one name that GitHub compares results by.
      partialFingerprints: { primaryLocationLineHash: `${hash}:${ordinal}` },
    };
  });
}

/** What has expired suppresses nothing; the message says so. */
function listSuppressions(exception: FindingException | undefined): readonly JsonObject[] {
  if (exception === undefined || exception.state === "expired") return [];
  const status = exception.state === "used" ? "accepted" : "underReview";
  const location =
    exception.place === undefined
      ? undefined
      : { physicalLocation: toPhysicalLocation({ ...wholeFile(exception.place.file), line: exception.place.line }) };
  return [{ kind: "external", status, justification: escapeMessage(exception.reason), location }];
}

/** Plain text of a message may hold links `[text](target)` (SARIF 2.1.0 §3.11.6): a space keeps it from being one. */
function escapeMessage(message: string, limit = TEXT_LIMITS.result): string {
  const text = message.length > limit ? `${message.slice(0, limit)}…` : message;
  return text.toWellFormed().replaceAll("](", "] (");
}

function toPhysicalLocation(location: SourceLocation): JsonObject {
  const { file, line = 1, endLine, column } = location;
  return {
    artifactLocation: { uri: toRelativeUri(file), uriBaseId: "%SRCROOT%" },
    region: { startLine: line, startColumn: column, endLine },
  };
}
