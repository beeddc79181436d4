import type { IncomingMessage, ServerResponse } from "node:http";
import { basename, dirname } from "node:path";
import { startGit } from "../../git/index.ts";
import { gitEnvironment } from "../../git/run-git.ts";
import type { BareRepository } from "./bare-repository.ts";

const LONGEST_HEAD = 16_384;

/** A request for one of git's smart HTTP services, its body read. */
export interface ServiceRequest {
  readonly request: IncomingMessage;
  /** `/info/refs`, `/git-upload-pack` or `/git-receive-pack`. */
  readonly service: string;
  readonly query: string;
  readonly body: Buffer;
  /** Whom a push is by; undefined allows none. */
  readonly user: string | undefined;
}

/**
 * Hands a request to `git http-backend` and its answer to the response. Resolves when both are over. `beforeEnd` runs
 * when git has done its work and before the answer ends.
 */
export async function runHttpBackend(
  repository: BareRepository,
  { request, service, query, body, user }: ServiceRequest,
  response: ServerResponse,
  beforeEnd: () => Promise<void> = async () => Promise.resolve(),
): Promise<void> {
  const env = {
    ...cleanEnvironment(repository),
    GIT_PROJECT_ROOT: dirname(repository.directory),
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_INFO: `/${basename(repository.directory)}${service}`,
    REQUEST_METHOD: request.method ?? "GET",
    QUERY_STRING: query,
    CONTENT_TYPE: request.headers["content-type"] ?? "",
    CONTENT_LENGTH: String(body.length),
    GIT_PROTOCOL: headerOf(request, "git-protocol"),
    HTTP_CONTENT_ENCODING: headerOf(request, "content-encoding"),
    HTTP_ACCEPT: headerOf(request, "accept"),
    REMOTE_ADDR: "127.0.0.1",
    ...(user === undefined ? {} : { REMOTE_USER: user }),
  };
  const git = await startGit({ args: ["http-backend"], env, cwd: repository.directory, hasStderr: false });
  git.stdin.on("error", () => undefined); // it may answer before it has read everything
  git.stdin.end(body);
  response.once("close", () => git.kill("SIGTERM"));
  await Promise.all([relayAnswer(git.stdout, response), git.ended]);
  await beforeEnd();
  response.end();
}

/** What git sees: the backend finds the repository by its path, not by a variable. */
function cleanEnvironment(repository: BareRepository): Record<string, string> {
  const env = gitEnvironment({ directory: repository.directory, objectFormat: "sha1" });
  delete env["GIT_DIR"];
  delete env["GIT_ATTR_SOURCE"];
  return env;
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === "string" ? value : "";
}

/** A CGI answer: header lines, an empty line, the body. */
async function relayAnswer(output: NodeJS.ReadableStream, response: ServerResponse): Promise<void> {
  let head: Buffer = Buffer.alloc(0);
  for await (const chunk of output) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    if (response.headersSent) {
      response.write(bytes);
      continue;
    }
    head = Buffer.concat([head, bytes]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0 && head.length < LONGEST_HEAD) continue;
    writeHead(head.toString("latin1", 0, Math.max(0, end)), response);
    response.write(head.subarray(end + 4));
  }
  if (!response.headersSent) response.writeHead(500);
}

function writeHead(head: string, response: ServerResponse): void {
  const headers = head.split("\r\n").map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const status = Number.parseInt(headers.find(([name]) => name === "status")?.[1] ?? "200", 10);
  response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== "status" && name !== "")));
}
