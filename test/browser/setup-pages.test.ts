import chromium from "@sparticuz/chromium";
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chromium as playwright } from "playwright-core";
import { buildManifest } from "../../src/github/index.ts";
import { loadReportAssets } from "../../src/report/assets.ts";
import { createSetupServer } from "../../src/web/index.ts";
import { createFakeLog } from "../fakes/web-server.ts";

const OWN_BROWSER = process.env["CHROME_PATH"];
const hasBuild = process.platform === "linux" && process.arch === "x64";
const skip = OWN_BROWSER !== undefined || hasBuild ? false : "no browser from npm here; name one in CHROME_PATH";
const PICTURES = process.env["DRYDOCK_PICTURES"];

test("the first run, in a real browser: token, choice, GitHub and back, on a phone", { skip }, async (t) => {
  let origin = "";
  const posted: string[] = [];
  const github = createServer((request, response) => {
    if (request.method !== "POST") return void response.end("install me");
    const state = new URL(request.url ?? "", "http://github.example").searchParams.get("state") ?? "";
    request.setEncoding("utf8").on("data", (piece: string) => posted.push(piece));
    request.on("end", () => {
      response.writeHead(302, { location: `${origin}/setup/callback?code=c0de&state=${state}` }).end();
    });
  });
  await new Promise<void>((resolve) => github.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    github.closeAllConnections();
    github.close();
  });
  // Another site than the server's, as GitHub is: a cookie that stays with its site is put to the test.
  const githubUrl = `http://localhost:${(github.address() as AddressInfo).port}`;
  const data = await mkdtemp(join(tmpdir(), "drydock-setup-"));
  t.after(() => rm(data, { recursive: true, force: true }));
  const log = createFakeLog();
  const made = {
    appId: 1,
    htmlUrl: `${githubUrl}/apps/x`,
    clientId: "i",
    clientSecret: "s",
    webhookSecret: "w",
    privateKey: "k",
  };
  const server = createSetupServer({
    settings: { HOST: "127.0.0.1", PORT: 0, PUBLIC_URL: undefined, WEBHOOK_PATH: "/hook", DRYDOCK_DATA: data },
    githubUrl,
    buildManifest,
    convertManifest: () => Promise.resolve(made),
    onCreated: () => undefined,
    assets: await loadReportAssets(),
    log,
    now: Date.now,
    randomBytes,
  });
  origin = `http://127.0.0.1:${(await server.start()).port}`;
  t.after(() => server.stop());
  const browser = await playwright.launch({
    executablePath: OWN_BROWSER ?? (await chromium.executablePath()),
    args: ["--no-sandbox"], // A browser that runs as root starts no other way.
  });
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 360, height: 740 } });
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
  });
  const isNarrow = async (name: string): Promise<void> => {
    if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `setup-${name}.png`), fullPage: true });
    const wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert.equal(await page.evaluate<number>(wide), 0, name);
  };

  await page.goto(origin);
  await isNarrow("token");
  await page.getByLabel("Token from the server's log").fill(String(log.lines[0]?.fields["token"]));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Which App do you need?" }).waitFor();
  await isNarrow("choice");
  await page.getByLabel("Organisation that the App will belong to").fill("shop");
  await page.getByRole("radio", { name: /Checks only/u }).check();
  assert.equal(await page.getByLabel("Address of this server").inputValue(), origin);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { name: "Create the App" }).waitFor();
  await isNarrow("hand-over");
  await page.getByRole("button", { name: "Create the App on GitHub" }).click();
  await page.getByText("install me").waitFor();
  assert.equal(page.url(), `${githubUrl}/apps/x/installations/new`);
  const manifest = new URLSearchParams(posted.join("")).get("manifest") ?? "";
  assert.equal((JSON.parse(manifest) as { redirect_url: string }).redirect_url, `${origin}/setup/callback`);
  assert.deepEqual(await readdir(data), ["app.json"]);
  assert.deepEqual(
    errors.filter((text) => !text.includes("favicon")),
    [],
  );
});
