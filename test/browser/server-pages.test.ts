import chromium from "@sparticuz/chromium";
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { chromium as playwright } from "playwright-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { renderJson, renderPageBody } from "../../src/report/index.ts";
import type { SignIn } from "../../src/web/ports.ts";
import {
  makeApp,
  makeChange,
  makeFinding,
  makeHostileReport,
  makeReport,
  makeResource,
  HOSTILE_TEXTS,
} from "../fakes/reports.ts";
import { createFakeStopDesk } from "../fakes/stop-desk.ts";
import { READER, signInAs, startWebServer } from "../fakes/web-server.ts";
import type { Report } from "../../src/model/index.ts";

/** A browser that is installed anyway, for platforms that the npm package has no build for. */
const OWN_BROWSER = process.env["CHROME_PATH"];
const hasBuild = process.platform === "linux" && process.arch === "x64";
const skip = OWN_BROWSER !== undefined || hasBuild ? false : "no browser from npm here; name one in CHROME_PATH";
/** A directory for pictures to look at; none are made without it. */
const PICTURES = process.env["DRYDOCK_PICTURES"];

const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 900 } };
const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true };
const DARK: BrowserContextOptions = { ...PHONE, colorScheme: "dark" };
const PULL = "/shop/deploy/pull/12";

const diff = `@@ -1,4 +1,4 @@\n spec:\n-  replicas: 3\n+  replicas: 12\n   image: ${"registry.example/".repeat(12)}web:1.2.3\n`;
const report = makeReport({
  outcome: { status: "failed", exitCode: 1, title: "Fix 1 error in 2 apps" },
  apps: ["apps/web", "apps/api"].map((path) =>
    makeApp(path, { changes: [makeChange(makeResource("Deployment", path.slice(5)), { diff, likeness: path })] }),
  ),
  findings: [makeFinding()],
});

/** What the browser complains of, and everything that it asks of anybody else. */
interface Witness {
  readonly errors: string[];
  readonly foreign: string[];
}

