import type { IncomingMessage, ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";
import { takeFault, takeLateCommit, type Failing, type Faults } from "../faults/index.ts";
import { readBody } from "../http/read-body.ts";
import type { Account, Repository } from "../world/entities.ts";
import { moveBranch } from "../world/pushes.ts";
import { findRepository } from "../world/repositories.ts";
import { read, type World } from "../world/store.ts";
import { listRefs } from "./bare-repository.ts";
import { decideGitAccess } from "./git-access.ts";
import { runHttpBackend } from "./http-backend.ts";

const ROUTE =
  /^\/(?<owner>[^/]+)\/(?<name>[^/]+?)(?:\.git)?(?<service>\/info\/refs|\/git-upload-pack|\/git-receive-pack)$/u;
const LARGEST_BODY = 256 * 1024 * 1024;

interface GitRoute {
  readonly owner: string;
  readonly name: string;
  readonly service: string;
  readonly query: string;
  readonly isPush: boolean;
}

/** Reads a request's address as git's smart HTTP; undefined when it is something else. */
export function readGitRoute(url: string): GitRoute | undefined {
  const { pathname, search } = new URL(url, "http://localhost");
  const match = ROUTE.exec(pathname);
  if (match === null) return undefined;
  const { owner = "", name = "", service = "" } = match.groups ?? {};
  const isPush = service === "/git-receive-pack" || search.includes("service=git-receive-pack");
  return { owner: decodeURIComponent(owner), name: decodeURIComponent(name), service, query: search.slice(1), isPush };
}

/**
 * Serves git's smart HTTP at `/{owner}/{repository}.git/…`; resolves to false for any other address, untouched. A
 * push moves branches in the world. Faults go by the names `git/upload-pack` and `git/receive-pack`.
 */
export async function serveGit(
  world: World,
  faults: Faults,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const route = readGitRoute(request.url ?? "/");
  if (route === undefined) return false;
  const body = await readBody(request, LARGEST_BODY);
  const failing = takeFault(
    faults,
    route.isPush ? "git/receive-pack" : "git/upload-pack",
    `/${route.owner}/${route.name}`,
  );
  if (failing !== undefined && (await failNow(failing, response))) return true;
  const found = findRepository(world, route.owner, route.name);
  const access = decideGitAccess(world, found?.repository, readToken(request), route.isPush);
  if (access.kind === "refused") {
    refuse(response, access.status, access.message);
  } else if (found?.isMoved === true && route.service === "/info/refs") {
    response
      .writeHead(301, { location: `${addressOf(world, access.repository)}${route.service}?${route.query}` })
      .end();
  } else {
    await answer(world, faults, access, { request, route, body }, response);
  }
  return true;
}

interface GitRequest {
  readonly request: IncomingMessage;
  readonly route: GitRoute;
  readonly body: Buffer;
}

async function answer(
  world: World,
  faults: Faults,
  { repository, pusher }: { readonly repository: Repository; readonly pusher: Account | undefined },
  { request, route, body }: GitRequest,
  response: ServerResponse,
): Promise<void> {
  const wanted = route.service === "/git-upload-pack" ? readWants(request, body) : [];
  const late = takeLateCommit(faults, wanted);
  if (late !== undefined) {
    const error = packetLine(`ERR upload-pack: not our ref ${late}`);
    response.writeHead(200, { "content-type": "application/x-git-upload-pack-result" }).end(error);
    return;
  }
  const user = route.isPush ? pusher?.login : undefined;
  const { service, query } = route;
  const served = { request, service, query, body, user };
  if (service !== "/git-receive-pack" || pusher === undefined) {
    await runHttpBackend(repository, served, response);
    return;
  }
  // A push is answered once the world knows of it: who waits for git push to end sees what it did.
  await runHttpBackend(repository, served, response, async () => await followPush(world, repository, pusher));
}

/** Brings the world up to what git holds after a push. */
async function followPush(world: World, repository: Repository, pusher: Account): Promise<void> {
  const refs = await listRefs(repository);
  const { branches } = read(world, "repositories", repository);
  const names = new Set([...branches.keys(), ...[...refs.keys()].map((ref) => ref.slice("refs/heads/".length))]);
  for (const branch of names) await moveBranch(world, pusher, repository, branch, refs.get(`refs/heads/${branch}`));
}

/** The token of `Authorization: basic`, whose user name GitHub does not look at, or of `bearer`. */
function readToken(request: IncomingMessage): string | undefined {
  const [, scheme = "", value = ""] = /^(\w+) +(\S+)$/u.exec(request.headers.authorization ?? "") ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() !== "basic") return undefined;
  const [user = "", ...password] = Buffer.from(value, "base64").toString("utf8").split(":");
  return password.join(":") || user || undefined;
}

/** The commits that a fetch asks for by id: `want` lines of its packets. */
function readWants(request: IncomingMessage, body: Buffer): string[] {
  const text = (request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString("latin1");
  return [...text.matchAll(/[0-9a-f]{4}want ([0-9a-f]{40})/gu)].map(([, sha = ""]) => sha);
}

function packetLine(text: string): string {
  return `${(text.length + 4).toString(16).padStart(4, "0")}${text}`;
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const asks = status === 401 ? { "www-authenticate": 'Basic realm="GitHub"' } : {};
  response.writeHead(status, { "content-type": "text/plain", ...asks }).end(message);
}

/** True when the fault was all the answer there is. Whatever `when` says, nothing was done. */
async function failNow(failing: Failing, response: ServerResponse): Promise<boolean> {
  switch (failing.kind) {
    case "status":
      refuse(response, failing.status, failing.message ?? "");
      return true;
    case "drop":
      response.destroy();
      return true;
    case "hang":
      return true;
    case "delay":
      await new Promise((resolve) => setTimeout(resolve, failing.milliseconds));
      return false;
  }
}

function addressOf(world: World, repository: Repository): string {
  const { login } = read(world, "accounts", { id: repository.ownerId });
  return `${world.addresses.web}/${login}/${repository.name}.git`;
}
