import chromium from "@sparticuz/chromium";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { chromium as playwright } from "playwright-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { buildSample } from "../../src/demo/build-sample.ts";
import { loadReportAssets } from "../../src/report/assets.ts";
import { renderReport } from "../../src/report/index.ts";
import type { Report } from "../../src/model/index.ts";
import { HOSTILE_TEXTS, makeApp, makeChange, makeHostileReport, makeReport, makeResource } from "../fakes/reports.ts";

/** A browser that is installed anyway, for platforms that the npm package has no build for. */
const OWN_BROWSER = process.env["CHROME_PATH"];
const hasBuild = process.platform === "linux" && process.arch === "x64";
const skip = OWN_BROWSER !== undefined || hasBuild ? false : "no browser from npm here; name one in CHROME_PATH";

const DESKTOP = { viewport: { width: 1280, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };
const MANY_CHANGES = 400;

/** One of each sort of text that the pages hold. */
const READABLE =
  "h1|.counts|.origin|.subject|.risk-line|.tag|.tag.risk|.place|.message|.amount|.api|.reach|td.d2h-del|td.d2h-ins|.d2h-code-linenumber|.d2h-info|.contents a|footer".split(
    "|",
  );

/** Everything that must not happen while a page is open, in the words of the browser. */
interface Witness {
  readonly requests: string[];
  readonly errors: string[];
  readonly dialogs: string[];
}

describe("the page of a report, in a real browser", { skip }, () => {
  let directory = "";
  let browser: Browser | undefined;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "drydock-browser-"));
    await writeSamplePages(directory);
    await mkdir(join(directory, "made"));
    await writePage("hostile", makeHostileReport(HOSTILE_TEXTS.join(" ")));
    await writePage("hostile-diff", makeHostileDiff());
    await writePage("many", makeManyChanges());
    browser = await playwright.launch({
      executablePath: OWN_BROWSER ?? (await chromium.executablePath()),
      args: ["--no-sandbox"], // A browser that runs as root starts no other way.
    });
  });

  after(async () => {
    await browser?.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function writePage(name: string, report: Report): Promise<void> {
    const page = renderReport(report, "html", { text: {}, assets: await loadReportAssets() });
    await writeFile(join(directory, "made", `${name}.html`), page);
  }

  async function open(
    file: string,
    options: BrowserContextOptions = DESKTOP,
  ): Promise<{ page: Page; witness: Witness; close: () => Promise<void> }> {
    assert.ok(browser);
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const witness: Witness = { requests: [], errors: [], dialogs: [] };
    await context.route("**/*", (route) => {
      witness.requests.push(route.request().url());
      return route.request().url().startsWith("file:") ? route.continue() : route.abort();
    });
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") witness.errors.push(message.text());
    });
    page.on("pageerror", (error) => witness.errors.push(error.message));
    page.on("dialog", (dialog) => {
      witness.dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(`file://${join(directory, file)}`);
    return { page, witness, close: () => context.close() };
  }

  async function listPages(): Promise<string[]> {
    const sample = (await readdir(directory)).filter((name) => name.endsWith(".html"));
    assert.equal(sample.length, 12, "one a change");
    return [...sample, "made/hostile.html", "made/hostile-diff.html", "made/many.html"];
  }

  test("asks nothing of anybody and reports no error", async () => {
    for (const file of await listPages()) {
      const { page, witness, close } = await open(file);
      await page.mouse.wheel(0, 4000);
      await page.waitForTimeout(100);
      assert.deepEqual(witness, { requests: [`file://${join(directory, file)}`], errors: [], dialogs: [] });
      await close();
    }
  });

  test("draws diffs unified and side by side, and remembers which", async () => {
    const { page, close } = await open("3-shrink-storage.html");
    await page.locator(".drawn").first().waitFor();
    assert.equal(await page.locator(".d2h-file-side-diff").count(), 0);
    await page.getByRole("button", { name: "Side by side" }).click();
    await page.locator(".d2h-file-side-diff").first().waitFor();
    assert.equal(await page.getByRole("button", { name: "Side by side" }).getAttribute("aria-pressed"), "true");
    await page.reload();
    await page.locator(".d2h-file-side-diff").first().waitFor();
    await page.getByRole("button", { name: "Unified" }).click();
    await page.locator(".drawn").first().waitFor();
    assert.equal(await page.locator(".d2h-file-side-diff").count(), 0);
    await close();
  });

  test("the contents lead to every change", async () => {
    const { page, close } = await open("3-shrink-storage.html");
    const leaves = page.locator(".tree [data-leaf] a");
    assert.equal(await leaves.count(), 5);
    await page.getByRole("button", { name: "Close all" }).click();
    assert.equal(await page.locator(".change[open]").count(), 0);
    await leaves.nth(4).click();
    await page.locator("#change-5[open]").waitFor();
    assert.equal(await page.locator(".change[open]").count(), 1, "a link opens what it leads to, and nothing else");
    assert.ok(await isInView(page, "#change-5"));
    await page.locator("#change-5 > summary").click();
    await leaves.nth(4).click();
    await page.locator("#change-5[open]").waitFor();
    await close();
  });

  test("search narrows, says how far, and Escape ends it", async () => {
    const { page, close } = await open("3-shrink-storage.html");
    const changes = page.locator(".change:visible");
    assert.equal(await changes.count(), 5);
    await page.keyboard.press("/");
    await page.keyboard.type("role backup");
    await page.locator("#search-state:not(:empty)").waitFor();
    assert.equal(await changes.count(), 1);
    assert.match((await page.locator("#search-state").textContent()) ?? "", /^2 of \d+ entries match$/u);
    assert.equal(await page.locator(".tree [data-leaf]:visible").count(), 1, "the contents follow");
    await page.keyboard.press("Escape");
    assert.equal(await changes.count(), 5);
    await page.keyboard.press("/");
    await page.keyboard.type("no-such-thing");
    await page.locator("#search-state:not(:empty)").waitFor();
    assert.match((await page.locator("#search-state").textContent()) ?? "", /^0 of \d+ entries match$/u);
    await close();
  });

  test("everything can be reached and used by keyboard alone", async () => {
    const { page, close } = await open("3-shrink-storage.html");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Skip to the report");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate<string>("document.activeElement.id"), "main");
    await page.goto("about:blank");
    await page.goto(`file://${join(directory, "3-shrink-storage.html")}`);
    await tabTo(page, "Side by side");
    await page.keyboard.press("Enter");
    await page.locator(".d2h-file-side-diff").first().waitFor();
    const outline = await page.evaluate<string>("getComputedStyle(document.activeElement).outlineStyle");
    assert.notEqual(outline, "none", "the focus can be seen");
    await tabTo(page, "- Namespace api-dev !");
    await page.keyboard.press("Enter");
    await page.waitForTimeout(100);
    assert.ok(await isInView(page, "#change-5"), "an entry of the contents");
    await tabTo(page, "~ Deployment api apps/v1 1 risk");
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#change-1[open]").count(), 0, "a change closes");
    await close();
  });

  for (const colorScheme of ["light", "dark"] as const) {
    test(`everything can be read in ${colorScheme} mode`, async () => {
      const seen = new Set<string>();
      for (const file of ["3-shrink-storage.html", "5-mistype-fields.html", "2-drop-ingress.html"]) {
        const { page, close } = await open(file, { ...DESKTOP, colorScheme });
        await page.waitForTimeout(200);
        const ground = await page.evaluate<number>(`(${luminanceOf})(getComputedStyle(document.body).backgroundColor)`);
        assert.equal(ground > 0.5, colorScheme === "light");
        for (const selector of READABLE) {
          if ((await page.locator(selector).count()) === 0) continue;
          seen.add(selector);
          const element = `document.querySelector(${JSON.stringify(selector)})`;
          const contrast = await page.evaluate<number>(`(${contrastOf})(${element})`);
          assert.ok(contrast >= 4.5, `${selector} has a contrast of ${contrast.toFixed(2)}`);
        }
        await close();
      }
      assert.deepEqual([...seen].sort(), [...READABLE].sort());
    });
  }

  test("a theme can be chosen against the system's", async () => {
    const { page, close } = await open("3-shrink-storage.html", { ...DESKTOP, colorScheme: "light" });
    const background = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const light = await background();
    await page.getByRole("button", { name: "Theme: system" }).click();
    await page.getByRole("button", { name: "Theme: light" }).click();
    await page.getByRole("button", { name: "Theme: dark" }).waitFor();
    assert.notEqual(await background(), light);
    await close();
  });

  test("no page is wider than a phone", async () => {
    for (const file of await listPages()) {
      const { page, close } = await open(file, PHONE);
      await page.waitForTimeout(100);
      const width = await page.evaluate<number>("document.documentElement.scrollWidth");
      assert.ok(width <= 390, `${file} is ${width} px wide`);
      await close();
    }
  });

  test("T45: names and values from a repository stay text", async () => {
    for (const file of ["made/hostile.html", "made/hostile-diff.html"]) {
      const { page, witness, close } = await open(file);
      await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
      if (file.includes("diff")) await page.locator(".drawn .d2h-ins").first().waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("<img src=x onerror=alert(1)>");
      await page.waitForTimeout(300);
      assert.equal(await page.locator("img, iframe, object, embed, form, svg script, base").count(), 0);
      assert.equal(await page.locator("script").count(), 2);
      assert.equal(await page.locator("[onerror], [onload], [onclick], [style*=url]").count(), 0);
      assert.equal(await page.locator('a[href]:not([href^="#"])').count(), 0);
      assert.deepEqual([witness.dialogs, witness.errors, witness.requests.length], [[], [], 1]);
      await close();
    }
  });

  test(`${MANY_CHANGES} changes stay responsive`, async () => {
    const { page, close } = await open("made/many.html");
    assert.equal(await page.locator(".change").count(), MANY_CHANGES);
    await page.getByRole("button", { name: "Open all" }).click();
    await page.locator(".drawn").first().waitFor();
    const drawn = await page.locator(".drawn").count();
    assert.ok(drawn < MANY_CHANGES / 4, `${drawn} diffs were drawn, most of them out of sight`);
    // A second is what a reader waits without a doubt; machines that run tests are slow, so three.
    const milliseconds = await page.evaluate<number>(`new Promise((done) => {
      const started = performance.now();
      document.querySelector('[data-view="side-by-side"]').click();
      const search = document.querySelector("#search");
      search.value = "service-399";
      search.dispatchEvent(new Event("input"));
      const wait = () => document.querySelector("#search-state").textContent === ""
        ? setTimeout(wait, 10) : done(performance.now() - started);
      wait();
    })`);
    assert.ok(milliseconds < 3000, `took ${milliseconds.toFixed(0)} ms`);
    assert.equal(await page.locator(".change:visible").count(), 1);
    await close();
  });
});

