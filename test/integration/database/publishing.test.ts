import assert from "node:assert/strict";
import { it } from "node:test";
import { createGitHub } from "../../../src/github/index.ts";
import { runTask } from "../../../src/jobs/index.ts";
import type { GitHubRepository, Records } from "../../../src/jobs/ports.ts";
import type { JobServices } from "../../../src/jobs/services.ts";
import { LimitedFault, type CheckName, type RepositoryRef, type Task } from "../../../src/model/index.ts";
import { provide } from "../../fakes/fake-publishing.ts";
import { INSTALLATION, PRIVATE_KEY, startScriptedGitHub, tokenReplies } from "../github/scripted-github.ts";
import { check, combine, judge, newRepository, pullRequest, verdict } from "./build-events.ts";
import { onBothBackends } from "./on-both-backends.ts";
import type { World } from "./on-both-backends.ts";

/** More than the queue publishes for at once. */
const HUGE = 17;
/** What one turn may write. */
const TURN = 8;

/** Wants so many checks on a pull request. */
async function wantChecks(world: World, repository: RepositoryRef, count: number): Promise<void> {
  const { records } = world.database();
  const key = { repositoryId: repository.repositoryId, number: 1 };
  await records.applyIntents([judge(repository, 1)]);
  const started = await records.startJudgement(key);
  assert.ok(started);
  const names = Array.from({ length: count }, (_, index) => `drydock/${index}` as CheckName);
  await records.showProgress(
    key,
    started.generation,
    names.map((name) => check(name, "in_progress")),
  );
}

/** The real records, and nothing that waits. */
function servicesOf(world: World, github: JobServices["github"], more: Partial<Records> = {}): JobServices {
  return {
    github,
    records: { ...world.database().records, ...more },
    checker: {
      check: () => Promise.reject(new Error("nobody checks here")),
      readConfig: () => Promise.reject(new Error("nobody asks for a config here")),
      findPlainMerges: () => Promise.reject(new Error("nobody merges here")),
      findLanding: () => Promise.reject(new Error("nothing landed")),
      readTracked: () => Promise.reject(new Error("nobody checks here")),
      compareHeads: () => Promise.reject(new Error("nobody checks here")),
      forget: () => Promise.resolve(),
    },
    settings: { publicNeedsMaintainer: false, arePagesPublic: false, organizationRules: "off", retentionDays: 90 },
    pageUrl: () => undefined,
    now: Date.now,
    sleep: () => Promise.reject(new Error("nobody waits here")),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  };
}

/** Works with a bucket that is never empty, beside a GitHub that takes everything and says for whom. */
function publisher(world: World, written: number[]) {
  const repository = ({ installationId }: RepositoryRef): GitHubRepository =>
    provide<GitHubRepository>({ createCheckRun: () => Promise.resolve(written.push(installationId)) }, "api");
  const services = servicesOf(world, provide<JobServices["github"]>({ repository }, "github"), {
    takeWrite: () => Promise.resolve({ kind: "granted" }),
  });
  return (task: Task) =>
    task.kind === "publish" ? runTask(task, services, world.database().queue) : Promise.resolve();
}

