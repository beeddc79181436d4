import { z } from "zod";
import type { GitHubAddresses } from "../config/github-addresses.ts";
import { RefusedFault } from "../model/index.ts";
import { createFetch, type HttpFetch } from "./http-fetch.ts";
import { mapFailure } from "./map-failure.ts";
import { parseAnswer } from "./parse-answer.ts";
import { createSender } from "./send-request.ts";

/** An App that was just made. Its three secrets are given this once and are never shown. */
export interface CreatedApp {
  readonly appId: number;
  readonly slug: string;
  readonly htmlUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly webhookSecret: string;
  /** PEM. */
  readonly privateKey: string;
}

export interface ConversionOptions {
  readonly addresses: Pick<GitHubAddresses, "api">;
  readonly fetch?: HttpFetch;
  readonly now: () => number;
}

const secret = z.string().min(1).max(10_000);
const conversionSchema = z
  .object({
    id: z.number().int().positive(),
    slug: z.string().min(1).max(200),
    html_url: z.url({ protocol: /^https?$/u }).max(2000),
    client_id: secret,
    client_secret: secret,
    webhook_secret: secret,
    pem: secret,
  })
  .transform((app) => ({
    appId: app.id,
    slug: app.slug,
    htmlUrl: app.html_url,
    clientId: app.client_id,
    clientSecret: app.client_secret,
    webhookSecret: app.webhook_secret,
    privateKey: app.pem,
  }));

/**
 * Exchanges the code that GitHub gave the browser, within an hour and once, for the App it made. Rejects with a
 * RefusedFault when the code is none or was used.
 */
export async function convertManifest(code: string, options: ConversionOptions): Promise<CreatedApp> {
  if (!/^[\w-]{1,200}$/u.test(code)) throw new RefusedFault("This is no code of GitHub's manifest flow");
  const route = "POST /app-manifests/{code}/conversions";
  const sender = createSender({ api: options.addresses.api, fetch: options.fetch ?? createFetch(), now: options.now });
  const answer = await sender.send({ route, parameters: { code }, authorization: undefined });
  if (answer.status === 404) throw new RefusedFault("GitHub does not know the code: it was used, or an hour is over");
  if (answer.status !== 201 && answer.status !== 200) {
    const facts = { route, now: options.now(), drift: sender.clockDrift(), limitedInARow: 1 };
    throw mapFailure(answer, facts);
  }
  return parseAnswer(route, conversionSchema, answer.body);
}
