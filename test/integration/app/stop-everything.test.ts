import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { stopServer } from "../../../src/freeze-door.ts";
import { EVENT_SETS, PERMISSION_SETS } from "../../../src/github/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { createPlace, until, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();
const MORE = DEPLOYMENT.replace("replicas: 2", "replicas: 3");
/** Where the server believes itself to be. */
const CALLBACK = "http://127.0.0.1:1/sign-in/callback";
const FILES = {
  "prod/web.yaml": DEPLOYMENT,
  "README.md": "# Shop\n",
  ".github/drydock.yaml": "version: 1\nenvironments:\n  prod: { paths: [prod] }\n",
};

// Of one after the other: a stop of everything concerns every place.
describe("a stop of everything", () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({
      ...{ files: FILES, env: { DRYDOCK_CHECKS: "4" } },
      sandbox: { app: { permissions: PERMISSION_SETS.full, events: EVENT_SETS.full, callbackUrls: [CALLBACK] } },
    });
  });
  after(() => app.close());

  const github = (): world.World => app.sandbox.world;
  const at = async (name: string, hasOwn = false): Promise<Place> => {
    const makeOwn = async ({ ownerId }: world.Repository): Promise<void> => {
      const files = { ".github/drydock.yaml": "version: 1\n" };
      const own = await world.createRepository(github(), { id: ownerId }, ".github", {
        actor: app.ada,
        isPrivate: true,
        files,
      });
      world.setRole(github(), own, app.grace, "maintain");
    };
    return await createPlace(app, name, { files: FILES, ...(hasOwn ? { before: makeOwn } : {}) });
  };
  /** Signs in as GitHub's page for `login` would; gives the browser's cookie. */
  const signIn = async (login: string): Promise<string> => {
    const origin = `http://127.0.0.1:${app.server.port}`;
    const begun = await fetch(`${origin}/sign-in`, { redirect: "manual" });
    const [attempt = ""] = begun.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "");
    const agreed = await fetch(`${begun.headers.get("location") ?? ""}&as=${login}`, { redirect: "manual" });
    const { search } = new URL(agreed.headers.get("location") ?? "");
    const done = await fetch(`${origin}/sign-in/callback${search}`, {
      headers: { cookie: attempt },
      redirect: "manual",
    });
    const cookies = done.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "");
    return cookies.find((cookie) => cookie.startsWith("drydock-session=")) ?? "";
  };
  const send = (path: string, cookie: string, form?: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`http://127.0.0.1:${app.server.port}${path}`, {
      ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) }),
      headers: { cookie, "sec-fetch-site": "same-origin" },
      redirect: "manual",
    });
  const titleOf = (place: Place, head: string): string => place.runs(head, "drydock/environments")[0]?.title ?? "";
  const gets = async (place: Place, head: string, title: RegExp): Promise<void> => {
    await until(app, title.source, () => title.test(titleOf(place, head)));
  };
  /** As `drydock freeze` beside the server does. */
  const freeze = (request: Parameters<typeof stopServer>[1], more: Readonly<Record<string, string>> = {}) => {
    const { app: registered } = app.sandbox;
    const environment = {
      APP_ID: String(registered.appId),
      PRIVATE_KEY: registered.privateKey,
      WEBHOOK_SECRET: registered.webhookSecret,
      METRICS_PORT: String(app.server.metricsPort),
      ...more,
    };
    return stopServer(environment, request);
  };

  it("turns the checks of every account at once, and its lift turns them back", async () => {
    const [one, two] = [await at("stopped-one"), await at("stopped-two")];
    const first = await one.open("change", { "prod/web.yaml": MORE });
    const second = await two.open("change", { "prod/web.yaml": MORE });
    const idle = await two.open("words", { "README.md": "# The shop\n" });
    for (const [place, { head }] of [
      [one, first],
      [two, second],
      [two, idle],
    ] as const) {
      assert.equal((await place.judged(head)).conclusion, "success");
    }
    const said = await freeze({ all: true, reason: "the vault is open" });
    assert.match(said, /^Everything is frozen: the vault is open\n/u);
    await gets(one, first.head, /^Waiting: everything is frozen$/u);
    await gets(two, second.head, /^Waiting: everything is frozen$/u);
    await until(app, "the gate that waits", () => one.runs(first.head, "drydock")[0]?.status === "in_progress");
    assert.match(
      one.runs(first.head, "drydock/environments")[0]?.summary ?? "",
      /the vault is open.*`drydock freeze --lift`/su,
    );
    assert.equal(two.runs(idle.head, "drydock")[0]?.conclusion, "success");
    // Said again, it is one stop with the newer words.
    assert.match(
      await freeze({ all: true, reason: "still", until: "2h" }),
      /^Everything is frozen until .* UTC: still\n[^\n]*\n$/u,
    );
    assert.match(await freeze({ lift: true }), /^Lifted\. Everything is frozen until .*: still\nOpen pull requests/u);
    await gets(one, first.head, /^Every rule of prod holds/u);
    await gets(two, second.head, /^Every rule of prod holds/u);
    assert.equal((await one.judged(first.head)).conclusion, "success");
    assert.equal(await freeze({ lift: true }), "The server stops nothing.\n");
  });

  it("is set and lifted by whoever has the server's secret alone", async () => {
    await assert.rejects(
      freeze({ all: true }, { WEBHOOK_SECRET: "another secret, long enough" }),
      /does not take this/u,
    );
    const address = `http://127.0.0.1:${app.server.metricsPort}`;
    for (const path of ["/stops/set?reason=mine", "/stops/lift?ids=1"]) {
      assert.equal((await fetch(address + path, { method: "POST" })).status, 401);
      const onPages = await fetch(`http://127.0.0.1:${app.server.port}${path}`, { method: "POST" });
      assert.ok(onPages.status === 403 || onPages.status === 404);
    }
    assert.equal(await freeze({ lift: true }), "The server stops nothing.\n");
  });

  it("of one account is a button for admins of its own repository, and stops no other account", async () => {
    const [place, other] = [await at("stopped-page", true), await at("stopped-not")];
    const { head } = await place.open("change", { "prod/web.yaml": MORE });
    const elsewhere = await other.open("change", { "prod/web.yaml": MORE });
    await place.judged(head);
    await other.judged(elsewhere.head);
    const [ada, grace] = [await signIn("ada"), await signIn("grace")];
    const form = { reason: "an incident", duration: "24h" };
    assert.equal((await send("/stops/stopped-page", grace, form)).status, 404);
    assert.equal((await send("/stops/stopped-not", ada, form)).status, 404, "without such a repository it is nobody's");
    assert.equal((await send("/stops/stopped-page", ada, form)).status, 303);
    await gets(place, head, /^Waiting: everything is frozen by ada$/u);
    assert.match(titleOf(other, elsewhere.head), /^Every rule of prod holds/u);
    const page = await (await send("/stops/stopped-page", ada)).text();
    const [, id = ""] = /name="id" value="(\d+)"/u.exec(page) ?? [];
    assert.equal((await send("/stops/stopped-page/lift", grace, { id })).status, 404);
    assert.equal((await send("/stops/stopped-page/lift", ada, { id })).status, 303);
    await gets(place, head, /^Every rule of prod holds/u);
    assert.equal((await place.judged(head)).conclusion, "success");
  });

  it("of one account is a line in its own repository", async () => {
    const place = await at("stopped-line", true);
    const { head } = await place.open("change", { "prod/web.yaml": MORE });
    await place.judged(head);
    const own = world.findRepository(github(), "stopped-line", ".github")?.repository;
    assert.ok(own);
    const push = (text: string): Promise<string> =>
      world.pushCommit(github(), app.ada, own, { branch: "main", files: { ".github/drydock.yaml": text } });
    await push("version: 1\nfreeze: { reason: the auditors are here }\n");
    await gets(place, head, /^Waiting: everything is frozen$/u);
    assert.match(place.runs(head, "drydock/environments")[0]?.summary ?? "", /the auditors are here/u);
    await push("version: 1\n");
    await gets(place, head, /^Every rule of prod holds/u);
  });

  const wrong: readonly (readonly [string, Parameters<typeof stopServer>[1], RegExp])[] = [
    ["neither --all nor --lift", {}, /name either --all, to stop everything, or --lift/u],
    ["both", { all: true, lift: true }, /either/u],
    ["an end that is over", { all: true, until: "2020-01-01T00:00Z" }, /is over already/u],
    ["an end that is none", { all: true, until: "tomorrow" }, /--until is written 24h/u],
    ["a lift with a reason", { lift: true, reason: "why not" }, /go with --all/u],
    ["a reason that nobody sees", { all: true, reason: "a\u202eb" }, /cannot be seen/u],
  ];
  for (const [title, request, message] of wrong) {
    it(`refuses ${title}`, async () => {
      await assert.rejects(freeze(request), message);
    });
  }
});
