import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { TOPICS } from "../../../src/doctor/diagnosis.ts";
import type { DoctorFacts, RequiredCheck, Undelivered } from "../../../src/doctor/facts.ts";
import { judgeInstallation } from "../../../src/doctor/judge-installation.ts";
import { EVENT_SETS, PERMISSION_SETS } from "../../../src/github/index.ts";
import { GATE, makeApp, makeFacts, makeInstallation } from "./make-facts.ts";

const known = <T>(value: T) => ({ kind: "known", value }) as const;
const unknown = (why: string) => ({ kind: "unknown", why }) as const;

/** The running server has it too. */
const configured = (changes: Partial<DoctorFacts["configured"]>): Partial<DoctorFacts> => ({
  configured: { ...makeFacts().configured, ...changes },
  ...server(changes),
});
const server = (changes: object): Partial<DoctorFacts> => ({
  server: {
    kind: "answered",
    value: {
      ...{ publicUrl: "https://drydock.example.com", webhookPath: "/api/github/webhooks" },
      ...{ database: "PGlite", queues: [], oldestWaitingSeconds: 0, outgoing: { pending: 0, refused: 0 } },
      ...changes,
    },
  },
});
const silent = (kind: "away" | "refused" | "stranger" | "failed"): Partial<DoctorFacts> => ({
  server: { kind, address: "http://127.0.0.1:9464" },
});
const app = (changes: Parameters<typeof makeApp>[0]): Partial<DoctorFacts> => ({ app: known(makeApp(changes)) });
const gate = (checks: readonly RequiredCheck[], names?: readonly string[]): Partial<DoctorFacts> => ({
  installations: known([makeInstallation({}, checks, names)]),
});
const failedAt = (...times: readonly string[]): Partial<DoctorFacts> => ({
  failedDeliveries: known(times.map((deliveredAt) => undelivered({ deliveredAt }))),
});
const failedWith = (...endings: readonly (readonly [statusCode: number, status?: string])[]): Partial<DoctorFacts> => ({
  failedDeliveries: known(
    endings.map(([statusCode, status = `Invalid HTTP Response: ${statusCode}`]) => undelivered({ statusCode, status })),
  ),
});
const undelivered = (changes: Partial<Undelivered>): Undelivered => ({
  ...{ attempt: "1", guid: "g", event: "push", deliveredAt: "2026-11-21T11:50:00Z" },
  ...{ statusCode: 500, status: "Invalid HTTP Response: 500" },
  ...changes,
});
const answered = (webhookAnswer: DoctorFacts["webhookAnswer"]): Partial<DoctorFacts> => ({ webhookAnswer });
const without = (set: Readonly<Record<string, string>>, ...names: readonly string[]) =>
  Object.fromEntries(Object.entries(set).filter(([name]) => !names.includes(name)));
const FULL = PERMISSION_SETS.full;
const CHECKS_ONLY = PERMISSION_SETS["checks only"];

type Row = readonly [what: string, changes: Partial<DoctorFacts>, level: string, topic: string, sentence: RegExp];

