import chromium from "@sparticuz/chromium";
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { chromium as playwright } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { openDemo } from "../../src/demo-door.ts";
import type { RunningDemo } from "../../src/demo/start-demo.ts";

/** A browser that is installed anyway, for platforms that the npm package has no build for. */
const OWN_BROWSER = process.env["CHROME_PATH"];
const hasBuild = process.platform === "linux" && process.arch === "x64";
const skip = OWN_BROWSER !== undefined || hasBuild ? false : "no browser from npm here; name one in CHROME_PATH";
/** A directory for pictures to look at; none are made without it. */
const PICTURES = process.env["DRYDOCK_PICTURES"];
/** Milliseconds: engines start, and the server keeps to GitHub's limits. */
const PATIENCE = 240_000;

describe("the demo's pages, in a real browser", { skip }, () => {
  let browser: Browser | undefined;
  let demo: RunningDemo | undefined;
  const said: string[] = [];

  before(async () => {
    const root = join(import.meta.dirname, "..", "..");
    const path = process.env["PATH"] ?? "";
    demo = await openDemo({ root, path, directory: undefined, onError: (text) => said.push(text) });
    browser = await playwright.launch({
      executablePath: OWN_BROWSER ?? (await chromium.executablePath()),
      args: ["--no-sandbox"], // A browser that runs as root starts no other way.
    });
  });
  after(async () => {
    await browser?.close();
    await demo?.close();
  });

  test("a fix is pushed to a broken pull request, its gate turns green, and it is approved and merged", async (t) => {
    assert.ok(browser !== undefined && demo !== undefined);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
    t.after(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const { errors, asked } = watch(page);
    await page.goto(demo.url);
    await page.getByText("Fix 2 errors in 4 apps").waitFor();
    await picture(page, "demo-list");
    await page.getByRole("link", { name: "Tune web and its backups" }).click();
    await page.getByText("drydock/blocked").waitFor();
    await page.locator(".thread", { hasText: "orders.yaml" }).waitFor();
    const conversation = page.url();
    assert.ok(await page.locator("#merge").isDisabled(), "the gate is required");
    await picture(page, "demo-broken");

    await edit(page, conversation, "apps/web/base/deployment.yaml", ["replica: 3", "replicas: 3"]);
    await edit(page, conversation, "infra/backups/orders.yaml", ['"21"', "21"]);
    await page.locator(".merge-box.success").waitFor();
    await page.getByText("drydock/ready").waitFor();
    assert.ok(await page.locator("#merge").isDisabled(), "nobody approved it yet");
    assert.equal(await page.locator("#approve").count(), 0, "it is ada's own");

    await page.getByLabel("You are").selectOption("grace");
    await page.locator("#approve").click();
    await page.getByText("grace approved this").waitFor();
    await picture(page, "demo-mended");
    await page.locator("#merge").click();
    await page.getByText("Merged", { exact: true }).waitFor();
    assert.deepEqual(errors, []);
    const origin = new URL(demo.url).origin;
    assert.deepEqual(
      asked.filter((url) => !url.startsWith(origin)),
      [],
    );
  });

  test("what a policy blocks is mended by the fix at hand", async (t) => {
    assert.ok(browser !== undefined && demo !== undefined);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    t.after(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.goto(demo.url.replace(/pulls$/u, "pull/7"));
    await page.getByText("drydock/policy").first().waitFor();
    await page.getByText("Fix 1 error in 2 apps").first().waitFor();
    await page.locator("#fix").click();
    await page.locator(".merge-box.waiting").waitFor();
    assert.equal(await page.locator("#fix").count(), 0);
  });

  test("a prod edit that says dev is refused, and passes once it changes dev alone", async (t) => {
    assert.ok(browser !== undefined && demo !== undefined);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    t.after(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const conversation = demo.url.replace(/pulls$/u, "pull/10");
    await page.goto(conversation);
    await page.getByText("No direct edits of prod").first().waitFor();
    await picture(page, "demo-refused");
    await page.getByRole("link", { name: "Checks" }).click();
    await page.getByText("prod is changed by promotion and rollback only").waitFor();
    await picture(page, "demo-refused-checks");
    await page.goto(conversation);
    await page.locator("#fix").click();
    await page.getByText("Every rule of dev holds").waitFor();
    await page.locator(".merge-box.success").waitFor();
  });

  test("a freeze stands in the checks until it is lifted, and a word of the team lets the change in", async (t) => {
    assert.ok(browser !== undefined && demo !== undefined);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    t.after(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.goto(demo.url.replace(/pulls$/u, "pull/3"));
    await page.getByText("0 of 1 approval for prod").first().waitFor();
    await say(page, "ada", "/drydock freeze prod 30m Black Friday");
    await page.getByText("prod is frozen by ada").first().waitFor();
    await picture(page, "demo-frozen");
    await page.getByRole("link", { name: "Checks" }).click();
    await page.getByText("Black Friday").first().waitFor();
    await picture(page, "demo-frozen-checks");
    await page.getByRole("link", { name: "Conversation" }).click();
    await say(page, "ada", "/drydock unfreeze prod");
    await page.getByText("Waiting: 0 of 1 approval for prod").first().waitFor();
    await say(page, "linus", "/drydock approve prod");
    await page.getByText("Every rule of prod holds").waitFor();
  });

  test("what was promoted in order passes once it has soaked and somebody of the team approved it", async (t) => {
    assert.ok(browser !== undefined && demo !== undefined);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    t.after(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    for (const [number, environment] of [
      [8, "prod"],
      [11, "ledger-prod"],
    ] as const) {
      await page.goto(demo.url.replace(/pulls$/u, `pull/${number}`));
      await page.locator(".merge-box.waiting").waitFor();
      await picture(page, `demo-promotion-${number}`);
      await say(page, "ada", `/drydock approve ${environment}`);
    }
    for (const [number, environment] of [
      [8, "prod"],
      [11, "ledger-prod"],
    ] as const) {
      await page.goto(demo.url.replace(/pulls$/u, `pull/${number}`));
      await page.getByText(`Every rule of ${environment} holds`).waitFor();
    }
    await page.goto(demo.url.replace(/pulls$/u, "pull/9/checks"));
    await page.getByText("does not stand in").first().waitFor();
    await picture(page, "demo-jump-checks");
  });

  test("a command is answered, and the report is shown to whoever signs in", async (t) => {
    assert.ok(browser !== undefined && demo !== undefined);
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, hasTouch: true });
    t.after(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.goto(demo.url.replace(/pulls$/u, "pull/4"));
    await page.getByLabel("Comment as ada").fill("/drydock nonsense <img src=x>");
    await page.getByRole("button", { name: "Comment", exact: true }).click();
    await page.getByText("there is no such command", { exact: false }).first().waitFor();
    assert.equal(await page.locator("img").count(), 0);
    await page.getByText("12 apps change, no errors").first().waitFor();
    // What the file changes where, folded, on the file itself.
    await page.locator(".thread", { hasText: "tenants/base/quota.yaml" }).waitFor();
    await picture(page, "demo-phone");
    await page.getByRole("link", { name: "Checks" }).click();
    assert.equal(await overflow(page), 0);
    await page.getByRole("link", { name: "View more details on Drydock" }).first().click();
    await page.getByRole("link", { name: "Sign in with GitHub" }).click();
    await page.getByRole("link", { name: "grace" }).click();
    await page.getByText("Signed in as").waitFor();
    assert.equal(new URL(page.url()).origin, demo.serverUrl);
    await page.getByRole("heading", { name: "12 apps change, no errors" }).waitFor();
    await picture(page, "demo-report");
    assert.deepEqual(said, []);
    assert.deepEqual(demo.stage.sandbox.violations, []);
  });

  test("forms from other pages and other names of this machine are refused", async () => {
    assert.ok(demo !== undefined);
    const merge = demo.url.replace(/pulls$/u, "pull/1/merge");
    for (const headers of [{ origin: "https://example.com" }, { "sec-fetch-site": "cross-site" }, {}]) {
      assert.equal((await fetch(merge, { method: "POST", headers })).status, 403);
    }
    const page = await fetch(demo.url);
    assert.match(
      page.headers.get("content-security-policy") ?? "",
      /^default-src 'none'; style-src 'self'; script-src 'self'/u,
    );
  });
});

/** Changes a text in a file of the pull request and pushes it. */
async function edit(page: Page, conversation: string, path: string, [from, to]: [string, string]): Promise<void> {
  await page.goto(`${conversation}/files`);
  await page.locator(".file", { hasText: path }).getByRole("link", { name: "Edit" }).click();
  const content = page.getByLabel("Content");
  const text = await content.inputValue();
  assert.ok(text.includes(from), text);
  await content.fill(text.replace(from, to));
  await page.getByRole("button", { name: "Push as ada" }).click();
  await page.waitForURL(conversation);
}

/** Comments as somebody. */
async function say(page: Page, login: string, text: string): Promise<void> {
  await page.getByLabel("You are").selectOption(login);
  await page.getByLabel(`Comment as ${login}`).fill(text);
  await page.getByRole("button", { name: "Comment", exact: true }).click();
}

function watch(page: Page): { readonly errors: string[]; readonly asked: string[] } {
  const [errors, asked]: [string[], string[]] = [[], []];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("request", (request) => asked.push(request.url()));
  return { errors, asked };
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

/** Pixels that the page is wider than its window. */
async function overflow(page: Page): Promise<number> {
  return await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}
