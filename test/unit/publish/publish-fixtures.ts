import assert from "node:assert/strict";
import { readRepositoryConfig } from "../../../src/config/index.ts";
import type { RepositoryConfig } from "../../../src/config/index.ts";
import type { Report } from "../../../src/model/index.ts";
import type { JudgedFacts, PublicationFacts } from "../../../src/publish/index.ts";
import { NO_RULES } from "../../fakes/environment-facts.ts";
import { makeReport, REPORTS } from "../../fakes/reports.ts";

export const COMMITS: JudgedFacts = {
  headSha: "9e8d7c6b5a49".padEnd(40, "0"),
  baseSha: "1".repeat(40),
  baseRef: "main",
  decision: NO_RULES,
  areRulesAdvice: false,
};
export const PAGE = "https://drydock.example/shop/deploy/pull/7";

export const FACTS: PublicationFacts = {
  isDraft: false,
  state: "success",
  labels: [],
  isFork: false,
  isQuiet: false,
  commentable: new Map(),
  requiresResolvedConversations: false,
  pageUrl: PAGE,
};

/** The keys after `version: 1`. */
export function readConfig(text = ""): RepositoryConfig {
  const reading = readRepositoryConfig(`version: 1\n${text}`, ".github/drydock.yaml");
  assert.equal(reading.kind, "loaded", JSON.stringify(reading));
  return reading.config;
}

export function reportOf(name: string): Report {
  const report = REPORTS.get(name);
  assert.ok(report, `there is no report ${name}`);
  return report;
}

/** Many apps, each with its own changes; every diff has `lines` lines of `text`. */
export function manyApps(amount: number, lines: number, text: string, make: MakeApp): Report {
  const diff = `@@ -1,1 +1,${lines} @@\n${Array.from({ length: lines }, (_, line) => `+${text}${line}\n`).join("")}`;
  const apps = Array.from({ length: amount }, (_, index) => make(`apps/team-${index}`, `web-${index}`, diff));
  return makeReport({ apps, outcome: { status: "passed", exitCode: 0, title: `${amount} apps change, no errors` } });
}

type MakeApp = (path: string, name: string, diff: string) => Report["apps"][number];
