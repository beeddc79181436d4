/** What came of a call to the webhook's address from this machine. GitHub may reach it where we do not, and the other way round. */
export type WebhookAnswer =
  | { readonly kind: "drydock" }
  /** Somebody else answered, or Drydock at another path. */
  | { readonly kind: "other"; readonly status: number }
  /** Nothing answered; `why` is a few words of ours. */
  | { readonly kind: "none"; readonly why: string };

/** Sends one request and follows no redirect; rejects when nothing answers. */
export type SendCall = (
  url: string,
  request: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly signal: AbortSignal;
  },
) => Promise<Response>;

/** Milliseconds: GitHub's own patience. */
const PATIENCE = 10_000;
/** What the server says to a webhook without a signature stands in web/receive-webhook.ts. */
const OWN_WORDS = /X-Hub-Signature-256/u;
const MOST_CHARACTERS = 1000;

/** Calls the webhook's address without a signature: Drydock refuses that with 401 and in words of its own. Never rejects. */
export async function callWebhook(url: string, send: SendCall): Promise<WebhookAnswer> {
  const signal = AbortSignal.timeout(PATIENCE);
  try {
    const headers = { "content-type": "application/json", "user-agent": "drydock-doctor" };
    const answer = await send(url, { method: "POST", headers, body: "{}", signal });
    const text = await answer.text();
    const isDrydock = answer.status === 401 && OWN_WORDS.test(text.slice(0, MOST_CHARACTERS));
    return isDrydock ? { kind: "drydock" } : { kind: "other", status: answer.status };
  } catch (error) {
    return { kind: "none", why: signal.aborted ? "it did not answer in 10 seconds" : describeFailure(error) };
  }
}

/** Node's and OpenSSL's codes for a way that is closed (nodejs.org/api/errors.html, nodejs.org/api/tls.html). */
const CODES: readonly (readonly [RegExp, string])[] = [
  [/^(?:ENOTFOUND|EAI_\w+)$/u, "its name is not known here"],
  [/^ECONNREFUSED$/u, "the connection was refused"],
  [/^(?:ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/u, "there is no way to it"],
  [
    /^(?:CERT_\w+|ERR_TLS_CERT_ALTNAME_INVALID|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/u,
    "its certificate is not valid",
  ],
  [/^(?:ERR_SSL_\w+|EPROTO)$/u, "it does not speak TLS"],
];

/** By code alone: an error's text may name what is not ours to print. */
function describeFailure(error: unknown): string {
  const code = findCode(error);
  const [, words] = CODES.find(([shape]) => shape.test(code)) ?? [];
  return words ?? "the connection broke";
}

function findCode(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  return typeof code === "string" ? code : findCode(cause);
}
