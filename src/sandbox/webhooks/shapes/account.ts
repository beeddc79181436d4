import type { Account, App, Installation } from "../../world/entities.ts";
import { read, type World } from "../../world/store.ts";
import { nodeId, type Json } from "./json.ts";

/** A user, bot or organization as it stands in payloads; null for one that is gone. */
export function describeAccount(world: World, id: number | undefined): Json | null {
  const account = world.accounts.get(id ?? 0);
  return account === undefined ? null : describeKnown(world, account);
}

function describeKnown(world: World, { id, login, type }: Account): Json {
  const { web, api } = world.addresses;
  const path = type === "Bot" ? `apps/${login.replace(/\[bot\]$/u, "")}` : login;
  const url = `${api}/users/${encodeURIComponent(login)}`;
  return {
    login,
    id,
    node_id: nodeId(type === "Organization" ? "O" : type === "Bot" ? "BOT" : "U", id),
    avatar_url: `${web}/avatars/u/${id}?v=4`,
    gravatar_id: "",
    url,
    html_url: `${web}/${path}`,
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

/** The organization that a payload is about; undefined when the owner is a person. */
export function describeOrganization(world: World, id: number): Json | undefined {
  const account = world.accounts.get(id);
  if (account?.type !== "Organization") return undefined;
  const url = `${world.addresses.api}/orgs/${account.login}`;
  return {
    login: account.login,
    id,
    node_id: nodeId("O", id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${world.addresses.web}/avatars/u/${id}?v=4`,
    description: null,
  };
}

export function describeApp(world: World, app: App): Json {
  return {
    id: app.id,
    client_id: app.clientId,
    slug: app.slug,
    node_id: nodeId("A", app.id),
    owner: describeAccount(world, app.ownerId),
    name: app.name,
    description: "",
    external_url: world.addresses.web,
    html_url: `${world.addresses.web}/apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions,
    events: app.events,
  };
}

export function describeInstallation(world: World, installation: Installation): Json {
  const { id, appId, accountId } = installation;
  const app = read(world, "apps", { id: appId });
  const account = read(world, "accounts", { id: accountId });
  const { web, api } = world.addresses;
  const settings = account.type === "Organization" ? `organizations/${account.login}/settings` : "settings";
  return {
    id,
    client_id: app.clientId,
    account: describeAccount(world, accountId),
    repository_selection: installation.repositories === "all" ? "all" : "selected",
    access_tokens_url: `${api}/app/installations/${id}/access_tokens`,
    repositories_url: `${api}/installation/repositories`,
    html_url: `${web}/${settings}/installations/${id}`,
    app_id: appId,
    app_slug: app.slug,
    target_id: accountId,
    target_type: account.type,
    permissions: installation.permissions,
    events: installation.events,
    created_at: installation.createdAt,
    updated_at: installation.updatedAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: describeAccount(world, installation.suspendedById),
    suspended_at: installation.suspendedAt ?? null,
  };
}
