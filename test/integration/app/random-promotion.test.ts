import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createMovedClock } from "../../fakes/moved-clock.ts";
import { createPlace, until, type Opened } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";
import { createPick, createRandom } from "../../fakes/seeded-random.ts";

const SEED = Number(process.env["DRYDOCK_TEST_SEED"] ?? 20261122);
const STEPS = Number(process.env["DRYDOCK_TEST_STEPS"] ?? 20);
/** Milliseconds: no further step begins after it, so that a slow machine takes fewer of them. */
const LONGEST = Number(process.env["DRYDOCK_TEST_LONGEST"] ?? 50_000);
const HOUR = 3_600_000;
/** No sum of them comes near to a soak time. */
const JUMPS = [5 * HOUR, 13 * HOUR];
const SOAKS = [24, 11] as const;
const TAGS = ["1.0.0", "2.0.0", "3.0.0"];
const WANTED = "2.0.0";

const ENVIRONMENTS = ["dev", "staging", "prod"] as const;
type Environment = (typeof ENVIRONMENTS)[number];

/** What is deployed when it begins. Something is green early, or nothing would be found out. */
const APPS: readonly Readonly<Record<Environment, string>>[] = [
  { dev: "1.0.0", staging: WANTED, prod: "1.0.0" },
  { dev: "1.0.0", staging: "1.0.0", prod: "1.0.0" },
  { dev: WANTED, staging: "1.0.0", prod: "1.0.0" },
];
/** Of this one staging is changed by its pull request alone: nothing conflicts. */
const STAGED = 2;

const file = (index: number, environment: Environment): string =>
  `apps/web-${index}/overlays/${environment}/kustomization.yaml`;
const overlay = (index: number, tag: string): string =>
  `resources: [../../base]\nimages: [{ name: registry.example/web-${index}, newTag: "${tag}" }]\n`;
const rules = (soak: number): string => `version: 1
environments:
  dev: { paths: ["apps/*/overlays/dev"] }
  staging: { paths: ["apps/*/overlays/staging"], from: [dev] }
  prod: { paths: ["apps/*/overlays/prod"], from: [staging], promotion: { soak: ${soak}h } }
override: { teams: [leads] }
`;

/** Paths and contents. */
function layOut(tags: Readonly<Record<Environment, string>>, index: number): (readonly [string, string])[] {
  const base = `apps/web-${index}/base`;
  return [
    [`${base}/kustomization.yaml`, "resources: [web.yaml]\n"],
    [`${base}/web.yaml`, printDeployment().replaceAll("web", `web-${index}`)],
    ...ENVIRONMENTS.map((each) => [file(index, each), overlay(index, tags[each])] as const),
  ];
}

/** What an environment of one app runs on the base branch, and since when, in milliseconds since the epoch. */
interface Deployed {
  tag: string;
  since: number;
}

/** One pull request, with what the oracle knows of it. */
interface Watched extends Opened {
  readonly index: number;
  readonly environment: "staging" | "prod";
  readonly branch: string;
  tag: string;
  isMerged: boolean;
  overriddenBy: world.Account | undefined;
}

