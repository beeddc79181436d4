import { EVENT_SETS, PERMISSION_SETS, type PermissionSet } from "../github/build-manifest.ts";
import { describeAbsence, isPermitted } from "../jobs/permissions.ts";
import { APP_SETTINGS, advice, listNames, ok, problem, type Diagnosis } from "./diagnosis.ts";
import type { ConfiguredFacts, DoctorFacts, RegisteredApp, ServerFacts } from "./facts.ts";
import { judgeDeliveries } from "./judge-deliveries.ts";
import { isLoopback, judgeWebhook } from "./judge-webhook.ts";

/** The App as GitHub has it: permissions, events, webhook, and the pages that its checks lead to. */
export function judgeApp(facts: DoctorFacts): readonly Diagnosis[] {
  const { app, server, failedDeliveries, webhookAnswer, now } = facts;
  // The running server knows best where it is.
  const configured = { ...facts.configured, ...(server.kind === "answered" ? pickAddresses(server.value) : {}) };
  if (app.kind === "unknown") {
    const remedy = "Mend what it says; nothing else of GitHub was looked at.";
    return [problem("app", `GitHub did not tell about the App: ${app.why}.`, remedy), ...judgePages(configured)];
  }
  return [
    ok("app", `GitHub knows the App as ${app.value.name}.`),
    ...judgePermissions(app.value),
    judgeEvents(app.value),
    ...judgeWebhook(app.value, configured, webhookAnswer),
    ...judgeDeliveries(failedDeliveries, now),
    ...judgePages(configured),
  ];
}

function pickAddresses({ publicUrl, webhookPath }: ServerFacts): Pick<ConfiguredFacts, "publicUrl" | "webhookPath"> {
  return { publicUrl, webhookPath };
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
  const remedy = `Give it ${APP_SETTINGS}; each owner is then asked to accept it.`;
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
      `For them, give it \`pull_requests: write\` and \`issues: write\` ${APP_SETTINGS}; else this is as it should be.`,
    ),
  ];
}

function judgeEvents({ permissions, events }: RegisteredApp): Diagnosis {
  const missing = EVENT_SETS[chooseSet(permissions)].filter((event) => !events.includes(event));
  if (missing.length === 0) return ok("events", "The App is subscribed to every event that it needs.");
  return problem(
    "events",
    `The App is not subscribed to ${listNames(missing)}: what they tell is seen late or not at all.`,
    `Subscribe to them ${APP_SETTINGS}, under Permissions & events.`,
  );
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
  if (protocol !== "https:" && !isLoopback(hostname)) {
    return [problem("pages", "PUBLIC_URL is not https: sessions can be stolen on the way.", "Put https in front.")];
  }
  if (hasSignIn) return [ok("pages", "Checks lead to pages, and people can sign in to them.")];
  const remedy = "Set CLIENT_ID and CLIENT_SECRET of the App.";
  const who = arePagesPublic ? "Pages of private repositories are" : "Pages are";
  return [advice("pages", `${who} closed, because nobody can sign in.`, remedy)];
}
