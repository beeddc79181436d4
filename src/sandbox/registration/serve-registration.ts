import type { IncomingMessage, ServerResponse } from "node:http";
import { escapeHtml, sendPlainPage } from "../http/plain-page.ts";
import { readForm } from "../http/read-form.ts";
import { sendPing, type Webhooks } from "../webhooks/index.ts";
import type { Account, App } from "../world/entities.ts";
import { findAccount, installApp, select, type World } from "../world/index.ts";
import { readManifest, registerApp } from "./register-app.ts";

/**
 * Serves the pages on which a person registers an App from a manifest (`/settings/apps/new`, or an organisation's) and
 * installs one (`/apps/SLUG/installations/new`). Who comes is signed in: to the personal pages as the first user there
 * is, to an organisation's as its administrator. Resolves to false for any other address, untouched.
 */
export async function serveRegistration(
  webhooks: Webhooks,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const { world } = webhooks;
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const found = /^(?:\/organizations\/([\w-]+))?\/settings\/apps(\/new)?$/u.exec(pathname);
  if (request.method === "POST" && found !== null) {
    const [, organization, isNew] = found;
    const owner = findOwner(world, organization);
    const form = await readForm(request);
    if (owner === undefined) sendPlainPage(response, 404, "Not Found", "");
    else if (isNew === undefined) await register(webhooks, owner, form, response);
    else confirm(owner, { manifest: form.get("manifest") ?? "", state: searchParams.get("state") }, response);
    return true;
  }
  const [, slug] = /^\/apps\/([\w-]+)\/installations\/new$/u.exec(pathname) ?? [];
  if (slug === undefined || (request.method !== "GET" && request.method !== "POST")) return false;
  const [app] = select(world, "apps", (one) => one.slug === slug);
  if (app === undefined) sendPlainPage(response, 404, "Not Found", "");
  else if (request.method === "GET") offerInstallation(world, app, response);
  else install(world, app, await readForm(request), response);
  return true;
}

function findOwner(world: World, organization: string | undefined): Account | undefined {
  if (organization === undefined) return select(world, "accounts", ({ type }) => type === "User")[0];
  const account = findAccount(world, organization);
  return account?.type === "Organization" ? account : undefined;
}

/** Shows the App that a manifest describes, and asks for its name. */
function confirm(
  owner: Account,
  asked: { readonly manifest: string; readonly state: string | null },
  response: ServerResponse,
): void {
  const reading = readManifest(asked.manifest);
  if (reading.kind === "refused") {
    sendPlainPage(response, 422, "Invalid GitHub App configuration", `<p>${escapeHtml(reading.why)}</p>`);
    return;
  }
  const place = owner.type === "Organization" ? `/organizations/${owner.login}` : "";
  const hidden = Object.entries({ manifest: asked.manifest, ...(asked.state === null ? {} : { state: asked.state }) });
  const inputs = hidden.map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`);
  sendPlainPage(
    response,
    200,
    `Create GitHub App for ${owner.login}`,
    `<form method="post" action="${escapeHtml(place)}/settings/apps">${inputs.join("")}` +
      `<p><label>GitHub App name <input name="name" value="${escapeHtml(reading.manifest.name ?? "")}"></label></p>` +
      "<p><button>Create GitHub App</button></p></form>",
  );
}

async function register(
  webhooks: Webhooks,
  owner: Account,
  form: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const reading = readManifest(form.get("manifest") ?? "");
  const name = form.get("name")?.trim() ?? "";
  const done =
    reading.kind === "refused"
      ? reading
      : await registerApp(webhooks.world, owner, { manifest: reading.manifest, name, state: form.get("state") });
  if (done.kind === "refused") {
    sendPlainPage(response, 422, "The App was not created", `<p>${escapeHtml(done.why)}</p>`);
    return;
  }
  if (done.app.webhookUrl !== undefined) sendPing(webhooks, done.app);
  response.writeHead(302, { location: done.location }).end();
}

/** An App that is not public can be installed on its owner alone. */
function listTargets(world: World, app: App): readonly Account[] {
  return select(world, "accounts", ({ id, type }) => type !== "Bot" && (app.isPublic || id === app.ownerId));
}

function offerInstallation(world: World, app: App, response: ServerResponse): void {
  const buttons = listTargets(world, app).map(
    ({ id, login }) => `<p><button name="target_id" value="${id}">Install on ${escapeHtml(login)}</button></p>`,
  );
  sendPlainPage(response, 200, `Install ${app.name}`, `<form method="post">${buttons.join("")}</form>`);
}

function install(world: World, app: App, form: URLSearchParams, response: ServerResponse): void {
  const target = listTargets(world, app).find(({ id }) => String(id) === form.get("target_id"));
  if (target === undefined) {
    sendPlainPage(response, 404, "Not Found", "");
    return;
  }
  const [administrator] = [...target.members].find(([, role]) => role === "admin") ?? [target.id];
  installApp(world, { id: administrator }, app, target);
  sendPlainPage(response, 200, `${app.name} is installed on ${target.login}`, "");
}
