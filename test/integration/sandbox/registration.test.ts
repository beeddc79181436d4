import assert from "node:assert/strict";
import { test } from "node:test";
import { buildManifest } from "../../../src/github/index.ts";
import { startSandbox } from "../../../src/sandbox/index.ts";
import { whenDelivered } from "../../../src/sandbox/webhooks/index.ts";
import { createOrganization, createUser, select } from "../../../src/sandbox/world/index.ts";
import { request } from "./open-sandbox.ts";

const URL_OF_SERVER = "http://127.0.0.1:1";

function printManifest(changes: object = {}): string {
  const manifest = buildManifest({
    url: URL_OF_SERVER,
    name: "drydock-abc",
    set: "full",
    webhookPath: "/hook",
    redirectPath: "/back",
    callbackPath: "/auth",
  });
  return JSON.stringify({ ...manifest, ...changes });
}

for (const mode of ["github.com", "ghes"] as const) {
  test(`an App is registered from its manifest, for an organisation on ${mode}`, async (t) => {
    let time = Date.parse("2026-03-01T00:00:00Z");
    const sandbox = await startSandbox({ mode, clock: () => time });
    t.after(() => sandbox.close());
    const acme = createOrganization(sandbox.world, createUser(sandbox.world, "ada"), "acme");
    const send = (path: string, fields: Readonly<Record<string, string>>) =>
      fetch(`${sandbox.url}${path}`, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
    const create = async (name: string): Promise<URL> => {
      const made = await send("/organizations/acme/settings/apps", { manifest: printManifest(), name, state: "s&1" });
      assert.equal(made.status, 302, await made.text());
      return new URL(made.headers.get("location") ?? "");
    };
    const convert = (at: URL) =>
      request(sandbox, "POST", `/app-manifests/${at.searchParams.get("code") ?? ""}/conversions`);

    const page = await send("/organizations/acme/settings/apps/new?state=s%261", { manifest: printManifest() });
    assert.match(await page.text(), /name="state" value="s&#38;1".*<button>Create GitHub App<\/button>/su);
    const back = await create("Drydock of acme");
    assert.deepEqual([back.origin + back.pathname, back.searchParams.get("state")], [`${URL_OF_SERVER}/back`, "s&1"]);
    const { status, body } = await convert(back);
    assert.deepEqual([status, body["name"]], [201, "Drydock of acme"]);
    assert.equal((await convert(back)).status, 404, "a code is good once");
    const late = await create("Late");
    time += 3_600_000;
    assert.equal((await convert(late)).status, 404, "and for an hour");

    const slug = String(body["slug"]);
    const offer = await (await fetch(`${sandbox.url}/apps/${slug}/installations/new`)).text();
    assert.match(offer, /Install on acme/u);
    assert.doesNotMatch(offer, /Install on ada/u, "an App of one's own is installed on its owner alone");
    assert.equal((await send(`/apps/${slug}/installations/new`, { target_id: String(acme.id) })).status, 200);
    const [installation] = select(sandbox.world, "installations", ({ accountId }) => accountId === acme.id);
    assert.deepEqual([installation?.appId, installation?.permissions["checks"]], [body["id"], "write"]);
    await whenDelivered(sandbox.parts.webhooks);
    assert.deepEqual(sandbox.violations, []);
  });
}

test("a manifest that GitHub would not take is refused", async (t) => {
  const sandbox = await startSandbox();
  t.after(() => sandbox.close());
  const say = async (path: string, fields: Readonly<Record<string, string>>): Promise<string> => {
    const answer = await fetch(`${sandbox.url}${path}`, { method: "POST", body: new URLSearchParams(fields) });
    return `${answer.status} ${await answer.text()}`;
  };
  const unsupported = printManifest({ default_permissions: { checks: "write" } });
  assert.match(
    await say("/settings/apps/new", { manifest: unsupported }),
    /^422 .*Default events unsupported: .*merge_group/su,
  );
  assert.match(await say("/settings/apps/new", { manifest: printManifest({ webhook: {} }) }), /^422 .*webhook/su);
  assert.match(await say("/settings/apps/new", { manifest: "{" }), /^422 /u);
  assert.match(await say("/organizations/nobody/settings/apps/new", { manifest: printManifest() }), /^404 /u);
  const register = (name: string) => say("/settings/apps", { manifest: printManifest(), name });
  assert.match(await register("Drydock"), /^422 .*already been taken/su);
  assert.match(await register("x".repeat(35)), /^422 .*too long/su);
});