/** The page of each change of the sample, as the command writes it. */
async function writeSamplePages(directory: string): Promise<void> {
  const root = join(import.meta.dirname, "..", "..");
  const sample = await buildSample(join(root, "demo"), join(directory, "sample"), process.env["PATH"] ?? "");
  const env = { ...process.env, DRYDOCK_CACHE: join(directory, "cache") };
  for (const { branch, base, gate } of sample.changes) {
    const args = ["check", "--repo", sample.repository, "--base", base, "--head", branch, "--format", "html"];
    const output = ["--output", join(directory, `${branch.replaceAll("/", "-")}.html`)];
    const child = spawn(process.execPath, [join(root, "src", "main.ts"), ...args, ...output], { env, stdio: "ignore" });
    const status = await new Promise((resolve, reject) => child.once("close", resolve).once("error", reject));
    // What rules of environments refuse, the check of the command line lets pass.
    assert.ok(status === 0 || (status === 1 && gate === "failure"), `${branch}: ${String(status)}`);
  }
}

/** The hostile texts as lines that are drawn, where words inside a line are marked as well. */
function makeHostileDiff(): Report {
  const texts = HOSTILE_TEXTS.map((text) => text.replaceAll(/\s/gu, " "));
  const lines = texts.flatMap((text) => [`-${text}`, `+${text} <b>${text}</b>`]);
  const diff = [`@@ -1,${texts.length} +1,${texts.length} @@`, ...lines].join("\n");
  const change = makeChange(makeResource("ConfigMap", "texts"), { diff: `${diff}\n` });
  return makeReport({ apps: [makeApp("apps/texts", { changes: [change] })] });
}

