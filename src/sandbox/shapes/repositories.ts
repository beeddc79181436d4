import type { Ref, Repository } from "../world/entities.ts";
import { activeRulesets, findProtection, fullName, read, select, type World } from "../world/index.ts";
import { shapeAccount } from "./accounts.ts";
import { nodeId, type Shape } from "./node-id.ts";

/** Paths below a repository's own address that GitHub lists as links. */
const LINKS = {
  forks: "/forks",
  keys: "/keys{/key_id}",
  collaborators: "/collaborators{/collaborator}",
  teams: "/teams",
  hooks: "/hooks",
  issue_events: "/issues/events{/number}",
  events: "/events",
  assignees: "/assignees{/user}",
  branches: "/branches{/branch}",
  tags: "/tags",
  blobs: "/git/blobs{/sha}",
  git_tags: "/git/tags{/sha}",
  git_refs: "/git/refs{/sha}",
  trees: "/git/trees{/sha}",
  statuses: "/statuses/{sha}",
  languages: "/languages",
  stargazers: "/stargazers",
  contributors: "/contributors",
  subscribers: "/subscribers",
  subscription: "/subscription",
  commits: "/commits{/sha}",
  git_commits: "/git/commits{/sha}",
  comments: "/comments{/number}",
  issue_comment: "/issues/comments{/number}",
  contents: "/contents/{+path}",
  compare: "/compare/{base}...{head}",
  merges: "/merges",
  archive: "/{archive_format}{/ref}",
  downloads: "/downloads",
  issues: "/issues{/number}",
  pulls: "/pulls{/number}",
  milestones: "/milestones{/number}",
  notifications: "/notifications{?since,all,participating}",
  labels: "/labels{/name}",
  releases: "/releases{/id}",
  deployments: "/deployments",
} as const;

/** The API's address of a repository. */
export function repositoryUrl(world: World, repository: Ref): string {
  return `${world.addresses.api}/repos/${fullName(world, repository)}`;
}

/** What people see in a browser. */
export function repositoryPage(world: World, repository: Ref): string {
  return `${world.addresses.web}/${fullName(world, repository)}`;
}

/** The short form, as check suites, statuses and lists have it. */
export function shapeMinimalRepository(world: World, ref: Ref): Shape {
  const repository = read(world, "repositories", ref);
  const url = repositoryUrl(world, repository);
  const links = Object.entries(LINKS).map(([name, path]) => [`${name}_url`, `${url}${path}`]);
  return {
    id: repository.id,
    node_id: nodeId("R", repository.id),
    name: repository.name,
    full_name: fullName(world, repository),
    private: repository.isPrivate,
    owner: shapeAccount(world, { id: repository.ownerId }),
    html_url: repositoryPage(world, repository),
    description: null,
    fork: repository.parentId !== undefined,
    url,
    ...(Object.fromEntries(links) as Record<string, string>),
  };
}

/** A repository as lists, pull requests and webhooks hold it. */
export function shapeRepository(world: World, ref: Ref): Shape {
  const repository = read(world, "repositories", ref);
  const page = repositoryPage(world, repository);
  return {
    ...shapeMinimalRepository(world, repository),
    created_at: repository.createdAt,
    updated_at: repository.updatedAt,
    pushed_at: repository.pushedAt,
    git_url: `git://${page.replace(/^https?:\/\//u, "")}.git`,
    ssh_url: `git@${new URL(page).host}:${fullName(world, repository)}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    homepage: null,
    size: 1,
    language: null,
    license: null,
    mirror_url: null,
    default_branch: repository.defaultBranch,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.isPrivate ? "private" : "public",
    archived: repository.isArchived,
    disabled: false,
    ...shapeFeatures(),
    ...shapeCounts(world, repository),
  };
}

function shapeFeatures(): Shape {
  return {
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    has_pull_requests: true,
    pull_request_creation_policy: "all",
    allow_forking: true,
  };
}

function shapeCounts(world: World, { id }: Repository): Shape {
  const isOpen = (one: { readonly repositoryId: number; readonly state: string }): boolean =>
    one.repositoryId === id && one.state === "open";
  const open = select(world, "pullRequests", isOpen).length + select(world, "issues", isOpen).length;
  const forks = select(world, "repositories", (one) => one.parentId === id).length;
  return {
    stargazers_count: 0,
    watchers_count: 0,
    watchers: 0,
    forks_count: forks,
    forks,
    open_issues_count: open,
    open_issues: open,
  };
}

/** A repository as `GET /repos/{owner}/{repo}` gives it. */
export function shapeFullRepository(world: World, ref: Ref): Shape {
  const { parentId } = read(world, "repositories", ref);
  const parent = parentId !== undefined && world.repositories.has(parentId) ? { id: parentId } : undefined;
  return {
    ...shapeRepository(world, ref),
    allow_merge_commit: true,
    allow_squash_merge: true,
    allow_rebase_merge: true,
    allow_auto_merge: false,
    delete_branch_on_merge: false,
    network_count: 0,
    subscribers_count: 0,
    ...(parent === undefined ? {} : { parent: shapeRepository(world, parent), source: shapeRepository(world, parent) }),
  };
}

/** Whether classic protection or a ruleset holds for a branch. */
export function isProtected(world: World, repository: Ref, branch: string): boolean {
  return (
    findProtection(world, repository, branch) !== undefined || activeRulesets(world, repository, branch).length > 0
  );
}
