import { createHmac } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { App } from "../world/entities.ts";
import type { Addresses } from "../world/store.ts";

const LONGEST_ANSWER = 65_536;

/** How GitHub signs and names what it sends. */
export interface Signing {
  readonly app: App;
  readonly event: string;
  readonly guid: string;
  /** GitHub Enterprise Server says which host sends. */
  readonly enterprise: { readonly version: string; readonly addresses: Addresses } | undefined;
}

/** How an attempt ended: `statusCode` 0 is no answer at all. */
export interface SendResult {
  readonly status: string;
  readonly statusCode: number;
  readonly seconds: number;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly text: string | null;
}

/** The headers of a delivery, with both signatures over the very bytes that are sent. */
export function signWebhook({ app, event, guid, enterprise }: Signing, body: Buffer): Record<string, string> {
  const sign = (algorithm: string): string => createHmac(algorithm, app.webhookSecret).update(body).digest("hex");
  return {
    Accept: "*/*",
    "Content-Type": "application/json",
    "User-Agent": "GitHub-Hookshot/5ad1d0f",
    "X-GitHub-Delivery": guid,
    "X-GitHub-Event": event,
    "X-GitHub-Hook-ID": String(app.id),
    "X-GitHub-Hook-Installation-Target-ID": String(app.id),
    "X-GitHub-Hook-Installation-Target-Type": "integration",
    "X-Hub-Signature": `sha1=${sign("sha1")}`,
    "X-Hub-Signature-256": `sha256=${sign("sha256")}`,
    ...(enterprise === undefined
      ? {}
      : {
          "X-GitHub-Enterprise-Version": enterprise.version,
          "X-GitHub-Enterprise-Host": new URL(enterprise.addresses.web).host,
        }),
  };
}

/** Sends a webhook once, following no redirect. Never rejects: whatever happens is a result. */
export async function sendWebhook(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  milliseconds: number,
): Promise<SendResult> {
  const start = performance.now();
  const seconds = (): number => Math.round(performance.now() - start) / 1000;
  const signal = AbortSignal.timeout(milliseconds);
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers,
      body: new Uint8Array(body),
      redirect: "manual",
      signal,
    });
    const text = (await answer.text()).slice(0, LONGEST_ANSWER);
    return {
      status: answer.ok ? "OK" : `Invalid HTTP Response: ${answer.status}`,
      statusCode: answer.status,
      seconds: seconds(),
      headers: Object.fromEntries(answer.headers),
      text,
    };
  } catch (error) {
    return {
      status: signal.aborted ? "timed out" : describeFailure(error),
      statusCode: 0,
      seconds: seconds(),
      headers: null,
      text: null,
    };
  }
}

/** In the words of docs.github.com, "Troubleshooting webhooks". */
function describeFailure(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  const isOfTls = /^(?:ERR_SSL|ERR_TLS|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/u.test(String(cause?.code));
  return isOfTls ? "peer certificate cannot be authenticated with given CA certificates" : "failed to connect to host";
}