function makeManyChanges(): Report {
  const apps = Array.from({ length: MANY_CHANGES }, (_, index) => {
    const context = Array.from({ length: 30 }, (_each, line) => `     line-${line}: ${index}`);
    const diff = ["@@ -1,31 +1,31 @@", " spec:", ...context, `-  replicas: ${index}`, `+  replicas: ${index + 1}`];
    const change = makeChange(makeResource("Deployment", `service-${index}`), {
      diff: `${diff.join("\n")}\n`,
      likeness: String(index),
    });
    return makeApp(`apps/service-${index}`, { changes: [change] });
  });
  return makeReport({ apps });
}

async function focused(page: Page): Promise<string> {
  const text = await page.evaluate<string>("document.activeElement.textContent");
  return text.replaceAll(/\s+/gu, " ").trim();
}

async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    if ((await focused(page)).replace("−", "-") === name) return;
  }
  assert.fail(`Tab never reaches ${name}`);
}

async function isInView(page: Page, selector: string): Promise<boolean> {
  return await page.evaluate<boolean>(`(() => {
    const { top, bottom } = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect();
    return top < innerHeight && bottom > 0;
  })()`);
}

// These run in the page, where the types of this program do not reach.
const luminanceOf = `(color) => {
  const [r, g, b] = color.match(/[\\d.]+/g).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}`;

/** By WCAG 2.2, 1.4.3: against the nearest background that is not transparent. */
const contrastOf = `(element) => {
  const luminance = ${luminanceOf};
  let ground = element;
  while (ground.parentElement && /, 0\\)$|transparent/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
  const pair = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor].map(luminance);
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
}`;