describe("random orders of promotions", () => {
  let app: RunningApp;
  /** GitHub's clock, and the one that verdicts go by. */
  const { now, pass } = createMovedClock();
  before(async () => {
    app = await startApp({ files: {}, env: { DRYDOCK_CHECKS: "4" }, now, sandbox: { clock: now } });
  });
  after(() => app.close());

  it("T18, T25, T27: let in what was in the environment before it long enough, and nothing else", async (test) => {
    const random = createRandom(SEED);
    const pick = createPick(random);
    const begin = now();
    let soak: number = SOAKS[0];
    const files = { ".github/drydock.yaml": rules(soak), ...Object.fromEntries(APPS.flatMap(layOut)) };
    const place = await createPlace(app, "promotions", { files });
    await app.quiet();
    const github = app.sandbox.world;
    const { ada, grace } = app;
    const heidi = world.createUser(github, "heidi");
    world.setRole(github, place.repository, heidi, "write");
    const leads = world.createTeam(github, place.organization, "leads", { members: [grace, heidi] });
    let locker: world.Account | undefined;

    const did: string[] = [`DRYDOCK_TEST_SEED=${SEED}`];
    const story = (): string => did.join("\n");
    const tell = (what: string): void => void did.push(`${((now() - begin) / HOUR).toFixed(3)} h: ${what}`);

    const deployed = APPS.map((tags) => {
      const first = (environment: Environment): Deployed => ({ tag: tags[environment], since: begin });
      return { dev: first("dev"), staging: first("staging"), prod: first("prod") };
    });
    const at = (index: number): Record<Environment, Deployed> => deployed[index] ?? assert.fail(`no app ${index}`);
    const deploy = (index: number, environment: Environment, tag: string): void => {
      if (at(index)[environment].tag !== tag) at(index)[environment] = { tag, since: now() };
    };
    /** Whether the rules let it in, told from what was done alone. */
    const holds = ({ index, environment, tag, overriddenBy }: Watched): boolean => {
      const own = at(index);
      if (tag === own[environment].tag) return true;
      if (environment === "prod" && locker !== undefined) return false;
      const earlier = environment === "prod" ? own.staging : own.dev;
      const isIn = earlier.tag === tag && (environment !== "prod" || now() - earlier.since >= soak * HOUR);
      return isIn || (overriddenBy !== undefined && world.isInTeam(github, leads, overriddenBy));
    };

    const pulls: Watched[] = [];
    const start = async (index: number, environment: "staging" | "prod"): Promise<void> => {
      const branch = `${environment}-${index}`;
      const opened = await place.open(branch, { [file(index, environment)]: overlay(index, WANTED) });
      pulls.push({ ...opened, index, environment, branch, tag: WANTED, isMerged: false, overriddenBy: undefined });
    };
    for (const index of APPS.keys()) await start(index, "prod");
    await start(STAGED, "staging");

    const open = (): readonly Watched[] => pulls.filter(({ isMerged }) => !isMerged);
    const isGreen = ({ pull }: Watched): boolean =>
      place.runs(world.read(github, "pullRequests", pull).headSha, "drydock")[0]?.conclusion === "success";
    const settle = async (): Promise<void> => {
      await place.quiet(700);
      const wrong = (): readonly string[] =>
        open().flatMap((one) =>
          isGreen(one) === holds(one) ? [] : [`${one.branch} is ${isGreen(one) ? "" : "not "}green`],
        );
      await until(app, "the end of every wrong verdict", () => wrong().length === 0).catch((error: unknown) => {
        throw new Error(`${wrong().join()}\n${story()}`, { cause: error });
      });
    };
    const say = async (who: world.Account, one: Watched, text: string, isAllowed: boolean): Promise<void> => {
      const said = world.addComment(github, who, one.pull, text);
      const answer = await until(app, `the reaction to ${text}`, () => {
        const found = world.select(github, "reactions", ({ commentId }) => commentId === said.id);
        return found.find(({ content }) => content !== "eyes");
      });
      assert.equal(answer.content, isAllowed ? "+1" : "confused", `${text} by ${who.login}\n${story()}`);
    };
    const mustTell: Watched[] = [];
    const mayNotTell: Watched[] = [];
    const merge = async (one: Watched): Promise<void> => {
      await app.quiet();
      await settle();
      (holds(one) ? mayNotTell : mustTell).push(one);
      await world.mergePullRequest(github, ada, one.pull, "merge");
      one.isMerged = true;
      deploy(one.index, one.environment, one.tag);
      await app.quiet();
    };
    const actions: Readonly<Record<string, (one: Watched) => unknown>> = {
      deliver: async ({ index, tag: wanted }) => {
        const environment = index === STAGED ? "dev" : pick(["dev", "staging", "staging"] as const);
        const tag = pick([wanted, wanted, ...TAGS]);
        tell(`web-${index} ${tag} into ${environment}`);
        await place.push("main", { [file(index, environment)]: overlay(index, tag) });
        deploy(index, environment, tag);
        // What leaves and returns between two looks is not seen to have left.
        if (environment === "staging") await app.quiet();
      },
      change: async (one) => {
        const tag = pick(TAGS);
        tell(`${one.branch} wants ${tag}`);
        await place.push(one.branch, { [file(one.index, one.environment)]: overlay(one.index, tag) });
        // What is pushed over before anybody looked ends nothing.
        if (one.overriddenBy !== undefined) await app.quiet();
        if (tag !== one.tag) one.overriddenBy = undefined;
        one.tag = tag;
      },
      wait: () => pass(pick(JUMPS)),
      relax: async () => {
        soak = pick(SOAKS);
        tell(`soak ${soak} h`);
        await place.push("main", { ".github/drydock.yaml": rules(soak) });
      },
      lock: async (one) => {
        if (locker !== undefined) return;
        locker = pick([ada, grace]);
        tell(`${locker.login} locks prod`);
        await say(locker, one, "/drydock lock prod an incident", true);
      },
      unlock: async (one) => {
        if (locker === undefined) return;
        const who = pick([ada, grace, heidi]);
        const isAllowed = who.id === locker.id || who.id === ada.id;
        tell(`${who.login} unlocks prod`);
        await say(who, one, "/drydock unlock prod", isAllowed);
        if (isAllowed) locker = undefined;
      },
      override: async (one) => {
        const who = pick([ada, grace, heidi]);
        const isAllowed = world.isInTeam(github, leads, who);
        // It is bound to what was judged: before that it is refused.
        await app.quiet();
        tell(`${who.login} overrides ${one.branch}`);
        await say(who, one, "/drydock override promotion-order the shop is down", isAllowed);
        if (isAllowed) one.overriddenBy = who;
      },
      leave: () => world.setTeamMember(github, leads, pick([grace, heidi]), false),
      join: () => world.setTeamMember(github, leads, pick([grace, heidi]), true),
    };
    const names = [...Object.keys(actions), "deliver", "deliver", "wait", "wait", "change", "unlock", "join"];
    await settle();
    pass(5 * HOUR);
    await settle();
    pass(26 * HOUR);
    await settle();
    assert.equal(pulls.filter(isGreen).length, 2, "what soaked, and what is in dev");
    const begins = Date.now();
    let [steps, greens] = [0, 0];
    for (; steps < STEPS && Date.now() - begins < LONGEST; steps++) {
      for (let count = 1 + Math.floor(random() * 3); count > 0; count--) {
        const [name, one] = [pick(names), pick(open())];
        tell(`${name} ${one.branch}`);
        await actions[name]?.(one);
      }
      await settle();
      const green = open().filter(isGreen);
      greens += green.length;
      if (random() < 0.2 && open().length > 1) {
        const one = pick(green.length > 0 && random() < 0.5 ? green : open());
        tell(`merge ${one.branch}`);
        await merge(one);
      }
    }
    const told = ({ pull }: Watched): string | undefined =>
      place
        .comments(pull.number)
        .map(({ body }) => body)
        .find((body) => /This is on record/u.test(body));
    for (const one of mustTell) {
      await until(app, "what is told of a merge", () => told(one)).catch((error: unknown) => {
        throw new Error(`nobody tells of the merge of ${one.branch}\n${story()}`, { cause: error });
      });
    }
    for (const one of mayNotTell) assert.equal(told(one), undefined, `${one.branch} was merged in order\n${story()}`);
    const merges = `${mustTell.length} merges past the rules, ${mayNotTell.length} within them`;
    test.diagnostic(`${steps} steps, ${greens} times green, ${merges}`);
  });
});
