import type { InstallationFacts, RepositoryFacts } from "../jobs/ports.ts";

/** The columns of `drydock.repositories r` that make up the facts of a repository. */
export const REPOSITORY_COLUMNS =
  "r.id as repository_id, r.installation_id, r.owner, r.name, r.default_branch, r.is_private, r.is_archived";

export interface RepositoryRow {
  readonly repository_id: number;
  readonly installation_id: number;
  readonly owner: string;
  readonly name: string;
  readonly default_branch: string;
  readonly is_private: boolean;
  readonly is_archived: boolean;
}

export function toRepositoryFacts(row: RepositoryRow): RepositoryFacts {
  return {
    installationId: row.installation_id,
    repositoryId: row.repository_id,
    owner: row.owner,
    name: row.name,
    defaultBranch: row.default_branch,
    isPrivate: row.is_private,
    isArchived: row.is_archived,
  };
}

export interface InstallationRow {
  readonly id: number;
  readonly account: string;
  readonly is_suspended: boolean;
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  readonly created_at: Date | null;
}

export function toInstallationFacts(row: InstallationRow): InstallationFacts {
  return {
    installationId: row.id,
    account: row.account,
    isSuspended: row.is_suspended,
    permissions: row.permissions,
    events: row.events,
    createdAt: (row.created_at ?? new Date(0)).toISOString(),
  };
}
