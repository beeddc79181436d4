import type { WebhookAnswer } from "./call-webhook.ts";
import { APP_SETTINGS, advice, ok, problem, type Diagnosis } from "./diagnosis.ts";
import type { ConfiguredFacts, RegisteredApp } from "./facts.ts";

/** Where GitHub sends webhooks: whether it can, whether that is this server, and what answers there when called from here. */
export function judgeWebhook(
  { webhookUrl, contentType }: RegisteredApp,
  configured: ConfiguredFacts,
  answer: WebhookAnswer | undefined,
): readonly Diagnosis[] {
  const remedy = `Set the webhook's URL ${APP_SETTINGS} to the server's public address and WEBHOOK_PATH.`;
  if (webhookUrl === undefined || !URL.canParse(webhookUrl)) {
    return [problem("webhook", "The App has no webhook: GitHub tells the server nothing.", remedy)];
  }
  const url = new URL(webhookUrl);
  const found = [
    ...judgeReach(url, new URL(configured.githubApi)),
    ...judgeAddress(url, configured),
    ...(contentType === undefined || contentType === "json"
      ? []
      : [
          problem(
            "webhook",
            "The webhook's content type is not application/json: the server refuses what comes.",
            `Choose application/json ${APP_SETTINGS}.`,
          ),
        ]),
  ];
  const where = found.length > 0 ? found : [ok("webhook", `GitHub sends webhooks to ${url.origin}${url.pathname}.`)];
  return [...where, ...(answer === undefined ? [] : [judgeAnswer(url, answer)])];
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/u;
const PRIVATE = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|\[f[cd])|\.(?:local|internal|lan)$/u;

/** Whether a host is the machine that names it. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/** A GitHub on this machine reaches this machine; one in a company reaches the company; github.com neither. */
function judgeReach(url: URL, github: URL): readonly Diagnosis[] {
  if (isLoopback(github.hostname)) return [];
  const isEverywhere = github.hostname === "api.github.com" || github.hostname.endsWith(".ghe.com");
  if (isLoopback(url.hostname) || (isEverywhere && PRIVATE.test(url.hostname))) {
    const remedy = "Give the server a public address, or a tunnel while trying it, and set it as the webhook's URL.";
    return [problem("webhook", `GitHub cannot reach the webhook's address, ${url.host}.`, remedy)];
  }
  if (url.protocol === "https:") return [];
  const remedy = "Put the server behind https and change the webhook's URL.";
  return [problem("webhook", "The webhook's address is not https: others can read what GitHub sends.", remedy)];
}

function judgeAddress(url: URL, { publicUrl, webhookPath }: ConfiguredFacts): readonly Diagnosis[] {
  const remedy = "Right if a proxy in front leads one to the other; else make them the same.";
  const origin = publicUrl === undefined ? url.origin : new URL(publicUrl).origin;
  return [
    ...(url.pathname === webhookPath
      ? []
      : [
          advice(
            "webhook",
            `The webhook's path is ${url.pathname}, and the server listens to ${webhookPath} (WEBHOOK_PATH).`,
            remedy,
          ),
        ]),
    ...(url.origin === origin || isLoopback(new URL(origin).hostname)
      ? []
      : [advice("webhook", `The webhook is at ${url.origin}, and PUBLIC_URL is ${origin}.`, remedy)]),
  ];
}

/** Advice at most: what holds from here need not hold from GitHub, whose own list of deliveries is the proof. */
function judgeAnswer(url: URL, answer: WebhookAnswer): Diagnosis {
  const only = "This was asked from here; what GitHub meets stands under deliveries.";
  const address = `${url.origin}${url.pathname}`;
  switch (answer.kind) {
    case "drydock":
      return ok(
        "webhook",
        `From here, a Drydock answers at ${url.host}; only deliveries show whether GitHub gets there.`,
      );
    case "none":
      return advice("webhook", `From here, nothing answers at ${address}: ${answer.why}.`, only);
    case "other": {
      const sentence = `From here, ${address} answers ${answer.status} and not as Drydock does.`;
      return advice("webhook", sentence, `${describeStatus(answer.status)} ${only}`);
    }
    default:
      return answer satisfies never;
  }
}

function describeStatus(status: number): string {
  if (status === 404 || status === 405) return "See WEBHOOK_PATH, and where a proxy in front leads.";
  if (status >= 300 && status <= 399) return "GitHub follows no redirect: set the address that it leads to.";
  if (status === 401 || status === 403) return "Something in front asks who it is: let webhooks through.";
  if (status >= 500) return "See whether the server runs, and its log.";
  return "Another program may have this address.";
}
