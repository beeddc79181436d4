import type { Account, App, Installation, Ref } from "../world/entities.ts";
import { read, type World } from "../world/index.ts";
import { nodeId, type Shape } from "./node-id.ts";

/** GitHub's "simple user": a person, a bot or an organization. Not all webhook payloads know `user_view_type`. */
export function shapeAccount(world: World, ref: Ref): Shape {
  const { id, login, type } = read(world, "accounts", ref);
  const { api, web } = world.addresses;
  const url = `${api}/users/${encodeURIComponent(login)}`;
  return {
    login,
    id,
    node_id: nodeId(type === "Organization" ? "O" : type === "Bot" ? "BOT" : "U", id),
    avatar_url: `${web}/avatars/${id}`,
    gravatar_id: "",
    url,
    html_url: type === "Bot" ? `${web}/apps/${login.replace("[bot]", "")}` : `${web}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: false,
  };
}

/** Null where nobody is meant. */
export function shapeAccountOrNull(world: World, id: number | undefined): Shape | null {
  return id === undefined || !world.accounts.has(id) ? null : shapeAccount(world, { id });
}

/** A user as `GET /users/{username}` shows it to others. */
export function shapePublicUser(world: World, account: Account): Shape {
  return {
    ...shapeAccount(world, account),
    name: account.login,
    company: null,
    blog: "",
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: account.createdAt,
    updated_at: account.createdAt,
  };
}

/** The short form, as webhooks have it. */
export function shapeBriefOrganization(world: World, { id, login }: Account): Shape {
  const url = `${world.addresses.api}/orgs/${login}`;
  return {
    login,
    id,
    node_id: nodeId("O", id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${world.addresses.web}/avatars/${id}`,
    description: null,
  };
}

export function shapeOrganization(world: World, account: Account): Shape {
  const { login, createdAt } = account;
  return {
    ...shapeBriefOrganization(world, account),
    html_url: `${world.addresses.web}/${login}`,
    has_organization_projects: true,
    has_repository_projects: true,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    type: "Organization",
    created_at: createdAt,
    updated_at: createdAt,
    archived_at: null,
  };
}

/** An App as others see it: in check runs, comments and installations. */
export function shapeApp(world: World, app: App): Shape {
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId("A", app.id),
    client_id: app.clientId,
    owner: shapeAccount(world, { id: app.ownerId }),
    name: app.name,
    description: null,
    external_url: `${world.addresses.web}/apps/${app.slug}`,
    html_url: `${world.addresses.web}/apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions,
    events: app.events,
  };
}

export function shapeInstallation(world: World, installation: Installation): Shape {
  const { id, appId, accountId, permissions, events, repositories, createdAt, updatedAt } = installation;
  const app = read(world, "apps", { id: appId });
  const account = read(world, "accounts", { id: accountId });
  const { api, web } = world.addresses;
  return {
    id,
    account: shapeAccount(world, account),
    repository_selection: repositories === "all" ? "all" : "selected",
    access_tokens_url: `${api}/app/installations/${id}/access_tokens`,
    repositories_url: `${api}/installation/repositories`,
    html_url: `${web}/settings/installations/${id}`,
    app_id: appId,
    client_id: app.clientId,
    app_slug: app.slug,
    target_id: accountId,
    target_type: account.type,
    permissions,
    events,
    created_at: createdAt,
    updated_at: updatedAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: shapeAccountOrNull(world, installation.suspendedById),
    suspended_at: installation.suspendedAt ?? null,
  };
}