describe("the served pages, in a real browser", { skip }, () => {
  let browser: Browser | undefined;
  before(async () => {
    browser = await playwright.launch({
      executablePath: OWN_BROWSER ?? (await chromium.executablePath()),
      args: ["--no-sandbox"], // A browser that runs as root starts no other way.
    });
  });
  after(() => browser?.close());

  async function open(
    t: TestContext,
    options: BrowserContextOptions,
    shown: Report = report,
    signIn?: SignIn,
    parts: Parameters<typeof startWebServer>[1] = {},
  ) {
    assert.ok(browser);
    const server = await startWebServer(t, { ...parts, ...(signIn === undefined ? {} : { signIn }) });
    const entry = {
      headSha: "9e8d7c6b5a4938271605f4e3d2c1b0a998877665",
      baseSha: "1f".repeat(20),
      baseRef: "main",
      judgedAt: "2026-11-20T10:11:12.000Z",
      body: renderPageBody(shown),
      json: renderJson(shown),
    };
    server.records.judgements.set(12, [
      { ...entry, id: "r3", state: "failure", title: shown.outcome.title },
      { ...entry, id: "r2", state: "in_progress", title: "Checking" },
      { ...entry, id: "r1", state: "success", title: `Nothing that deploys changes ${"x".repeat(80)}` },
    ]);
    const context = await browser.newContext({ ...options, reducedMotion: "reduce" });
    t.after(() => context.close());
    const page = await context.newPage();
    const witness: Witness = { errors: [], foreign: [] };
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") witness.errors.push(message.text());
    });
    page.on("pageerror", (error) => witness.errors.push(error.message));
    page.on("dialog", (dialog) => {
      witness.errors.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(server.origin)) witness.foreign.push(request.url());
    });
    const [name = "", value = ""] = signInAs(server.records, READER).split("=");
    const enter = (): Promise<void> => context.addCookies([{ name, value, url: server.origin }]);
    return { ...server, page, witness, enter };
  }

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }

  for (const [name, options] of Object.entries({ desktop: DESKTOP, phone: PHONE, dark: DARK })) {
    test(`${name}: a report is styled and drawn under its policy, and nothing scrolls sideways but diffs`, async (t) => {
      const { page, origin, witness, enter } = await open(t, options);
      await enter();
      await page.goto(origin + PULL);
      await page.locator(".drawn").first().waitFor();
      assert.ok(await page.locator("#search").isVisible(), "the page's script ran");
      await picture(page, `${name}-report`);
      await page.locator(".history > summary").click();
      assert.equal(await page.locator(".history li").count(), 3);
      await picture(page, `${name}-history`);
      assert.equal(await overflow(page), 0);
      await page.getByRole("link", { name: "Checking" }).click();
      await page.getByText("This is an older check").waitFor();
      assert.equal(await overflow(page), 0);
      await page.getByRole("link", { name: "Drydock", exact: true }).click();
      await page.getByRole("heading", { name: "Drydock" }).waitFor();
      await picture(page, `${name}-home`);
      assert.equal(await overflow(page), 0);
      assert.deepEqual(witness, { errors: [], foreign: [] });
    });
  }

  test("hostile names do nothing on a served page either", async (t) => {
    const { page, origin, witness, enter } = await open(t, DESKTOP, makeHostileReport(HOSTILE_TEXTS.join(" ")));
    await enter();
    await page.goto(origin + PULL);
    await page.locator(".history > summary").click();
    await page.mouse.wheel(0, 4000);
    await page.waitForTimeout(100);
    assert.deepEqual(witness, { errors: [], foreign: [] });
  });

  test("the keyboard alone reaches the report, the history and the way out", async (t) => {
    const { page, origin, enter, records } = await open(t, DESKTOP);
    await enter();
    await page.goto(origin + PULL);
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Skip to the report");
    assert.notEqual(await page.evaluate<string>("getComputedStyle(document.activeElement).outlineStyle"), "none");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate<string>("document.activeElement.id"), "main");
    await page.goto(origin + PULL);
    await tabTo(page, "3 checks");
    await page.keyboard.press("Enter");
    assert.ok(await page.locator(".history ol").isVisible());
    await tabTo(page, "Sign out");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Sign in", exact: true }).waitFor();
    assert.equal(records.sessions.size, 0);
    assert.equal(new URL(page.url()).pathname, "/");
    assert.equal(await page.locator("h1").count(), 1);
  });

  test("an admin stops everything of an account and lifts it again, by the keyboard or on a phone", async (t) => {
    const { desk, stops } = createFakeStopDesk();
    const { page, origin, witness, enter } = await open(t, PHONE, report, undefined, { stopDesk: desk });
    await enter();
    await page.goto(`${origin}/stops/shop`);
    await page.getByLabel("Why").fill("<b>the vault</b> is open");
    await page.getByLabel("after 2 hours").check();
    await picture(page, "phone-stop");
    assert.equal(await overflow(page), 0);
    await page.getByRole("button", { name: "Stop everything of shop" }).click();
    await page.getByText("<b>the vault</b> is open").waitFor();
    assert.deepEqual([stops.length, stops[0]?.by?.id], [1, READER.id]);
    assert.equal(await overflow(page), 0);
    await tabTo(page, "Lift");
    await page.keyboard.press("Enter");
    await page.getByText("Nothing is stopped.").waitFor();
    assert.deepEqual(stops, []);
    assert.deepEqual(witness, { errors: [], foreign: [] });
  });

  test("a visitor signs in on GitHub and lands on the report, with no secret left in the address", async (t) => {
    const github: SignIn = {
      // GitHub's page, already agreed to: it sends the browser straight back.
      authorizeUrl: ({ state }) => `${here}/sign-in/callback?code=good&state=${state}`,
      identify: () => Promise.resolve(READER),
    };
    let here = "";
    const { page, origin, witness } = await open(t, PHONE, report, github);
    here = origin;
    await page.goto(origin + PULL);
    await page.getByRole("heading", { name: "Sign in to read this report" }).waitFor();
    await picture(page, "phone-sign-in");
    assert.equal(await overflow(page), 0);
    await page.getByRole("link", { name: "Sign in with GitHub" }).click();
    await page.locator(".drawn").first().waitFor();
    assert.equal(page.url(), origin + PULL);
    const cookies = await page.context().cookies();
    assert.deepEqual(
      cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]),
      [["drydock-session", true, "Lax"]],
    );
    // The page that asks to sign in is a 401, which Chromium mentions.
    assert.deepEqual(
      witness.errors.filter((text) => !/status of 401/u.test(text)),
      [],
    );
  });
});

/** Pixels that the page is wider than its window. */
async function overflow(page: Page): Promise<number> {
  return await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}

async function focused(page: Page): Promise<string> {
  return (await page.evaluate<string>("document.activeElement.textContent")).replaceAll(/\s+/gu, " ").trim();
}

async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press("Tab");
    if ((await focused(page)) === name) return;
  }
  assert.fail(`Tab never reaches ${name}`);
}
