import { z } from "zod";
import { nearestName } from "../config/index.ts";
import { ENVIRONMENT_RULES } from "../model/index.ts";
import { code } from "../report/markdown/inline.ts";
import { listPhrase } from "../report/phrase.ts";

/** What is read of a report that was stored as JSON, maybe by an earlier version; see `schemas/report.schema.json`. */
const storedReport = z.object({
  apps: z.array(z.object({ failure: z.object({ kind: z.string() }).nullish() })),
  findings: z.array(z.object({ rule: z.string() })),
});
/** Whose Failures are overridden by the name of the check. */
const CHECKS = ["drydock/manifests", "drydock/policy"] as const;
const NAMES_TOLD = 40;

/**
 * Why a rule cannot be overridden, as a sentence in Markdown with the names that exist; undefined when it can: every rule
 * of environments, what the report found, the kinds of its Failures, and the checks that these are of.
 */
export function findOverrideProblem(rule: string, json: string | undefined): string | undefined {
  const parsed = json === undefined ? undefined : storedReport.safeParse(JSON.parse(json));
  const { apps = [], findings = [] } = parsed?.success === true ? parsed.data : {};
  const found = [...findings.map((finding) => finding.rule), ...apps.flatMap(({ failure }) => failure?.kind ?? [])];
  const names = [...new Set([...ENVIRONMENT_RULES, ...CHECKS, ...found.sort()])];
  if (names.includes(rule)) return undefined;
  const nearest = nearestName(rule, names);
  const hint = nearest === undefined ? "" : `; did you mean ${code(nearest)}?`;
  const told = listPhrase(
    names.map((name) => code(name)),
    NAMES_TOLD,
  );
  return `nothing of this name keeps this pull request out${hint}${hint === "" ? "." : ""} What can be overridden here: ${told}.`;
}
