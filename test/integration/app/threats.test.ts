import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { enqueuePullRequest, injectFault } from "../../../src/sandbox/index.ts";
import { writeRef } from "../../../src/sandbox/git/index.ts";
import { injectWebhookFault } from "../../../src/sandbox/webhooks/index.ts";
import { signWebhook } from "../../../src/sandbox/webhooks/send-webhook.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Place, type PlaceOptions } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";
import { assertInert } from "../../unit/publish/assert-inert.ts";

const DEPLOYMENT = printDeployment();
const FILES = { "shop/web.yaml": DEPLOYMENT };
const CHANGED = { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.1.0") };
const BROKEN = { "shop/web.yaml": DEPLOYMENT.replace("replicas: 2", "replicas: two") };
const named = (name: string): string => DEPLOYMENT.replaceAll("web", name);

/** As in operation, by people who mean harm: one server, each test in an organisation of its own. */
describe("the App among people who mean harm", { concurrency: 4 }, () => {
  let app: RunningApp;
  before(async () => {
    const env = { DRYDOCK_CHECKS: "4", DRYDOCK_PUBLIC_PAGES: "true", DRYDOCK_PUBLIC_NEEDS_MAINTAINER: "true" };
    app = await startApp({ files: FILES, env });
  });
  after(() => app.close());

  const at = (name: string, options: Partial<PlaceOptions> = {}): Promise<Place> =>
    createPlace(app, name, { files: FILES, ...options });
  const github = (): world.World => app.sandbox.world;
  const gateOf = (place: Place, head: string) => place.runs(head, "drydock")[0];
  /** Every conclusion that the App gives any check of a repository from now on, in order. */
  const watch = (place: Place): readonly string[] => {
    const seen: string[] = [];
    world.subscribe(github(), (event) => {
      if (event.kind !== "check_run") return;
      const { appId, repositoryId, name, status, conclusion } = world.read(github(), "checkRuns", {
        id: event.checkRunId,
      });
      if (appId !== app.sandbox.app.appId || repositoryId !== place.repository.id) return;
      seen.push(`${name} ${conclusion ?? status}`);
    });
    return seen;
  };
  const completed = (place: Place, head: string, isIt: (run: world.CheckRun) => boolean) =>
    until(app, "another result", () => {
      const gate = gateOf(place, head);
      return gate?.status === "completed" && isIt(gate) ? gate : undefined;
    });
  /** A fork of a public place, and a pull request out of it. */
  const openFork = async (place: Place, branch: string, files: Readonly<Record<string, string | null>>) => {
    const mallory = world.createUser(github(), `mallory-${place.organization.login}`);
    const fork = await world.forkRepository(github(), mallory, place.repository);
    const head = await world.pushCommit(github(), mallory, fork, { branch, files });
    const pull = await world.openPullRequest(github(), mallory, place.repository, {
      head: branch,
      headRepository: fork,
    });
    return { mallory, fork, head, pull };
  };

  it("T22: the worst of all open pull requests with one head counts, also into one base, until it closes", async () => {
    const place = await at("triplets", { files: { ...FILES, "other/readme.md": "here\n" } });
    await place.push("stable", BROKEN);
    const { head, pull: first } = await place.open("change", BROKEN);
    await world.moveBranch(github(), app.ada, place.repository, "copy", head);
    const second = await world.openPullRequest(github(), app.ada, place.repository, { head: "copy" });
    const third = await world.openPullRequest(github(), app.ada, place.repository, { head: "copy", base: "stable" });
    const listed = [first, second, third].map(({ number }) => `#${number}`);
    const all = await until(app, "all three verdicts", () => {
      const [run] = place.runs(head, "drydock/manifests");
      const isAll = listed.every((number) => run?.summary?.includes(number) === true);
      return run?.status === "completed" && isAll && !/waiting/u.test(run.summary ?? "") ? run : undefined;
    });
    assert.equal(all.conclusion, "failure");
    assert.match(all.summary ?? "", /`main` \(`#1`\): \*\*failed\*\*[^]*`stable` \(`#3`\): \*\*passed\*\*/u);
    world.closePullRequest(github(), app.ada, first);
    await until(app, "one less", () => {
      const summary = place.runs(head, "drydock/manifests")[0]?.summary;
      return summary !== undefined && !summary.includes("`#1`");
    });
    assert.equal(gateOf(place, head)?.conclusion, "failure", "the second into main is as bad");
    world.closePullRequest(github(), app.ada, second);
    await completed(place, head, ({ conclusion }) => conclusion === "success");
  });

  it("T29: neither a status nor another App's check of its names lets a pinned gate through", async () => {
    const place = await at("posters");
    const source = { type: "Repository", id: place.repository.id } as const;
    const requiredChecks = [{ context: "drydock", appId: app.sandbox.app.appId }];
    world.createRuleset(github(), source, "main", { requiredChecks });
    const twin = await world.createApp(github(), app.ada, "Twin", { permissions: { checks: "write" } });
    const { head, pull } = await place.open("change", BROKEN);
    for (const name of ["drydock", "drydock/manifests", "drydock/policy", "drydock/environments"]) {
      world.setStatus(github(), app.grace, place.repository, head, { context: name, state: "success" });
      const run = { name, headSha: head, conclusion: "success" };
      world.createCheckRun(github(), app.ada, place.repository, twin, run);
    }
    await place.judged(head);
    await place.quiet();
    assert.equal(gateOf(place, head)?.conclusion, "failure");
    assert.deepEqual(await world.listMergeBlockers(github(), pull), ['Required status check "drydock" is failing.']);
    const asked = app.sandbox.requests.filter(({ path }) => path.includes(place.path));
    assert.ok(!asked.some(({ path }) => /status/u.test(path)), "nobody's statuses are looked at");
  });

  it("T30: what could not be judged is red and says so, and while it is judged there is no conclusion", async () => {
    const place = await at("given-up");
    const seen = watch(place);
    const fault = { operationId: "repos/get-branch", path: place.path, count: 1000 };
    injectFault(app.sandbox.faults, { ...fault, failing: { kind: "status", status: 422, when: "before" } });
    const { head } = await place.open("change", CHANGED);
    const gate = await place.judged(head);
    assert.equal(gate.conclusion, "failure");
    assert.match(gate.title ?? "", /^Could not check: /u);
    const slow = await at("slow");
    const seenSlow = watch(slow);
    injectFault(app.sandbox.faults, {
      operationId: "git/upload-pack",
      path: slow.path,
      failing: { kind: "delay", milliseconds: 1500 },
    });
    const late = await slow.open("change", CHANGED);
    await until(app, "progress", () => gateOf(slow, late.head)?.status === "in_progress");
    assert.equal(gateOf(slow, late.head)?.conclusion, undefined);
    assert.equal((await slow.judged(late.head)).conclusion, "success");
    for (const each of [...seen, ...seenSlow]) assert.match(each, / (?:queued|in_progress|success|failure)$/u);
  });

  it("T31: judges groups of several pull requests as they would land, and the ones that are built again", async () => {
    const place = await at("groups");
    const source = { type: "Repository", id: place.repository.id } as const;
    const requiredChecks = [{ context: "drydock", appId: app.sandbox.app.appId }];
    world.createRuleset(github(), source, "main", { hasMergeQueue: true, requiredChecks });
    const groups: string[] = [];
    world.subscribe(github(), (event) => {
      if (event.kind !== "merge_group" || event.action !== "checks_requested") return;
      const group = world.read(github(), "mergeGroups", { id: event.mergeGroupId });
      if (group.repositoryId === place.repository.id) groups.push(group.headSha);
    });
    // The second is fine alone and not behind the first: both bring the same object.
    const opened = [
      await place.open("one", { "shop/cart.yaml": named("cart") }),
      await place.open("two", { "shop/basket.yaml": named("cart") }),
      await place.open("three", { "shop/stock.yaml": named("stock") }),
    ];
    for (const { head } of opened) assert.equal((await place.judged(head)).conclusion, "success");
    for (const { pull } of opened) enqueuePullRequest(app.sandbox.parts.queues, app.ada, pull);
    const stateOf = ({ pull }: { pull: world.PullRequest }) => world.read(github(), "pullRequests", pull);
    const [one, two, three] = opened;
    assert.ok(one && two && three);
    await until(app, "both merges", () => stateOf(one).mergedAt && stateOf(three).mergedAt);
    assert.equal(stateOf(two).mergedAt, undefined);
    assert.ok(groups.length >= 4, "the third was built again without the second");
    const verdicts = groups.map((head) => gateOf(place, head)?.conclusion);
    assert.ok(verdicts.includes("failure") && verdicts.at(-1) === "success", verdicts.join());
  });

  it("T31: judges a group whose head no known pull request explains", async () => {
    const place = await at("foreign-group");
    const base = world.read(github(), "repositories", place.repository).branches.get("main") ?? "";
    const ref = "gh-readonly-queue/main/pr-99-0";
    const head = await place.push(ref, BROKEN);
    await deliver("merge_group", {
      action: "checks_requested",
      merge_group: {
        head_sha: head,
        head_ref: `refs/heads/${ref}`,
        base_sha: base,
        base_ref: "refs/heads/main",
      },
      ...somewhere(place),
    });
    assert.equal((await place.judged(head)).conclusion, "failure");
  });

  it("T32: a button of a stranger judges again and changes nothing else", async () => {
    const place = await at("buttons", { isPrivate: false });
    const { head } = await place.open("change", BROKEN);
    const gate = await place.judged(head);
    await place.quiet();
    const seen = watch(place);
    const eve = world.createUser(github(), "eve");
    world.rerunCheck(github(), eve, gate);
    const again = await completed(place, head, ({ id }) => id !== gate.id);
    await place.quiet();
    const [action] = again.actions;
    assert.ok(action);
    world.requestAction(github(), eve, again, action.identifier);
    const third = await completed(place, head, ({ id }) => id !== again.id);
    assert.equal(third.conclusion, "failure");
    for (const name of ["drydock", "drydock/manifests"]) assert.ok(!seen.includes(`${name} success`), seen.join());
  });

  it("T14, T32: lets a fork be checked for a maintainer's word alone, and for the commit it was given on", async () => {
    const place = await at("gatekeeper", { isPrivate: false });
    const { mallory, fork, head, pull } = await openFork(place, "change", CHANGED);
    const isWaiting = (sha: string) => /a maintainer has to comment/u.test(gateOf(place, sha)?.title ?? "");
    await until(app, "the wait", () => isWaiting(head));
    world.addComment(github(), mallory, pull, "/drydock check");
    const [run] = place.runs(head, "drydock");
    assert.ok(run);
    world.rerunCheck(github(), mallory, run);
    await place.quiet();
    assert.ok(isWaiting(head), "neither the author's command nor a button is a maintainer's word");
    world.addComment(github(), app.grace, pull, "/drydock check");
    assert.equal((await place.judged(head)).conclusion, "success");
    const next = await world.pushCommit(github(), mallory, fork, {
      branch: "change",
      files: { "shop/evil.yaml": named("evil") },
    });
    await until(app, "the next wait", () => isWaiting(next));
    await place.quiet();
    assert.equal(gateOf(place, next)?.status, "in_progress");
    assert.doesNotMatch(place.comments(pull.number)[0]?.body ?? "", /evil/u);
  });

  it("T32: lets no fork through because the repository was private when it was last looked at", async () => {
    const place = await at("opened-up");
    await place.judged((await place.open("before", CHANGED)).head);
    await place.quiet();
    injectWebhookFault(app.sandbox.parts.webhooks, { event: "repository", failing: { kind: "drop" } });
    injectWebhookFault(app.sandbox.parts.webhooks, { event: "public", failing: { kind: "drop" } });
    world.setPrivate(github(), app.ada, place.repository, false);
    const { head } = await openFork(place, "change", CHANGED);
    const gate = await until(app, "a word", () => gateOf(place, head)?.title);
    await place.quiet();
    assert.match(gateOf(place, head)?.title ?? "", /a maintainer has to comment/u, gate);
  });

  it("T35: is not misled by a fork's branch, a tag or a ref that is called like the base", async () => {
    const place = await at("names", { isPrivate: false });
    const other = await place.push("unrelated", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "6.6.6") });
    const facts = world.read(github(), "repositories", place.repository);
    await writeRef(facts, "refs/tags/main", other);
    await writeRef(facts, "refs/heads/refs/heads/main", other);
    await writeRef(facts, "refs/heads/heads/main", other);
    const { head, pull } = await openFork(place, "main", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.9.0") });
    await until(app, "the wait", () => gateOf(place, head) !== undefined);
    await place.quiet();
    world.addComment(github(), app.grace, pull, "/drydock check");
    assert.equal((await place.judged(head)).conclusion, "success");
    const [comment] = await until(app, "the comment", () => {
      const found = place.comments(pull.number);
      return found.length > 0 && found;
    });
    assert.match(comment?.body ?? "", /1\.0\.0[^]*1\.9\.0/u);
    assert.doesNotMatch(comment?.body ?? "", /6\.6\.6/u);
  });

  it("T44, T56: no value of a Secret and no token is sent, shown or logged", async () => {
    const values = ["Canary-plain-1", "Canary-moved-2", "Canary-listed-3", "Canary-applied-4", "Canary-broken-5!"];
    const [plain = "", moved = "", listed = "", applied = "", broken = ""] = values;
    const secret = (name: string, body: string): string =>
      `apiVersion: v1\nkind: Secret\nmetadata: { name: ${name}, namespace: shop }\n${body}\n`;
    const files = {
      "shop/web.yaml": DEPLOYMENT,
      "shop/plain.yaml": secret("plain", `stringData: { key: ${plain} }`),
      "shop/list.yaml": `apiVersion: v1\nkind: List\nitems:\n- { apiVersion: v1, kind: Secret, metadata: { name: l, namespace: shop }, stringData: { key: ${listed} } }\n`,
    };
    const place = await at("secrets", { isPrivate: false, files });
    const last = JSON.stringify({ stringData: { key: applied } });
    const { head, pull } = await place.open("change", {
      "shop/plain.yaml": secret("plain", `stringData: { key: ${moved} }`),
      "shop/list.yaml": files["shop/list.yaml"].replace(listed, `${listed}b`),
      "shop/broken.yaml": secret("broken", `data: { key: "${broken}" }\nimmutable: "${broken}"`),
      "shop/applied.yaml": `apiVersion: v1\nkind: Secret\nmetadata:\n  name: applied\n  namespace: shop\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: '${last}'\nstringData: { key: ${applied}2 }\n`,
    });
    assert.equal((await place.judged(head)).conclusion, "failure");
    await until(app, "the comment", () => place.comments(pull.number).length === 1);
    await place.quiet();
    const page = `http://127.0.0.1:${app.server.port}${place.path}/pull/${pull.number}`;
    const shown = [
      ...(await Promise.all([page, `${page}.json`].map(async (url) => await (await fetch(url)).text()))),
      ...place.runs(head).map((run) => JSON.stringify(run)),
      ...place.comments(pull.number).map(({ body }) => body),
      ...world.listReviewComments(github(), pull).map(({ body }) => body),
    ];
    assert.match(shown[0] ?? "", /broken/u, "the page is the report");
    for (const value of values) {
      for (const form of [value, Buffer.from(value).toString("base64")]) {
        for (const text of [...shown, ...app.logged]) assert.ok(!text.includes(form.slice(0, 14)), form);
      }
    }
    const secrets = [app.sandbox.app.webhookSecret, app.sandbox.app.clientSecret, "PRIVATE KEY"];
    for (const line of [...shown, ...app.logged]) {
      assert.doesNotMatch(line, /gh[sopur]_[\w.-]{10}/u);
      for (const text of secrets) assert.ok(!line.includes(text));
    }
  });

  it("T45: names and values of a pull request do nothing in what is written about it", async () => {
    const text = "@ada <img src=x> #1 ![x](https://e.example) `</details>";
    const place = await at("hostile", { files: { ...FILES, "shop/plain.yaml": "# nothing\n" } });
    const label = JSON.stringify(text);
    const bad = DEPLOYMENT.replace("replicas: 2", `replicas: ${label}`).replace("1.0.0", "1.1.0 @ada #1");
    await place.push("release/@ada-#1", { "shop/more.yaml": named("more") });
    const { head, pull } = await place.open(
      "x</details>@ada#1",
      {
        "shop/web.yaml": bad,
        [`shop/@ada #1 ![x] <img src=x> \`\`\`.yaml`]: named("cart").replace("replicas: 2", 'replicas: ["@ada"]'),
        "shop/map.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: m, namespace: shop, annotations: { ${label}: ${label} } }\ndata: { key: "fixes #1\\n\`\`\`\\n</details>@ada" }\n`,
      },
      { base: "release/@ada-#1" },
    );
    assert.equal((await place.judged(head)).conclusion, "failure");
    await until(app, "the comment", () => place.comments(pull.number).length === 1);
    await until(app, "the review", () => world.listReviewComments(github(), pull).length > 0);
    await place.quiet();
    const page = place.runs(head, "drydock/manifests")[0]?.detailsUrl;
    const texts = [
      ...place.runs(head).flatMap(({ summary, text: details }) => [summary ?? "", details ?? ""]),
      ...place.comments(pull.number).map(({ body }) => body),
      ...world.listReviewComments(github(), pull).map(({ body }) => body),
    ].map((body) => body.replace(/\n\n<!-- drydock [\w-]+ -->\s*$/u, ""));
    assert.ok(texts.some((each) => each.includes("cart")));
    for (const each of texts) assertInert(each, page);
  });

  it("T46: writes its own comment again as it should be when a maintainer has edited it", async () => {
    const place = await at("edited");
    const { head, pull } = await place.open("change", CHANGED);
    await place.judged(head);
    const [own] = await until(app, "the comment", () => {
      const found = place.comments(pull.number);
      return found.length > 0 && found;
    });
    assert.ok(own);
    world.editComment(github(), app.ada, own, "Approved by Drydock. <!-- drydock 999999 -->");
    const next = await place.push("change", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.8.0") });
    await place.judged(next);
    await until(app, "the comment as it should be", () => place.comments(pull.number)[0]?.body.includes("1.8.0"));
    assert.equal(place.comments(pull.number).length, 1);
    assert.equal(place.comments(pull.number)[0]?.id, own.id);
    assert.doesNotMatch(place.comments(pull.number)[0]?.body ?? "", /Approved|999999/u);
  });

  it("T47: shows sixty errors in many-byte words on their lines, within GitHub's limits", async () => {
    const place = await at("many");
    const many = Array.from({ length: 60 }, (_, index) =>
      named(`app-${index}`).replace("replicas: 2", `replicas: "${"水🚢".repeat(300)}"`),
    );
    const { head, pull } = await place.open("change", { "shop/many.yaml": many.join("---\n") });
    assert.equal((await place.judged(head)).conclusion, "failure");
    const run = await until(app, "all annotations", () => {
      const [found] = place.runs(head, "drydock/manifests");
      return found !== undefined && found.annotations.length >= 60 ? found : undefined;
    });
    assert.equal(new Set(run.annotations.map(({ startLine }) => startLine)).size, 60);
    assert.ok(Buffer.byteLength(run.summary ?? "") <= 65_535 && Buffer.byteLength(run.text ?? "") <= 65_535);
    await until(app, "the comment", () => place.comments(pull.number).length > 0);
    for (const { body } of place.comments(pull.number)) {
      assert.ok(Array.from(body).length <= 65_536 && body.isWellFormed());
      assert.equal((body.match(/^```/gmu)?.length ?? 0) % 2, 0, "every fence is closed");
    }
  });

  it("T49: takes a delivery twice for one, an old one for a question, and a stranger's for nothing", async () => {
    const place = await at("deliveries");
    const { head, pull } = await place.open("change", CHANGED);
    await place.judged(head);
    const next = await place.push("change", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.4.0") });
    await place.judged(next);
    await until(app, "the comment", () => place.comments(pull.number)[0]?.body.includes("1.4.0"));
    await place.quiet();
    const before = place.runs(next).length;
    const old = (action: string) => ({
      action,
      number: pull.number,
      pull_request: { head: { sha: head }, base: { ref: "main" }, merged: false },
      ...somewhere(place),
    });
    const guid = "11111111-2222-4333-8444-555555555555";
    for (const action of ["synchronize", "synchronize", "closed"]) await deliver("pull_request", old(action), guid);
    await deliver("pull_request", old("closed"));
    await deliver("pull_request", old("synchronize"));
    await deliver("pull_request", { ...old("opened"), installation: { id: 987_654_321 } });
    await place.quiet();
    assert.equal(gateOf(place, next)?.conclusion, "success");
    assert.equal(place.runs(next).length, before, "nothing was written again");
    assert.equal(place.comments(pull.number).length, 1);
    const last = await place.push("change", BROKEN);
    assert.equal((await place.judged(last)).conclusion, "failure", "and it goes on");
  });

  function somewhere({ repository, organization, installation }: Place) {
    return {
      repository: { id: repository.id, name: repository.name, owner: { login: organization.login } },
      installation: { id: installation.id },
      sender: { id: app.ada.id, login: app.ada.login, type: "User" },
    };
  }

  /** A delivery by GitHub's own signature. */
  async function deliver(event: string, payload: object, guid: string = crypto.randomUUID()): Promise<void> {
    const body = Buffer.from(JSON.stringify(payload));
    const headers = signWebhook({ app: app.sandbox.app, event, guid, enterprise: undefined }, body);
    const url = `http://127.0.0.1:${app.server.port}/api/github/webhooks`;
    const { status } = await fetch(url, { method: "POST", headers, body: new Uint8Array(body) });
    assert.equal(status, 202);
  }
});
