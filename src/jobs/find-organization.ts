import {
  AccessLostFault,
  ORGANIZATION_REPOSITORY,
  type InstallationId,
  type OrganizationGap,
  type RepositoryRef,
} from "../model/index.ts";
import type { OrganizationTip, RequestedRules } from "./ports.ts";
import type { JobServices } from "./services.ts";

/** Whether it is the repository that holds the rules of its account. Those do not count for itself. */
export function isOrganizationRepository({ name }: Pick<RepositoryRef, "name">): boolean {
  return name.toLowerCase() === ORGANIZATION_REPOSITORY;
}

/** Where the rules that stand over a repository's own are; undefined where there are none to ask for. */
export async function findOrganization(
  repository: RepositoryRef,
  services: JobServices,
): Promise<RequestedRules | undefined> {
  const { organizationRules } = services.settings;
  if (organizationRules === "off" || isOrganizationRepository(repository)) return undefined;
  const tip = await readTip(repository, services);
  return { name: `${repository.owner}/${ORGANIZATION_REPOSITORY}`, isRequired: organizationRules === "required", tip };
}

/** The head of the default branch now: nothing is taken from what is remembered. */
async function readTip(
  { installationId, owner }: Pick<RepositoryRef, "installationId" | "owner">,
  { github }: JobServices,
): Promise<OrganizationTip | OrganizationGap> {
  try {
    const found = await github.findRepository({ installationId, owner, name: ORGANIZATION_REPOSITORY });
    if (found.kind === "absent") return { kind: "absent", what: "repository" };
    if (found.kind === "not-installed") return found;
    const { repository } = found;
    const commit = await github.repository(repository).readBranch(repository.defaultBranch);
    return commit === undefined ? { kind: "absent", what: "file" } : { kind: "tip", repository, commit };
  } catch (fault) {
    return { kind: "unreadable", why: describeLoss(fault) };
  }
}

/** Only what is about that repository alone; what the whole installation has lost, the one that is judged has too. */
export function describeLoss(fault: unknown): string {
  const isAlone = fault instanceof AccessLostFault && fault.loss !== "suspended" && fault.loss !== "uninstalled";
  if (!isAlone) throw fault;
  if (fault.loss !== "permission") return "GitHub does not give it";
  return `the App lacks a permission there${fault.permission === undefined ? "" : `: ${fault.permission}`}`;
}

/** What the rules of an account were when its pull requests were judged by them last: another text asks them again. */
export async function printRules(
  installationId: InstallationId,
  owner: string,
  services: JobServices,
): Promise<string> {
  const { organizationRules } = services.settings;
  if (organizationRules === "off") return NO_RULES;
  const tip = await readTip({ installationId, owner }, services);
  if (tip.kind === "tip") return `${organizationRules} ${tip.repository.repositoryId} ${tip.commit}`;
  return organizationRules === "required" ? `required ${tip.kind}` : NO_RULES;
}

/** What the rules are where nobody has asked yet, and where there are none to read. */
export const NO_RULES = "none";