const ROWS: readonly Row[] = [
  ["no server", silent("away"), "problem", "server", /^No server answers at http:\/\/127\.0\.0\.1:9464\.$/u],
  ["another secret", silent("refused"), "problem", "server", /does not know this configuration/u],
  ["another program on the port", silent("stranger"), "problem", "server", /is no Drydock/u],
  ["a database that is away", silent("failed"), "problem", "database", /cannot read its database/u],
  ["a head that waits", server({ oldestWaitingSeconds: 720 }), "problem", "database", /has waited 12 minutes/u],
  [
    "refused writes",
    server({ outgoing: { pending: 0, refused: 2 } }),
    "advice",
    "database",
    /^GitHub refused 2 writes/u,
  ],
  [
    "work",
    server({ queues: [{ queue: "judge people", waiting: 1, active: 2 }] }),
    "ok",
    "database",
    /^The database \(PGlite\) answers: 1 task waiting, 2 running\.$/u,
  ],
  [
    "a server with another path than this environment's",
    server({ webhookPath: "/hooks" }),
    "advice",
    "server",
    /^WEBHOOK_PATH is \/api\/github\/webhooks here, and \/hooks for the running server, which is what counts\.$/u,
  ],
  [
    "the server's own path, which is not the webhook's",
    server({ webhookPath: "/hooks" }),
    "advice",
    "webhook",
    /path is \/api\/github\/webhooks, and the server listens to \/hooks \(WEBHOOK_PATH\)/u,
  ],
  [
    "a server that does not know its address",
    server({ publicUrl: undefined }),
    "advice",
    "pages",
    /^PUBLIC_URL is not set/u,
  ],
  ["an old git", { git: known("git version 2.37.4") }, "problem", "git", /^git is 2\.37\.4; Drydock needs 2\.38/u],
  ["a new git", { git: known("git version 3.1.0 (Apple Git)") }, "ok", "git", /^git is 3\.1\.0\.$/u],
  ["no git", { git: unknown("spawn git ENOENT") }, "problem", "git", /^git cannot be run: spawn git ENOENT\.$/u],
  ["a git that says nothing", { git: known("") }, "problem", "git", /of no known version/u],
  ["a clock behind", { clockDrift: known(61_000) }, "problem", "clock", /is 61 seconds behind GitHub's/u],
  ["a clock ahead", { clockDrift: known(-7_200_000) }, "problem", "clock", /is 2 hours ahead of GitHub's/u],
  ["a loose clock", { clockDrift: known(-6_000) }, "advice", "clock", /is 6 seconds ahead/u],
  ["a clock that is not known", { clockDrift: unknown("no answer") }, "advice", "clock", /could not be compared/u],
  ["a refused key", { app: unknown("the key is refused") }, "problem", "app", /about the App: the key is refused\.$/u],
  ["the set `full`", {}, "ok", "permissions", /the set `full`/u],
  [
    "the set `checks only`",
    app({ permissions: CHECKS_ONLY, events: EVENT_SETS["checks only"] }),
    "advice",
    "permissions",
    /set `checks only`: comments, reviews, labels and commands are off/u,
  ],
  [
    "a vital permission that the App lacks",
    app({ permissions: without(FULL, "contents") }),
    "problem",
    "permissions",
    /^The App lacks `contents: read`: nothing can be fetched, so nothing is checked\.$/u,
  ],
  [
    "reading where writing is needed",
    app({ permissions: { ...FULL, checks: "read" } }),
    "problem",
    "permissions",
    /^The App lacks `checks: write`: no checks are written\.$/u,
  ],
  [
    "one of the further permissions that the App lacks",
    app({ permissions: without(FULL, "issues") }),
    "advice",
    "permissions",
    /^The App lacks `issues: write`: commands in comments/u,
  ],
  [
    "a permission by the name of Object's",
    app({ permissions: { constructor: "write" } }),
    "problem",
    "permissions",
    /lacks `pull_requests: read`: pull requests are not seen/u,
  ],
  [
    "missing events",
    app({ events: ["push"] }),
    "problem",
    "events",
    /^The App is not subscribed to check_run, check_suite, issue_comment, member, membership and \d more/u,
  ],
  ["no webhook", app({ webhookUrl: undefined }), "problem", "webhook", /has no webhook/u],
  ["a webhook that is no address", app({ webhookUrl: "drydock" }), "problem", "webhook", /has no webhook/u],
  [
    "a webhook on this machine",
    app({ webhookUrl: "http://localhost:3000/api/github/webhooks" }),
    "problem",
    "webhook",
    /cannot reach the webhook's address, localhost:3000/u,
  ],
  [
    "a private webhook address for github.com",
    app({ webhookUrl: "https://10.0.0.4/api/github/webhooks" }),
    "problem",
    "webhook",
    /cannot reach the webhook's address, 10\.0\.0\.4/u,
  ],
  [
    "a webhook without https",
    app({ webhookUrl: "http://drydock.example.com/api/github/webhooks" }),
    "problem",
    "webhook",
    /is not https/u,
  ],
  ["a form's content type", app({ contentType: "form" }), "problem", "webhook", /not application\/json/u],
  [
    "another path",
    app({ webhookUrl: "https://drydock.example.com/hooks" }),
    "advice",
    "webhook",
    /path is \/hooks, and the server listens to \/api\/github\/webhooks/u,
  ],
  [
    "another host",
    app({ webhookUrl: "https://hooks.example.com/api/github/webhooks" }),
    "advice",
    "webhook",
    /is at https:\/\/hooks\.example\.com, and PUBLIC_URL is https:\/\/drydock\.example\.com/u,
  ],
  [
    "deliveries that fail now",
    failedAt("2026-11-21T09:00:00Z", "2026-11-21T11:50:00Z"),
    "problem",
    "deliveries",
    /could not deliver 2 webhooks of the last three days, the last 10 minutes ago/u,
  ],
  [
    "deliveries that failed",
    failedAt("2026-11-20T00:00:00Z"),
    "advice",
    "deliveries",
    /1 webhook .* the last 2 days ago/u,
  ],
  [
    "deliveries that cannot be listed",
    { failedDeliveries: unknown("no answer") },
    "advice",
    "deliveries",
    /could not be listed: no answer/u,
  ],
  ["a wrong secret", failedWith([401]), "problem", "deliveries", /: the signature was refused, so the secret differs/u],
  ["a wrong path", failedWith([404]), "problem", "deliveries", /: there is nothing at the webhook's path\.$/u],
  ["a redirect", failedWith([301]), "problem", "deliveries", /GitHub follows no redirect/u],
  ["a firewall that answers", failedWith([403]), "problem", "deliveries", /forbidden on the way/u],
  ["a body that is too large", failedWith([413]), "problem", "deliveries", /too large/u],
  ["a form", failedWith([415]), "problem", "deliveries", /as a form and not as JSON/u],
  ["a server that failed", failedWith([500]), "problem", "deliveries", /: the server failed/u],
  ["a proxy without a server", failedWith([502]), "problem", "deliveries", /found no server behind it/u],
  ["a database that was away", failedWith([503]), "problem", "deliveries", /could not store it/u],
  ["a proxy that waited", failedWith([504]), "problem", "deliveries", /waited for the server in vain/u],
  ["another answer", failedWith([400]), "problem", "deliveries", /: the answer was 400\.$/u],
  ["a delivery that timed out", failedWith([0, "timed out"]), "problem", "deliveries", /: nobody answered in time\.$/u],
  [
    "a closed way",
    failedWith([0, "failed to connect to host"]),
    "problem",
    "deliveries",
    /: GitHub could not connect\.$/u,
  ],
  [
    "a name that is not known",
    failedWith([0, "Couldn't resolve host name"]),
    "problem",
    "deliveries",
    /does not find the address's name/u,
  ],
  [
    "a bad certificate",
    failedWith([0, "peer certificate cannot be authenticated with given CA certificates"]),
    "problem",
    "deliveries",
    /does not accept the address's certificate/u,
  ],
  [
    "words that are not known, without what a terminal would obey",
    failedWith([0, "what\u001B[2J is\u202E this"]),
    "problem",
    "deliveries",
    /: GitHub says "what \[2J is this"\.$/u,
  ],
  [
    "Drydock at the webhook's address",
    {},
    "ok",
    "webhook",
    /^From here, a Drydock answers at drydock\.example\.com; only deliveries/u,
  ],
  [
    "nothing at the webhook's address",
    answered({ kind: "none", why: "the connection was refused" }),
    "advice",
    "webhook",
    /^From here, nothing answers at https:\/\/drydock\.example\.com\/api\/github\/webhooks: the connection was refused/u,
  ],
  [
    "somebody else at the webhook's address",
    answered({ kind: "other", status: 404 }),
    "advice",
    "webhook",
    /^From here, .* answers 404 and not as Drydock does\.$/u,
  ],
  ["no public address", configured({ publicUrl: undefined }), "advice", "pages", /PUBLIC_URL is not set/u],
  ["no https", configured({ publicUrl: "http://drydock.example.com" }), "problem", "pages", /is not https/u],
  ["no sign-in", configured({ hasSignIn: false }), "advice", "pages", /^Pages are closed/u],
  ["no installation", { installations: known([]) }, "problem", "installations", /installed nowhere/u],
  [
    "no installation there",
    { installations: known([]), only: "acme/x" },
    "problem",
    "installations",
    /^The App is not installed on acme\/x\.$/u,
  ],
  [
    "a repository that was not given to the App",
    { installations: known([makeInstallation({}, [], [])]), only: "acme/x" },
    "problem",
    "installations",
    /^The App is not installed on acme\/x\.$/u,
  ],
  [
    "an installation without repositories",
    { installations: known([makeInstallation({}, [], [])]) },
    "advice",
    "installations",
    /was given no repository/u,
  ],
  [
    "installations that cannot be listed",
    { installations: unknown("no answer") },
    "problem",
    "installations",
    /listed/u,
  ],
  [
    "repositories that cannot be listed",
    { installations: known([{ ...makeInstallation(), repositories: unknown("no answer") }]) },
    "problem",
    "installations",
    /Repositories of acme could not be listed: no answer/u,
  ],
  [
    "more repositories than are looked at",
    { installations: known([{ ...makeInstallation(), unseen: 3 }]) },
    "advice",
    "installations",
    /^Not every repository of acme was looked at; 3 are left\.$/u,
  ],
  [
    "a suspended installation",
    { installations: known([makeInstallation({ isSuspended: true })]) },
    "problem",
    "installations",
    /on acme is suspended/u,
  ],
  [
    "a permission that was not granted",
    { installations: known([makeInstallation({ permissions: without(FULL, "merge_queues") })]) },
    "problem",
    "permissions",
    /^acme did not grant `merge_queues: read`: pull requests in a merge queue get no checks\.$/u,
  ],
  [
    "a further permission that was not granted",
    { installations: known([makeInstallation({ permissions: CHECKS_ONLY })]) },
    "advice",
    "permissions",
    /^acme did not grant `pull_requests: write`: no comment, review or label is written\.$/u,
  ],
  ["a pinned gate", {}, "ok", "gate", /needs the gate, from this App alone, in acme\/config/u],
  ["no gate", gate([]), "advice", "gate", /^The gate is not required in acme\/config/u],
  ["T29: an unpinned gate", gate([{ ...GATE, appId: undefined }]), "problem", "gate", /not pinned to this App/u],
  ["a gate of another App", gate([{ ...GATE, appId: 5 }]), "problem", "gate", /^Another App is named/u],
  [
    "a part of the checks",
    gate([{ ...GATE, context: "drydock/manifests" }]),
    "advice",
    "gate",
    /^A part of Drydock's checks is required/u,
  ],
  [
    "the check of policies alone",
    gate([{ ...GATE, context: "drydock/policy" }]),
    "advice",
    "gate",
    /^A part of Drydock's checks is required/u,
  ],
  [
    "a check that never comes",
    gate([GATE, { ...GATE, context: "drydock/manifest" }]),
    "problem",
    "gate",
    /^The check `drydock\/manifest` is required in acme\/config, and this Drydock never writes it/u,
  ],
  [
    "many repositories",
    gate([], ["a", "b", "c", "d", "e", "f", "g"]),
    "advice",
    "gate",
    /in acme\/a, acme\/b, acme\/c, acme\/d, acme\/e and 2 more:/u,
  ],
  ["somebody who may go around", {}, "ok", "bypass", /^Somebody may merge without the gate/u],
  ["nobody who may go around", gate([{ ...GATE, bypass: "nobody" }]), "advice", "bypass", /^Nobody may merge/u],
  ["a bypass that is not shown", gate([{ ...GATE, bypass: "unknown" }]), "advice", "bypass", /does not tell an App/u],
  [
    "two rules of which one lets nobody by",
    gate([GATE, { ...GATE, bypass: "nobody" }]),
    "advice",
    "bypass",
    /^Nobody may merge/u,
  ],
];

describe("judgeInstallation", () => {
  it("finds nothing wrong with a sound installation, and says what was looked at", () => {
    const diagnoses = judgeInstallation(makeFacts());
    assert.deepEqual(
      diagnoses.filter(({ level }) => level !== "ok"),
      [],
    );
    const looked = new Set(diagnoses.map(({ topic }) => topic));
    assert.deepEqual(
      TOPICS.filter((topic) => !looked.has(topic)),
      ["pull-request"],
    );
  });

  for (const [what, changes, level, topic, sentence] of ROWS) {
    it(`says of ${what}: ${level}`, () => {
      const found = judgeInstallation(makeFacts(changes)).filter((each) => sentence.test(each.sentence));
      assert.deepEqual(
        found.map((each) => [each.level, each.topic]),
        [[level, topic]],
      );
      assert.equal(found[0]?.remedy === undefined, level === "ok");
    });
  }

  it("says each reason for which webhooks did not arrive, the newest first", () => {
    const failedDeliveries = known([
      undelivered({ statusCode: 404, deliveredAt: "2026-11-20T08:00:00Z" }),
      undelivered({ statusCode: 0, status: "timed out" }),
      undelivered({ statusCode: 404, deliveredAt: "2026-11-20T09:00:00Z" }),
    ]);
    const said = judgeInstallation(makeFacts({ failedDeliveries })).filter(({ topic }) => topic === "deliveries");
    assert.deepEqual(
      said.map(({ level, sentence }) => [level, sentence]),
      [
        [
          "problem",
          "GitHub could not deliver 1 webhook of the last three days, the last 10 minutes ago: nobody answered in time.",
        ],
        [
          "advice",
          "GitHub could not deliver 2 webhooks of the last three days, the last 27 hours ago: there is nothing at the webhook's path.",
        ],
      ],
    );
  });

  it("says nothing of a GitHub that does not answer but that", () => {
    const away = unknown("GitHub did not answer");
    const facts = makeFacts({ app: away, clockDrift: away, failedDeliveries: away, installations: away });
    const problems = judgeInstallation(facts).filter(({ level }) => level === "problem");
    assert.deepEqual(
      problems.map(({ topic }) => topic),
      ["app"],
    );
  });

  it("does not ask https of a webhook to a GitHub on this machine", () => {
    const webhookUrl = "http://127.0.0.1:3000/api/github/webhooks";
    const local = { ...configured({ githubApi: "http://127.0.0.1:4000", publicUrl: "http://127.0.0.1:3000" }) };
    const levels = judgeInstallation(makeFacts({ ...local, ...app({ webhookUrl }) })).map(({ level }) => level);
    assert.ok(!levels.includes("problem"));
  });

  it("takes a rule that cannot be read for no answer", () => {
    const installation = makeInstallation({}, [], ["config"]);
    const repositories = known([
      { facts: REPOSITORY, demands: known({ isComplete: false, checks: [] }) },
      { facts: { ...REPOSITORY, name: "other" }, demands: unknown("no answer") },
    ]);
    const facts = makeFacts({ installations: known([{ ...installation, repositories }]) });
    const said = judgeInstallation(facts).filter(({ topic }) => topic === "gate");
    assert.deepEqual(
      said.map(({ level, sentence }) => [level, sentence]),
      [
        ["advice", "What merging needs could not be read in acme/other: no answer."],
        ["advice", "Not every rule can be read in acme/config, and those that can do not require the gate."],
      ],
    );
  });

  it("has a heading in docs/doctor.md for every topic", () => {
    const text = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "doctor.md"), "utf8");
    const headings = [...text.matchAll(/^## (.+)$/gmu)].map(([, name = ""]) => name.toLowerCase().replaceAll(" ", "-"));
    assert.deepEqual(
      TOPICS.filter((topic) => !headings.includes(topic)),
      [],
    );
  });
});

const REPOSITORY = {
  ...{ installationId: 1, repositoryId: 1, owner: "acme", name: "config", defaultBranch: "main" },
  ...{ isPrivate: true, isArchived: false },
};
