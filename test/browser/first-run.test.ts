import chromium from "@sparticuz/chromium";
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium as playwright } from "playwright-core";
import { examineInstallation } from "../../src/doctor-door.ts";
import { startSandbox } from "../../src/sandbox/index.ts";
import * as world from "../../src/sandbox/world/index.ts";
import { printDeployment } from "../fakes/deployment.ts";
import { createServerProcess } from "../fakes/server-process.ts";

const OWN_BROWSER = process.env["CHROME_PATH"];
const hasBuild = process.platform === "linux" && process.arch === "x64";
const skip = OWN_BROWSER !== undefined || hasBuild ? false : "no browser from npm here; name one in CHROME_PATH";
const PICTURES = process.env["DRYDOCK_PICTURES"];
/** Milliseconds: a server starts, engines with it. */
const PATIENCE = 60_000;

async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  for (const end = Date.now() + PATIENCE; Date.now() < end;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await sleep(50);
  }
  throw new Error(`${what} did not come`);
}

test(
  "the first run, whole: an empty directory, the App made on GitHub, installed, a pull request judged",
  {
    skip,
  },
  async (t) => {
    const sandbox = await startSandbox();
    t.after(() => sandbox.close());
    const ada = world.createUser(sandbox.world, "ada");
    const shop = world.createOrganization(sandbox.world, ada, "shop");
    const files = { "apps/web.yaml": printDeployment() };
    const repository = await world.createRepository(sandbox.world, shop, "config", {
      actor: ada,
      isPrivate: true,
      files,
    });
    const directory = await mkdtemp(join(tmpdir(), "drydock-first-run-"));
    t.after(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }));
    const env = { GITHUB_API_URL: sandbox.apiUrl, LOG_LEVEL: "debug", DRYDOCK_SWEEP_SECONDS: "5" };
    const server = await createServerProcess({ sandbox, directory, env, isFirstRun: true });
    t.after(() => server.kill());
    await server.start();
    // Another site than GitHub's, which is at 127.0.0.1: a cookie that stays with its site is put to the test.
    const origin = `http://localhost:${server.port}`;

    const browser = await playwright.launch({
      executablePath: OWN_BROWSER ?? (await chromium.executablePath()),
      args: ["--no-sandbox"], // A browser that runs as root starts no other way.
    });
    t.after(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(PATIENCE);
    const addresses: string[] = [];
    page.on("request", (request) => addresses.push(request.url(), request.headers()["referer"] ?? ""));
    const picture = async (name: string): Promise<void> => {
      if (PICTURES !== undefined)
        await page.screenshot({ path: join(PICTURES, `first-run-${name}.png`), fullPage: true });
    };

    await page.goto(origin);
    await picture("token");
    const [, token = ""] = /"token":"([^"]+)"/u.exec(server.lastWords()) ?? [];
    await page.getByLabel("Token from the server's log").fill(token);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByLabel("Organisation that the App will belong to").fill("shop");
    assert.ok(await page.getByText("can be installed there alone").isVisible());
    await picture("choice");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Create the App on GitHub" }).waitFor();
    await picture("hand-over");
    await page.getByRole("button", { name: "Create the App on GitHub" }).click();
    await page.getByLabel("GitHub App name").fill("Drydock of the shop");
    await page.getByRole("button", { name: "Create GitHub App" }).click();
    await page.getByRole("button", { name: "Install on shop" }).click();
    await page.getByRole("heading", { name: "Drydock of the shop is installed on shop" }).waitFor();
    await until("the server", () => server.lastWords().includes("drydock listens on"));

    const data = join(directory, "data");
    assert.equal((await stat(data)).mode & 0o777, 0o700);
    assert.equal((await stat(join(data, "app.json"))).mode & 0o777, 0o600);
    assert.ok((await readdir(data)).every((name) => !name.startsWith("app.json.")));
    const kept = JSON.parse(await readFile(join(data, "app.json"), "utf8")) as Record<string, string>;
    const [app] = world.select(sandbox.world, "apps", ({ name }) => name === "Drydock of the shop");
    assert.ok(app);
    assert.deepEqual(kept, {
      APP_ID: String(app.id),
      PRIVATE_KEY: app.privateKey,
      WEBHOOK_SECRET: app.webhookSecret,
      CLIENT_ID: app.clientId,
      CLIENT_SECRET: app.clientSecret,
      PUBLIC_URL: origin,
    });

    const changed = { "apps/web.yaml": printDeployment().replace("1.0.0", "1.1.0") };
    const head = await world.pushCommit(sandbox.world, ada, repository, { branch: "raise", files: changed });
    await world.openPullRequest(sandbox.world, ada, repository, { head: "raise" });
    const runs = (): readonly world.CheckRun[] => world.latestCheckRuns(sandbox.world, repository, head);
    const gate = await until("the gate", () =>
      runs().find((run) => run.name === "drydock" && run.status === "completed" && run.appId === app.id),
    );
    assert.equal(gate.conclusion, "success");

    // The page of the report asks who it is, and the App that was made can tell.
    await page.goto(gate.detailsUrl ?? "");
    await picture("sign-in");
    await page.getByRole("link", { name: "Sign in with GitHub" }).click();
    await page.getByRole("link", { name: "ada" }).click();
    await page.getByText("1.1.0").first().waitFor();
    await picture("report");

    // GitHub's first word came while there was nobody to take it; it is asked for again, and nothing is wrong then.
    const [, metricsPort = ""] = /metrics on port (\d+)/u.exec(server.lastWords()) ?? [];
    const surroundings = { GITHUB_API_URL: sandbox.apiUrl, DRYDOCK_DATA: data, METRICS_PORT: metricsPort };
    let said = { exitCode: 1, text: "" };
    for (const end = Date.now() + PATIENCE; said.exitCode !== 0 && Date.now() < end;) {
      await sleep(250);
      said = await examineInstallation(surroundings, { format: "text", width: 80 });
    }
    assert.match(said.text, /No delivery of the last three days is left undelivered\.[^]*Nothing is wrong\./u);

    const words = server.lastWords();
    assert.match(words, /open the address and enter the token/u, "all of the log is looked at");
    assert.ok(!said.text.includes(app.webhookSecret));
    const secrets = [app.webhookSecret, app.clientSecret, app.privateKey.split("\n")[3] ?? ""];
    const codes = addresses.flatMap((address) => new URLSearchParams(address.split("?")[1]).get("code") ?? []);
    assert.equal(codes.length > 0, true);
    for (const secret of [...secrets, ...codes]) assert.ok(!words.includes(secret), "no secret is in the log");
    for (const secret of [...secrets, token])
      assert.ok(!addresses.some((each) => each.includes(secret)), "or in a URL");
    assert.ok(!page.url().includes("code="));
    assert.deepEqual(sandbox.violations, []);
  },
);
