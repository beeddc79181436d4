import { setTimeout as sleep } from "node:timers/promises";
import { EVENT_SETS, PERMISSION_SETS } from "../../src/github/index.ts";
import { listAttempts, startSandbox, type Sandbox } from "../../src/sandbox/index.ts";
import * as world from "../../src/sandbox/world/index.ts";

/**
 * A GitHub where much happens: organisations that have installed the App, each with a repository and open pull requests.
 * GitHub's limits on writes are an installation's, so that many small ones are done sooner than a large one.
 */
export interface BusyGitHub {
  readonly sandbox: Sandbox;
  readonly ada: world.Account;
  readonly pulls: readonly BusyPull[];
  /** One thing happens, which `random` chooses. */
  happen(random: () => number): Promise<void>;
  /** Different deliveries so far that GitHub tried to hand over. */
  deliveries(): ReadonlySet<string>;
  /** Of these, the ones that were answered with 2xx. */
  acknowledged(): ReadonlySet<string>;
  /** Every way in which GitHub is not as it must be in the end; empty when all is well. */
  whatIsWrong(): readonly string[];
  /** Waits until nothing is wrong any more; rejects with what still is. */
  settle(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

export interface BusyPull {
  readonly repository: world.Repository;
  readonly pull: world.PullRequest;
  readonly branch: string;
  readonly file: string;
  /** What the newest head says. */
  expected: { readonly image: string; readonly isBroken: boolean };
  pushes: number;
  /** Ada has asked for help there: she gets one answer, however often she asks. */
  isHelpWanted: boolean;
}

export interface BusyOptions {
  readonly organizations: number;
  readonly pullsEach: number;
}

/** Sweeps as often as in these tests are no business of GitHub's limits. */
const NO_LIMITS = { requestsPerHour: 1_000_000, pointsPerMinute: 1_000_000 };

export async function startBusyGitHub({ organizations, pullsEach }: BusyOptions): Promise<BusyGitHub> {
  const sandbox = await startSandbox({
    app: { permissions: PERMISSION_SETS.full, events: EVENT_SETS.full },
    limits: NO_LIMITS,
    webhooks: { isChecked: false },
  });
  const ada = world.createUser(sandbox.world, "ada");
  const pulls: BusyPull[] = [];
  for (let index = 0; index < organizations; index++) {
    const organization = world.createOrganization(sandbox.world, ada, `acme-${index}`);
    const repository = await world.createRepository(sandbox.world, organization, "config", {
      actor: ada,
      isPrivate: true,
      files: Object.fromEntries(Array.from({ length: pullsEach }, (_, app) => [fileOf(app), deployment("1.0.0")])),
    });
    // Not in the very second of the first pull request, which would count as one from before it.
    const createdAt = new Date(Date.now() - 60_000).toISOString().replace(/\.\d+/u, "");
    world.installApp(sandbox.world, ada, sandbox.app, organization, { createdAt });
    for (let app = 0; app < pullsEach; app++) pulls.push(await openPull(sandbox, ada, repository, app));
  }
  const whatIsWrong = (): readonly string[] => pulls.flatMap((one) => judgePull(sandbox, one));
  const attempts = () => listAttempts(sandbox.parts.webhooks, { id: sandbox.app.appId });
  return {
    sandbox,
    ada,
    pulls,
    happen: (random) => happen(sandbox, ada, pulls, random),
    deliveries: () => new Set(attempts().map(({ guid }) => guid)),
    acknowledged: () =>
      new Set(attempts().flatMap(({ guid, result }) => (Math.floor(result.statusCode / 100) === 2 ? [guid] : []))),
    whatIsWrong,
    settle: async (milliseconds) => {
      const end = Date.now() + milliseconds;
      while (whatIsWrong().length > 0) {
        if (Date.now() > end) throw new Error(`still wrong:\n${whatIsWrong().join("\n")}`);
        await sleep(200);
      }
    },
    close: async () => {
      await sandbox.close();
      if (sandbox.violations.length > 0) throw new Error(sandbox.violations.join("\n"));
    },
  };
}

function fileOf(app: number): string {
  return `apps/web-${app}/web.yaml`;
}

function deployment(image: string, replicas = "2"): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: "registry.example/web:${image}" }] }
`;
}

async function openPull(
  { world: github }: Sandbox,
  ada: world.Account,
  repository: world.Repository,
  app: number,
): Promise<BusyPull> {
  const [branch, file] = [`change-${app}`, fileOf(app)];
  const expected = { image: "1.1.0", isBroken: false };
  await world.pushCommit(github, ada, repository, { branch, files: { [file]: deployment(expected.image) } });
  const pull = await world.openPullRequest(github, ada, repository, { head: branch });
  return { repository, pull, branch, file, expected, pushes: 0, isHelpWanted: false };
}

/** Pushes are few: each is worth three deliveries and several writes. Most of the rest means nothing to Drydock. */
async function happen(
  { world: github }: Sandbox,
  ada: world.Account,
  pulls: readonly BusyPull[],
  random: () => number,
): Promise<void> {
  const one = pulls[Math.floor(random() * pulls.length)];
  if (one === undefined) return;
  const { repository, pull, branch, file } = one;
  const what = random();
  if (what < 0.15) {
    one.pushes += 1;
    one.expected = { image: `1.1.${one.pushes}`, isBroken: random() < 0.3 };
    const files = { [file]: deployment(one.expected.image, one.expected.isBroken ? "two" : "2") };
    await world.pushCommit(github, ada, repository, { branch, files });
  } else if (what < 0.18) {
    world.closePullRequest(github, ada, pull);
    world.reopenPullRequest(github, ada, pull);
  } else if (what < 0.2) {
    one.isHelpWanted = true;
    world.addComment(github, ada, pull, "/drydock help");
  } else if (what < 0.22) {
    const files = { "README.md": `# ${Math.floor(random() * 1e6)}\n` };
    await world.pushCommit(github, ada, repository, { files });
  } else if (what < 0.6) {
    world.addComment(github, ada, pull, "Looks good.");
  } else {
    world.editPullRequest(github, ada, pull, { title: `Change ${Math.floor(random() * 1e6)}` });
  }
}

