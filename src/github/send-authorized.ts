import { setTimeout as delay } from "node:timers/promises";
import { Fault } from "../model/index.ts";
import type { EtagCache } from "./etag-cache.ts";
import type { InstallationTokens, TokenScope } from "./installation-tokens.ts";
import type { Answer, ApiRequest, Sender } from "./send-request.ts";

export interface AuthorizedParts {
  readonly sender: Sender;
  readonly cache: EtagCache;
  readonly tokens: InstallationTokens;
}

/** Milliseconds: a new token is not known everywhere at GitHub at once (auth-app waits for the same reason). */
const REPLICATION = 1000;

/** GitHub's words for a token that may not do this. */
const NOT_GRANTED = /not accessible by integration/iu;

/**
 * One request with a token; a 401 renews it once, and what is wrong then is asked of the installation itself. So does a
 * refusal for want of a permission, which may have been granted after the token was made.
 */
export async function sendAuthorized(
  scope: TokenScope,
  request: Pick<ApiRequest, "route" | "parameters">,
  { sender, cache, tokens }: AuthorizedParts,
): Promise<Answer> {
  const { installationId, repositoryId } = scope;
  const isRead = request.route.startsWith("GET ");
  const key = `${installationId}/${repositoryId ?? "all"} ${sender.addressOf({ ...request, authorization: undefined })}`;
  const etag = isRead ? cache.etagOf(key) : undefined;
  const attempt = async (token: string): Promise<Answer> =>
    await sender.send({ ...request, authorization: `token ${token}`, etag, repositoryId });

  let token = await tokens.get(scope);
  let answer = await attempt(token);
  if (answer.status === 401 || isNotGranted(answer)) {
    tokens.drop(scope, token);
    if (answer.status === 403) tokens.forget(installationId);
    token = await tokens.get(scope);
    answer = await attempt(token);
  }
  if (answer.status === 401) {
    await delay(REPLICATION);
    answer = await attempt(token);
  }
  if (answer.status === 401) {
    tokens.drop(scope, token);
    tokens.forget(installationId);
    // Rejects with what the installation has lost, if it has; else GitHub contradicts itself, which passes.
    await tokens.get(scope);
    throw new Fault(`GitHub refuses a new token for ${request.route}`, { isRetryable: true });
  }
  return isRead ? cache.settle(key, answer) : answer;
}

/** Who is asked to wait, whatever the words beside that, waits. */
function isNotGranted({ status, body, headers }: Answer): boolean {
  if (headers["retry-after"] !== undefined || headers["x-ratelimit-remaining"] === "0") return false;
  const message: unknown = typeof body === "object" && body !== null && "message" in body ? body.message : undefined;
  return status === 403 && typeof message === "string" && NOT_GRANTED.test(message);
}
