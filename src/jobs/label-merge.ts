import type { RuleSet } from "../config/index.ts";
import { listChanges } from "../environments/index.ts";
import type { PullRequest, PullRequestKey } from "../model/index.ts";
import { listAgentLabels, planMergedLabels } from "../publish/index.ts";
import { findMergedBase } from "./find-merged-base.ts";
import { findOrganization } from "./find-organization.ts";
import type { KeptMerge, RepositoryFacts } from "./ports.ts";
import { readDefaultConfig } from "./read-default-config.ts";
import type { JobServices } from "./services.ts";

/**
 * Labels a merged pull request for every environment that it really changed: what was merged is looked at, the commit on
 * the base beside what was there before, whatever a verdict said of it. What cannot be looked at gets no label, and the
 * audit trail says so; what was closed alone gets none either. Safe to run twice; a label that somebody sets or strips later
 * is mended (T54).
 */
export async function labelMerge(key: PullRequestKey, services: JobServices): Promise<void> {
  const { records, github } = services;
  const repository = await records.readRepository(key.repositoryId);
  if (repository === undefined) return;
  const api = github.repository(repository);
  const { config } = await readDefaultConfig(repository, api, services);
  const { merged: template } = config.labels;
  if (template === undefined) return;
  const pullRequest = await api.readPullRequest(key.number);
  if (pullRequest === undefined || pullRequest.isOpen) return;
  const { rules } = config;
  const merge = pullRequest.isMerged ? await findMerge(repository, pullRequest, rules, services) : undefined;
  if (typeof merge === "string") await records.noteUnknownMerge(key, merge);
  const environments = typeof merge === "object" ? merge.environments : [];
  if (typeof merge === "object") await records.keepMerge(key, merge);
  const known = [...new Set([...rules.environments.map(({ name }) => name), ...environments])];
  const own = listAgentLabels({ labels: { merged: template, previews: [] }, environments: known });
  const names = new Set(own.map((name) => name.toLowerCase()));
  await records.wantMergedLabels(key, {
    labels: planMergedLabels(template, environments),
    standing: pullRequest.labels.filter((name) => names.has(name.toLowerCase())).toSorted(),
  });
}

/** What a merge changed, or why nobody knows. */
async function findMerge(
  repository: RepositoryFacts,
  pullRequest: PullRequest,
  now: RuleSet,
  services: JobServices,
): Promise<KeptMerge | string> {
  const { headSha, mergeSha, number } = pullRequest;
  if (mergeSha === undefined) return "GitHub does not say which commit it was merged as";
  const kept = await services.records.readMerge(pullRequest);
  if (kept?.mergeSha === mergeSha) return kept;
  const api = services.github.repository(repository);
  const baseSha = await findMergedBase(
    mergeSha,
    headSha,
    () => api.listCommits(number),
    (sha) => api.readCommit(sha),
  );
  if (baseSha === undefined) return "what it was merged onto is not known";
  const environments = await listMerged({ repository, pullRequest, mergeSha, baseSha }, now, services);
  return environments === undefined ? "the rules of environments are not known" : { mergeSha, headSha, environments };
}

interface MergedPlace {
  readonly repository: RepositoryFacts;
  readonly pullRequest: PullRequest;
  readonly mergeSha: string;
  readonly baseSha: string;
}

/** Environments by the rules that stood before the merge, and by those that stand now: either may be whom it is for. */
async function listMerged(
  { repository, pullRequest, mergeSha, baseSha }: MergedPlace,
  now: RuleSet,
  services: JobServices,
): Promise<readonly string[] | undefined> {
  const { baseRef, headRef } = pullRequest;
  const api = services.github.repository(repository);
  const isDefault = baseRef === repository.defaultBranch;
  const { report, rules } = await services.checker.check({
    ...{ repository, baseRef, baseSha, headRef, headSha: mergeSha, isMerge: false },
    organization: await findOrganization(repository, services),
    rulesSha: isDefault ? baseSha : await api.readBranch(repository.defaultBranch),
  });
  if (rules.problem !== undefined) return undefined;
  const changes = [...listChanges(report, rules.set, baseRef), ...listChanges(report, now, baseRef)];
  return [...new Set(changes.map(({ environment }) => environment))];
}