/** What must hold of one pull request in the end. */
function judgePull({ world: github, app }: Sandbox, { repository, pull, expected, isHelpWanted }: BusyPull): string[] {
  const { headSha, number } = world.findPullRequest(github, repository, pull.number) ?? pull;
  const name = `${world.fullName(github, repository)}#${number}`;
  const wrong: string[] = [];
  const runs = world.listCheckRuns(github, repository, headSha).filter(({ appId }) => appId === app.appId);
  const gate = runs.find((run) => run.name === "drydock");
  const conclusion = expected.isBroken ? "failure" : "success";
  if (gate?.conclusion !== conclusion) wrong.push(`the gate is ${gate?.conclusion ?? gate?.status}, not ${conclusion}`);
  for (const [check, same] of Map.groupBy(runs, (run) => run.name)) {
    if (same.length > 1) wrong.push(`${same.length} runs of ${check} on its newest head`);
    if (same.some(({ status }) => status !== "completed")) wrong.push(`${check} is left ${same[0]?.status}`);
  }
  const manifests = runs.find((run) => run.name === "drydock/manifests");
  const annotations = expected.isBroken ? 1 : 0;
  if (manifests?.annotations.length !== annotations)
    wrong.push(`${manifests?.annotations.length} annotations instead of ${annotations}`);
  const own = world.listComments(github, repository, number).filter(({ appId }) => appId === app.appId);
  const sticky = own.filter(({ body }) => body.includes("registry.example/web"));
  if (sticky.length !== 1) wrong.push(`${sticky.length} comments about what is deployed`);
  if (sticky[0]?.body.includes(expected.image) === false) wrong.push(`the comment does not tell of ${expected.image}`);
  const answers = isHelpWanted ? 1 : 0;
  if (own.length !== sticky.length + answers) {
    wrong.push(`${own.length - sticky.length} answers instead of ${answers}`);
  }
  const reviews = world.listReviewComments(github, pull).filter(({ body }) => body.includes("<!-- drydock"));
  if (reviews.length !== annotations) wrong.push(`${reviews.length} review comments instead of ${annotations}`);
  return wrong.map((what) => `${name}: ${what}`);
}
