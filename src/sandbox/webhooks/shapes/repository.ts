import type { Repository } from "../../world/entities.ts";
import { fullName } from "../../world/repositories.ts";
import { read, select, type World } from "../../world/store.ts";
import { describeAccount } from "./account.ts";
import { nodeId, type Json } from "./json.ts";

/** A repository as it stands in payloads. */
export function describeRepository(world: World, repository: Repository): Json {
  const { id, name, ownerId } = repository;
  const full = fullName(world, repository);
  const openIssues = countOpen(world, repository);
  return {
    id,
    node_id: nodeId("R", id),
    name,
    full_name: full,
    private: repository.isPrivate,
    owner: describeAccount(world, ownerId),
    description: null,
    fork: repository.parentId !== undefined,
    ...describeAddresses(world, full),
    mirror_url: null,
    created_at: repository.createdAt,
    updated_at: repository.updatedAt,
    pushed_at: repository.pushedAt,
    homepage: null,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    archived: repository.isArchived,
    disabled: false,
    open_issues_count: openIssues,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.isPrivate ? "private" : "public",
    forks: 0,
    open_issues: openIssues,
    watchers: 0,
    default_branch: repository.defaultBranch,
  };
}

/** The owner, the name and nothing that has to be looked up, as events of installations list repositories. */
export function describeBriefly(world: World, repositoryId: number): Json {
  const repository = read(world, "repositories", { id: repositoryId });
  return {
    id: repository.id,
    node_id: nodeId("R", repository.id),
    name: repository.name,
    full_name: fullName(world, repository),
    private: repository.isPrivate,
  };
}

/** Where a repository is found; the second list are templates of addresses. */
function describeAddresses(world: World, full: string): Json {
  const { web, api } = world.addresses;
  const url = `${api}/repos/${full}`;
  const { host } = new URL(web);
  const plain = Object.fromEntries(PLAIN.map((name) => [`${name}_url`, `${url}/${name}`]));
  const templates = Object.fromEntries(TEMPLATES.map(([name, path]) => [`${name}_url`, `${url}/${path}`]));
  return {
    ...plain,
    ...templates,
    url,
    html_url: `${web}/${full}`,
    git_url: `git://${host}/${full}.git`,
    ssh_url: `git@${host}:${full}.git`,
    clone_url: `${web}/${full}.git`,
    svn_url: `${web}/${full}`,
  };
}

const PLAIN = [
  "contributors",
  "deployments",
  "downloads",
  "events",
  "forks",
  "hooks",
  "languages",
  "merges",
  "stargazers",
  "subscribers",
  "subscription",
  "tags",
  "teams",
] as const;

const TEMPLATES = [
  ["archive", "{archive_format}{/ref}"],
  ["assignees", "assignees{/user}"],
  ["blobs", "git/blobs{/sha}"],
  ["branches", "branches{/branch}"],
  ["collaborators", "collaborators{/collaborator}"],
  ["comments", "comments{/number}"],
  ["commits", "commits{/sha}"],
  ["compare", "compare/{base}...{head}"],
  ["contents", "contents/{+path}"],
  ["git_commits", "git/commits{/sha}"],
  ["git_refs", "git/refs{/sha}"],
  ["git_tags", "git/tags{/sha}"],
  ["issue_comment", "issues/comments{/number}"],
  ["issue_events", "issues/events{/number}"],
  ["issues", "issues{/number}"],
  ["keys", "keys{/key_id}"],
  ["labels", "labels{/name}"],
  ["milestones", "milestones{/number}"],
  ["notifications", "notifications{?since,all,participating}"],
  ["pulls", "pulls{/number}"],
  ["releases", "releases{/id}"],
  ["statuses", "statuses/{sha}"],
  ["trees", "git/trees{/sha}"],
] as const;

function countOpen(world: World, repository: Repository): number {
  const isOpen = (one: { readonly repositoryId: number; readonly state: string }): boolean =>
    one.repositoryId === repository.id && one.state === "open";
  return select(world, "pullRequests", isOpen).length + select(world, "issues", isOpen).length;
}
