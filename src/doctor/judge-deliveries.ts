import { APP_SETTINGS, advice, countOf, ok, problem, spanOf, type Diagnosis } from "./diagnosis.ts";
import type { DoctorFacts, Undelivered } from "./facts.ts";

/** Milliseconds. GitHub is asked for failed deliveries every two minutes; what is older than this was not repaired. */
const RECENT = 3600_000;
/** Characters of GitHub's own words that are shown. */
const MOST_WORDS = 80;

/** Why webhooks did not arrive: what happened, and what to do about it. */
interface Cause {
  readonly why: string;
  readonly remedy: string;
}

const TRIED = `See the answers under Advanced, Recent deliveries, ${APP_SETTINGS}.`;
const PROXY = "what stands in front of the server";

/** By the status that answered GitHub. */
const STATUSES: readonly (readonly [from: number, to: number, Cause])[] = [
  [
    300,
    399,
    {
      why: "the address leads elsewhere, and GitHub follows no redirect",
      remedy: `Set the address that it leads to as the webhook's URL ${APP_SETTINGS}.`,
    },
  ],
  [
    401,
    401,
    {
      why: "the signature was refused, so the secret differs (401)",
      remedy: `Set the webhook's secret ${APP_SETTINGS} and WEBHOOK_SECRET of the server to the same value.`,
    },
  ],
  [
    403,
    403,
    {
      why: "it was forbidden on the way (403)",
      remedy: `Let GitHub's addresses (https://api.github.com/meta, hooks) through ${PROXY}.`,
    },
  ],
  [
    404,
    405,
    {
      why: "there is nothing at the webhook's path",
      remedy: `Set the webhook's URL ${APP_SETTINGS} to the server's public address and WEBHOOK_PATH.`,
    },
  ],
  [
    413,
    413,
    {
      why: "it was too large (413)",
      remedy: `GitHub sends up to 25 MiB; let ${PROXY} take that.`,
    },
  ],
  [
    415,
    415,
    {
      why: "it was sent as a form and not as JSON (415)",
      remedy: `Choose application/json ${APP_SETTINGS}.`,
    },
  ],
  [
    502,
    502,
    {
      why: "something in front found no server behind it (502)",
      remedy: "Start the server, and see where the proxy leads.",
    },
  ],
  [
    503,
    503,
    {
      why: "the server could not store it, or was not there (503)",
      remedy: "See its log and the database; what failed is asked for again by itself.",
    },
  ],
  [
    504,
    504,
    {
      why: "something in front waited for the server in vain (504)",
      remedy: "See the server's log: GitHub, too, waits for ten seconds and no longer.",
    },
  ],
  [500, 599, { why: "the server failed (5xx)", remedy: "See its log, and that of a proxy in front." }],
];

/**
 * By GitHub's words where nothing answered (docs.github.com, "Troubleshooting webhooks"); the first that fits. They are
 * read for people alone: nothing else depends on them.
 */
const WORDS: readonly (readonly [RegExp, Cause])[] = [
  [
    /timed?[ -]?out|expired/iu,
    {
      why: "nobody answered in time",
      remedy: "The server has ten seconds: see whether a firewall drops what GitHub sends, and the server's log.",
    },
  ],
  [
    /certificate|ssl|tls/iu,
    {
      why: "GitHub does not accept the address's certificate",
      remedy: "Give it one that is valid, for this name, with its whole chain.",
    },
  ],
  [
    /resolve|name or service/iu,
    {
      why: "GitHub does not find the address's name",
      remedy: "Publish it in the DNS, or set another address as the webhook's URL.",
    },
  ],
  [
    /connect|refused|network|reset|unreachable/iu,
    {
      why: "GitHub could not connect",
      remedy:
        "See that the address is public, the port open and the server running, and that no firewall stands between.",
    },
  ],
];

/** What GitHub could not deliver, one diagnosis for each cause, the newest first. */
export function judgeDeliveries(failed: DoctorFacts["failedDeliveries"], now: number): readonly Diagnosis[] {
  if (failed.kind === "unknown") {
    const remedy = `See Advanced, Recent deliveries ${APP_SETTINGS}.`;
    return [advice("deliveries", `Failed deliveries could not be listed: ${failed.why}.`, remedy)];
  }
  if (failed.value.length === 0) return [ok("deliveries", "No delivery of the last three days is left undelivered.")];
  const causes = Map.groupBy(
    failed.value.toSorted((one, other) => Date.parse(other.deliveredAt) - Date.parse(one.deliveredAt)),
    (delivery) => findCause(delivery).why,
  );
  return [...causes.values()].map((deliveries) => judgeCause(deliveries, now));
}

function judgeCause(deliveries: readonly Undelivered[], now: number): Diagnosis {
  const [newest] = deliveries;
  const at = Date.parse(newest?.deliveredAt ?? "");
  const { why, remedy } = newest === undefined ? { why: "", remedy: TRIED } : findCause(newest);
  const count = countOf(deliveries.length, "webhook");
  const ago = spanOf(Math.max(0, now - at) / 1000);
  const sentence = `GitHub could not deliver ${count} of the last three days, the last ${ago} ago: ${why}.`;
  if (now - at < RECENT) return problem("deliveries", sentence, remedy);
  const again = "The server looks for what they told by itself, at its start and again and again.";
  return advice("deliveries", sentence, `If it is not mended yet: ${remedy} ${again}`);
}

function findCause({ statusCode, status }: Undelivered): Cause {
  const [, , byStatus] = STATUSES.find(([from, to]) => statusCode >= from && statusCode <= to) ?? [];
  if (byStatus !== undefined) return byStatus;
  if (statusCode !== 0) return { why: `the answer was ${statusCode}`, remedy: TRIED };
  const [, byWords] = WORDS.find(([shape]) => shape.test(status)) ?? [];
  return byWords ?? { why: `GitHub says "${quote(status)}"`, remedy: TRIED };
}

function quote(words: string): string {
  return words
    .replaceAll(/[^\p{L}\p{N}\p{P}]+/gu, " ")
    .slice(0, MOST_WORDS)
    .trim();
}
