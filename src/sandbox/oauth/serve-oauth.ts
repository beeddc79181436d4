import type { IncomingMessage, ServerResponse } from "node:http";
import { escapeHtml, sendPlainPage } from "../http/plain-page.ts";
import { readForm } from "../http/read-form.ts";
import type { World } from "../world/store.ts";
import { authorize, type Authorization, type Grants } from "./authorize.ts";
import { exchangeCode, findClient } from "./exchange-code.ts";

/** The OAuth sign-in of an App's users. */
export interface OAuth {
  readonly world: World;
  readonly grants: Grants;
}

export function createOAuth(world: World): OAuth {
  return { world, grants: new Map() };
}

/**
 * Serves `/login/oauth/authorize`, `/login/oauth/access_token` and `DELETE /applications/{client_id}/token`; resolves
 * to false for any other address, untouched.
 */
export async function serveOAuth(
  { world, grants }: OAuth,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const { pathname, searchParams, search } = new URL(request.url ?? "/", "http://localhost");
  if (pathname === "/login/oauth/authorize" && request.method === "GET") {
    showAuthorization(response, authorize(world, grants, searchParams), search);
    return true;
  }
  if (pathname === "/login/oauth/access_token" && request.method === "POST") {
    const fields = await readForm(request);
    const answer = exchangeCode(world, grants, fields);
    const asJson = String(request.headers.accept).includes("json");
    const pairs = Object.entries(answer).map(([name, value]): [string, string] => [name, String(value)]);
    const text = asJson ? JSON.stringify(answer) : new URLSearchParams(pairs).toString();
    const type = asJson ? "application/json; charset=utf-8" : "application/x-www-form-urlencoded; charset=utf-8";
    response.writeHead(200, { "content-type": type, "cache-control": "no-store" }).end(text);
    return true;
  }
  const prefix = new URL(world.addresses.api).pathname.replace(/\/$/u, "");
  const [, clientId] = /^\/applications\/([^/]+)\/token$/u.exec(pathname.slice(prefix.length)) ?? [];
  if (clientId === undefined || request.method !== "DELETE" || !pathname.startsWith(prefix)) return false;
  await revokeToken(world, clientId, request, response);
  return true;
}

async function revokeToken(
  world: World,
  clientId: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const fields = await readForm(request);
  const [, basic = ""] = /^basic +(\S+)$/iu.exec(request.headers.authorization ?? "") ?? [];
  const [id = "", secret = ""] = Buffer.from(basic, "base64").toString("utf8").split(":");
  const app = id === clientId ? findClient(world, id, secret) : undefined;
  const token = fields.get("access_token");
  const status = app === undefined ? 404 : token === null ? 422 : undefined;
  const found = world.notes.userTokens.get(token ?? "");
  if (status !== undefined || app === undefined || found?.appId !== app.id) {
    const message = status === 422 ? "Validation Failed" : "Not Found";
    response.writeHead(status ?? 404, { "content-type": "application/json; charset=utf-8" });
    response.end(JSON.stringify({ message, documentation_url: "https://docs.github.com/rest" }));
    return;
  }
  world.notes.userTokens.delete(found.token);
  response.writeHead(204).end();
}

function showAuthorization(response: ServerResponse, authorization: Authorization, search: string): void {
  switch (authorization.kind) {
    case "redirect":
      response.writeHead(302, { location: authorization.location }).end();
      return;
    case "refused":
      response.writeHead(authorization.status, { "content-type": "text/plain" }).end(authorization.message);
      return;
    case "ask": {
      const { app, users } = authorization;
      const query = new URLSearchParams(search);
      const link = (name: string, value: string): string => {
        const chosen = new URLSearchParams(query);
        chosen.set(name, value);
        return escapeHtml(`/login/oauth/authorize?${chosen.toString()}`);
      };
      const items = users.map(({ login }) => `<li><a href="${link("as", login)}">${escapeHtml(login)}</a></li>`);
      const cancel = `<p><a href="${link("deny", "1")}">Cancel</a></p>`;
      sendPlainPage(response, 200, `Sign in to ${app.name} as`, `<ul>${items.join("")}</ul>${cancel}`);
    }
  }
}
