import { z } from "zod";
import type { GitHubAddresses } from "../config/github-addresses.ts";
import { Fault, RefusedFault, type Actor } from "../model/index.ts";
import type { SignIn } from "../web/ports.ts";
import type { CallNote } from "../jobs/ports.ts";
import { createFetch, type HttpFetch } from "./http-fetch.ts";
import { mapFailure } from "./map-failure.ts";
import { parseAnswer } from "./parse-answer.ts";
import { userSchema } from "./schemas.ts";
import { createSender, type Answer, type ApiRequest, type Sender } from "./send-request.ts";

export interface SignInOptions {
  readonly addresses: Pick<GitHubAddresses, "api" | "web">;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly fetch?: HttpFetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onCall?: (call: CallNote) => void;
  /** Told when a user's token could not be revoked; it ends by itself after eight hours. */
  readonly onNotRevoked?: (cause: unknown) => void;
}

/** GitHub answers a code that it does not accept with status 200 and an `error`. */
const grantSchema = z.union([
  z.object({ access_token: z.string().min(1).max(4096) }),
  z.object({ error: z.string().max(200) }),
]);

/**
 * Sign-in through the App's OAuth (web application flow with PKCE): docs.github.com/en/apps/creating-github-apps/
 * authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app. The user's token is used once, to
 * ask who that is, and revoked. `identify` rejects with a RefusedFault when GitHub does not accept the code and with a
 * retryable Fault when it does not answer.
 */
export function createSignIn(options: SignInOptions): SignIn {
  const { addresses, clientId, clientSecret, now, onCall, fetch = createFetch() } = options;
  const sender = createSender({ api: addresses.api, fetch, now, onCall });
  return {
    authorizeUrl: ({ state, challenge, redirect }) => {
      const query = new URLSearchParams({
        client_id: clientId,
        redirect_uri: redirect,
        state,
        code_challenge: challenge,
        code_challenge_method: "S256",
        allow_signup: "false",
      });
      return `${addresses.web}/login/oauth/authorize?${query.toString()}`;
    },
    identify: async ({ code, verifier, redirect }) => {
      const parameters = { client_id: clientId, client_secret: clientSecret, code, redirect_uri: redirect };
      const token = await exchangeCode(sender, now, addresses.web, { ...parameters, code_verifier: verifier });
      try {
        return await readUser(sender, now, token);
      } finally {
        await revokeToken(sender, now, { clientId, clientSecret, token }).catch(options.onNotRevoked ?? ignore);
      }
    },
  };
}

function ignore(): void {
  // Nobody asked to be told.
}

/** The answer, if it is a success. */
async function exchange(sender: Sender, now: () => number, request: ApiRequest): Promise<Answer> {
  const answer = await sender.send(request);
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw mapFailure(answer, { route: request.route, now: now(), drift: sender.clockDrift(), limitedInARow: 1 });
}

async function exchangeCode(
  sender: Sender,
  now: () => number,
  web: string,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const route = `POST ${web}/login/oauth/access_token`;
  const headers = { accept: "application/json" };
  const answer = await exchange(sender, now, {
    route,
    parameters: { ...parameters, headers },
    authorization: undefined,
  });
  const grant = parseAnswer(route, grantSchema, answer.body);
  if ("access_token" in grant) return grant.access_token;
  // The secret is the operator's to mend, everything else the visitor's to try again.
  const message = `GitHub does not accept the sign-in: ${grant.error}`;
  throw grant.error === "incorrect_client_credentials" ? new Fault(message) : new RefusedFault(message);
}

async function readUser(sender: Sender, now: () => number, token: string): Promise<Actor> {
  const answer = await exchange(sender, now, { route: "GET /user", authorization: `Bearer ${token}` });
  return parseAnswer("GET /user", userSchema, answer.body);
}

async function revokeToken(
  sender: Sender,
  now: () => number,
  { clientId, clientSecret, token }: { clientId: string; clientSecret: string; token: string },
): Promise<void> {
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
  await exchange(sender, now, {
    route: "DELETE /applications/{client_id}/token",
    parameters: { client_id: clientId, access_token: token },
    authorization: `Basic ${basic}`,
  });
}
