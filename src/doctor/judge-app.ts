import { EVENT_SETS, PERMISSION_SETS, type PermissionSet } from "../github/build-manifest.ts";
import { describeAbsence, isPermitted } from "../jobs/permissions.ts";
import { advice, countOf, listNames, ok, problem, spanOf, type Diagnosis } from "./diagnosis.ts";
import type { ConfiguredFacts, DoctorFacts, RegisteredApp } from "./facts.ts";

const SETTINGS = "in the App's settings on GitHub";
/** Milliseconds. GitHub is asked for failed deliveries every two minutes; what is older than this was not repaired. */
const RECENT = 3600_000;

/** The App as GitHub has it: permissions, events, webhook, and the pages that its checks lead to. */
export function judgeApp({ app, configured, failedDeliveries, now }: DoctorFacts): readonly Diagnosis[] {
  if (app.kind === "unknown") {
    const remedy = "Mend what it says; nothing else of GitHub was looked at.";
    return [problem("app", `GitHub did not tell about the App: ${app.why}.`, remedy), ...judgePages(configured)];
  }
  return [
    ok("app", `GitHub knows the App as ${app.value.name}.`),
    ...judgePermissions(app.value),
    judgeEvents(app.value),
    ...judgeWebhook(app.value, configured),
    ...judgeDeliveries(failedDeliveries, now),
    ...judgePages(configured),
  ];
}

/** The published set that permissions come nearest to: whoever gave more than `checks only` wants `full`. */
export function chooseSet(permissions: Readonly<Record<string, string>>): PermissionSet {
  const wantsMore = ["pull_requests", "issues"].some((permission) => isPermitted(permissions, permission, "write"));
  return wantsMore ? "full" : "checks only";
}

export interface Lack {
  /** As GitHub names it, with the access: `checks: write`. */
  readonly permission: string;
  /** Whether no check can be relied on without it. */
  readonly isVital: boolean;
  readonly consequence: string;
}

/** What is absent of a set. */
export function findLacks(permissions: Readonly<Record<string, string>>, set: PermissionSet): readonly Lack[] {
  return Object.entries(PERMISSION_SETS[set]).flatMap(([permission, access]) => {
    if (isPermitted(permissions, permission, access)) return [];
    const vital = PERMISSION_SETS["checks only"][permission];
    const isVital = vital !== undefined && !isPermitted(permissions, permission, vital);
    const consequence = describeAbsence(permission, isVital ? vital : access) ?? "GitHub refuses a part of the work";
    return [{ permission: `${permission}: ${access}`, isVital, consequence }];
  });
}

function judgePermissions({ permissions }: RegisteredApp): readonly Diagnosis[] {
  const set = chooseSet(permissions);
  const lacks = findLacks(permissions, set);
  const remedy = `Give it ${SETTINGS}; each owner is then asked to accept it.`;
  const wrong = lacks.map(({ permission, isVital, consequence }) => {
    const sentence = `The App lacks \`${permission}\`: ${consequence}.`;
    return isVital ? problem("permissions", sentence, remedy) : advice("permissions", sentence, remedy);
  });
  if (wrong.length > 0) return wrong;
  if (set === "full") return [ok("permissions", "The App has the permissions of the set `full`.")];
  return [
    advice(
      "permissions",
      "The App has the permissions of the set `checks only`: comments, reviews, labels and commands are off.",
      `For them, give it \`pull_requests: write\` and \`issues: write\` ${SETTINGS}; else this is as it should be.`,
    ),
  ];
}

function judgeEvents({ permissions, events }: RegisteredApp): Diagnosis {
  const missing = EVENT_SETS[chooseSet(permissions)].filter((event) => !events.includes(event));
  if (missing.length === 0) return ok("events", "The App is subscribed to every event that it needs.");
  return problem(
    "events",
    `The App is not subscribed to ${listNames(missing)}: what they tell is seen late or not at all.`,
    `Subscribe to them ${SETTINGS}, under Permissions & events.`,
  );
}

function judgeWebhook({ webhookUrl, contentType }: RegisteredApp, configured: ConfiguredFacts): readonly Diagnosis[] {
  const remedy = `Set the webhook's URL ${SETTINGS} to the server's public address and WEBHOOK_PATH.`;
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
            `Choose application/json ${SETTINGS}.`,
          ),
        ]),
  ];
  return found.length > 0 ? found : [ok("webhook", `GitHub sends webhooks to ${url.origin}${url.pathname}.`)];
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/u;
const PRIVATE = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|\[f[cd])|\.(?:local|internal|lan)$/u;

/** A GitHub on this machine reaches this machine; one in a company reaches the company; github.com neither. */
function judgeReach(url: URL, github: URL): readonly Diagnosis[] {
  if (LOOPBACK.test(github.hostname)) return [];
  const isEverywhere = github.hostname === "api.github.com" || github.hostname.endsWith(".ghe.com");
  if (LOOPBACK.test(url.hostname) || (isEverywhere && PRIVATE.test(url.hostname))) {
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
    ...(url.origin === origin || LOOPBACK.test(new URL(origin).hostname)
      ? []
      : [advice("webhook", `The webhook is at ${url.origin}, and PUBLIC_URL is ${origin}.`, remedy)]),
  ];
}

function judgeDeliveries(failed: DoctorFacts["failedDeliveries"], now: number): readonly Diagnosis[] {
  if (failed.kind === "unknown") {
    const remedy = `See Advanced, Recent deliveries ${SETTINGS}.`;
    return [advice("deliveries", `Failed deliveries could not be listed: ${failed.why}.`, remedy)];
  }
  const newest = failed.value.reduce((last, { deliveredAt }) => Math.max(last, Date.parse(deliveredAt)), 0);
  const count = failed.value.length;
  if (count === 0) return [ok("deliveries", "No delivery of the last three days is left undelivered.")];
  const ago = spanOf(Math.max(0, now - newest) / 1000);
  const sentence = `GitHub could not deliver ${countOf(count, "webhook")} of the last three days, the last ${ago} ago.`;
  return now - newest < RECENT
    ? [problem("deliveries", sentence, `See the answers under Advanced, Recent deliveries, ${SETTINGS}.`)]
    : [
        advice(
          "deliveries",
          sentence,
          "The server looks for what they told by itself, at its start and again and again.",
        ),
      ];
}

function judgePages({ publicUrl, hasSignIn, arePagesPublic }: ConfiguredFacts): readonly Diagnosis[] {
  if (publicUrl === undefined) {
    return [
      advice(
        "pages",
        "PUBLIC_URL is not set: checks lead to no page with the whole report.",
        "Set it to where browsers reach the server.",
      ),
    ];
  }
  const { protocol, hostname } = new URL(publicUrl);
  if (protocol !== "https:" && !LOOPBACK.test(hostname)) {
    return [problem("pages", "PUBLIC_URL is not https: sessions can be stolen on the way.", "Put https in front.")];
  }
  if (hasSignIn) return [ok("pages", "Checks lead to pages, and people can sign in to them.")];
  const remedy = "Set CLIENT_ID and CLIENT_SECRET of the App.";
  const who = arePagesPublic ? "Pages of private repositories are" : "Pages are";
  return [advice("pages", `${who} closed, because nobody can sign in.`, remedy)];
}