onBothBackends("publishing", (world) => {
  it("lets one with little to write have its turn among many with much", async () => {
    const huge = Array.from({ length: HUGE }, () => newRepository());
    for (const repository of huge) await wantChecks(world, repository, 2 * TURN + 2);
    const small = newRepository();
    await wantChecks(world, small, 1);
    const { queue } = world.database();
    await world.rows("delete from drydock_queue.job");
    for (const { installationId } of [...huge, small]) await queue.add([{ kind: "publish", installationId }]);
    const written: number[] = [];
    await queue.work(publisher(world, written), () => Promise.resolve());
    const end = Date.now() + 8000;
    while (!written.includes(small.installationId) && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await queue.stop();
    const before = written.slice(0, written.indexOf(small.installationId));
    assert.ok(written.includes(small.installationId), `not among the first ${written.length} writes`);
    for (const { installationId } of huge) {
      const count = before.filter((one) => one === installationId).length;
      assert.ok(count <= 2 * TURN, `${count} writes of one installation before the only one of another`);
    }
    const lost = await world.rows(
      `select o.installation_id from drydock.outgoing o where o.is_pending and not exists (
         select 1 from drydock_queue.job j where j.name = 'publish' and j.singleton_key = o.installation_id::text)`,
    );
    assert.deepEqual(lost, [], "whatever has something left is in the queue");
  });

  it("T52: writes nothing for a minute when GitHub refuses without saying how long", async (test) => {
    const repository = newRepository(INSTALLATION.id);
    const route = `POST /repos/${repository.owner}/${repository.name}/check-runs`;
    const said = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      [route]: { status: 403, body: { message: said } },
    });
    const addresses = { api: github.origin, graphql: `${github.origin}/graphql` };
    const api = createGitHub({ addresses, appId: 1, privateKey: PRIVATE_KEY, now: Date.now });
    await wantChecks(world, repository, 2);
    const { records, queue } = world.database();
    const began = Date.now();
    const task = { kind: "publish", installationId: repository.installationId } as const;
    const run = () => runTask(task, servicesOf(world, api), queue).catch((error: unknown) => error);
    const fault = await run();
    assert.ok(fault instanceof LimitedFault);
    assert.ok(fault.retryAt >= began + 60_000, `${fault.retryAt - began} ms`);
    const item = await records.nextOutgoing(repository.installationId);
    assert.ok(item);
    assert.deepEqual(await records.takeWrite(item, false), { kind: "wait", until: fault.retryAt, limit: "writes" });
    assert.ok((await run()) instanceof LimitedFault);
    assert.equal(github.lines().filter((line) => line === route).length, 1, "another turn sends nothing");
  });

  /** A pull request that is judged to be waiting at each head in turn, beside a GitHub that writes down what it is told. */
  function openWaiting(repository: RepositoryRef) {
    const { records, queue } = world.database();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    const told: string[] = [];
    let head = "";
    let runs = 0;
    const found = {
      listOpenPullRequests: () => Promise.resolve([pullRequest(repository, 1, { headSha: head })]),
      listCommentsSince: () => Promise.resolve([]),
      isRerunAsked: () => Promise.resolve(false),
      readBranch: () => Promise.resolve(undefined),
    };
    const api = provide<GitHubRepository>(
      {
        ...found,
        createCheckRun: (sha, { check: { state } }) => {
          told.push(`create ${sha[0]} ${state}`);
          return Promise.resolve(++runs);
        },
        updateCheckRun: (id, { check: { state } }) => Promise.resolve(void told.push(`update ${id} ${state}`)),
      },
      "api",
    );
    const facts = { ...repository, defaultBranch: "main", isPrivate: true, isArchived: false };
    const { installationId } = repository;
    const permissions = { checks: "write" };
    const installation = { installationId, account: "acme", isSuspended: false, permissions, events: [] };
    const github = provide<JobServices["github"]>(
      {
        repository: () => api,
        readInstallation: () => Promise.resolve({ ...installation, createdAt: "2026-01-01T00:00:00Z" }),
        listRepositories: () => Promise.resolve([facts]),
      },
      "github",
    );
    /** What GitHub is told at a moment, in milliseconds from now. */
    const at = async (later: number, task: Task["kind"] & ("sweep" | "publish")): Promise<readonly string[]> => {
      told.length = 0;
      const now = () => Date.now() + later;
      await runTask({ kind: task, installationId }, { ...servicesOf(world, github), now }, queue);
      return [...told];
    };
    const waitAt = async (headSha: string): Promise<void> => {
      head = headSha;
      await records.applyIntents([judge(repository, 1, { headSha })]);
      const started = await records.startJudgement(key);
      assert.ok(started);
      await records.notePullRequest(pullRequest(repository, 1, { headSha }), started.generation);
      const judged = { generation: started.generation, publication: undefined, report: undefined };
      const combineGate: typeof combine = (sha, verdicts) => combine(sha, verdicts).slice(0, 1);
      await records.finishJudgement(key, { ...judged, verdict: verdict("in_progress", { headSha }) }, combineGate);
    };
    return { at, waitAt };
  }

  const MINUTE = 60_000;
  const DAY = 24 * 60 * MINUTE;

  it("ends what is left in progress on a head that a push has replaced, later and once", async () => {
    const { at, waitAt } = openWaiting(newRepository());
    await waitAt("a".repeat(40));
    assert.deepEqual(await at(0, "publish"), ["create a in_progress"]);
    await waitAt("b".repeat(40));
    assert.deepEqual(await at(0, "publish"), ["create b in_progress"]);
    await at(5 * MINUTE, "sweep");
    assert.deepEqual(await at(5 * MINUTE, "publish"), [], "events of that head may still come");
    for (const expected of [["update 1 cancelled"], []]) {
      await at(11 * MINUTE, "sweep");
      assert.deepEqual(await at(11 * MINUTE, "publish"), expected);
    }
    await waitAt("a".repeat(40));
    assert.deepEqual(await at(0, "publish"), ["create a in_progress"], "it is a head again");
  });

  it("begins a check that waits anew before GitHub calls it stale", async () => {
    const { at, waitAt } = openWaiting(newRepository());
    await waitAt("c".repeat(40));
    assert.deepEqual(await at(0, "publish"), ["create c in_progress"]);
    await at(12 * DAY, "sweep");
    assert.deepEqual(await at(12 * DAY, "publish"), []);
    for (const expected of [["create c in_progress"], []]) {
      await at(13 * DAY + MINUTE, "sweep");
      assert.deepEqual(await at(13 * DAY + MINUTE, "publish"), expected);
    }
  });
});
