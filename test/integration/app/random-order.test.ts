import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createMovedClock } from "../../fakes/moved-clock.ts";
import { createPlace, until, type Opened, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";
import { createPick, createRandom } from "../../fakes/seeded-random.ts";

const SEED = Number(process.env["DRYDOCK_TEST_SEED"] ?? 20261122);
const STEPS = 14;
const PULLS = 3;
/** Milliseconds: no further step begins after it, so that a slow machine takes fewer of them. */
const LONGEST = 30_000;
/** So near to the beginning and end of a freeze nobody can say what held. Milliseconds. */
const UNSURE = 4_000;
/** So long before a window begins nothing is green any more (T27). Milliseconds. */
const TOLD_AHEAD = 120_000;
/** The clock stays this near to the machine's, which GitHub's tokens are made by. Milliseconds. */
const FARTHEST = 420_000;

const content = (index: number, replicas: number): string =>
  printDeployment().replaceAll("web", `web-${index}`).replace("replicas: 2", `replicas: ${replicas}`);

/** One pull request, with what the oracle knows of it. */
interface Watched extends Opened {
  readonly index: number;
  readonly branch: string;
  replicas: number;
  isMerged: boolean;
  /** By review: what the pull request said when it was given, and into which branch. */
  readonly givenFor: Map<number, string>;
}

/** An approval is of one content and one base branch (T21). */
function nameContent(github: world.World, { pull, replicas }: Pick<Watched, "pull" | "replicas">): string {
  return `${replicas} into ${world.read(github, "pullRequests", pull).baseRef}`;
}

/** A time in which nothing may be merged, in milliseconds since the epoch. */
interface Freeze {
  readonly from: number;
  until: number;
  /** One that somebody asked for begins when that is carried out, which may be later. */
  isBegun: boolean;
}

/**
 * Whether the rules hold, told from the stand-in's state alone: somebody of the team, who wrote none of it, approved just
 * this and has said nothing else since, and nothing is frozen.
 */
function holds(github: world.World, team: world.Team, ada: world.Account, one: Watched, isFrozen: boolean): boolean {
  if (isFrozen) return false;
  const last = new Map<number, world.Review>();
  for (const review of world.select(github, "reviews", ({ pullRequestId }) => pullRequestId === one.pull.id)) {
    if (review.state !== "COMMENTED") last.set(review.authorId, review);
  }
  return [...last.values()].some(
    ({ id, state, authorId }) =>
      state === "APPROVED" &&
      authorId !== ada.id &&
      world.isInTeam(github, team, { id: authorId }) &&
      one.givenFor.get(id) === nameContent(github, one),
  );
}

describe("random orders of what happens", () => {
  let app: RunningApp;
  /** GitHub's clock, and the one that verdicts go by. */
  const { now, pass, ahead } = createMovedClock();
  before(async () => {
    app = await startApp({ files: {}, env: { DRYDOCK_CHECKS: "4" }, now, sandbox: { clock: now } });
  });
  after(() => app.close());

  it("T15, T18, T21, T27, T28: nothing is green by a fact that does not hold, and no merge past it goes untold", async () => {
    const random = createRandom(SEED);
    const pick = createPick(random);
    const begin = Date.now();
    // They end and begin by the clock alone.
    const second = Math.ceil(begin / 1000) * 1000;
    const pause: Freeze = { from: second - 60_000, until: second + 8_000, isBegun: true };
    const night: Freeze = { from: second + 300_000, until: second + 330_000, isBegun: true };
    const freezes: Freeze[] = [pause, night];
    const moment = (at: number): string => new Date(at).toISOString().replace(".000", "");
    const windows = [pause, night].map(({ from, until: end }, index) => {
      return `{ name: Window ${index}, effect: deny, from: ${moment(from)}, until: ${moment(end)} }`;
    });
    const rules = `version: 1\nenvironments: { prod: { paths: [prod], approvals: { teams: [sre] }, windows: [${windows.join()}] } }\n`;
    const apps = Object.fromEntries(
      Array.from({ length: PULLS }, (_, index) => [`prod/web-${index}/web.yaml`, content(index, 2)]),
    );
    const place: Place = await createPlace(app, "random", { files: { ...apps, ".github/drydock.yaml": rules } });
    const github = app.sandbox.world;
    const { ada, grace } = app;
    const heidi = world.createUser(github, "heidi");
    world.setRole(github, place.repository, heidi, "write");
    const team = world.createTeam(github, place.organization, "sre", { members: [grace, heidi] });
    const main = github.repositories.get(place.repository.id)?.branches.get("main") ?? assert.fail("no main");
    await world.moveBranch(github, ada, place.repository, "release", main);
    const change = (one: Pick<Watched, "index" | "branch">, replicas: number): Promise<string> =>
      place.push(one.branch, { [`prod/web-${one.index}/web.yaml`]: content(one.index, replicas) });
    const pulls: Watched[] = [];
    for (let index = 0; index < PULLS; index++) {
      const branch = `change-${index}`;
      const opened = await place.open(branch, { [`prod/web-${index}/web.yaml`]: content(index, 3) });
      pulls.push({ ...opened, index, branch, replicas: 3, isMerged: false, givenFor: new Map() });
    }

    const did: string[] = [`DRYDOCK_TEST_SEED=${SEED}`];
    const story = (): string => did.join("\n");
    const tell = (what: string): void => void did.push(`${Math.round((now() - begin) / 1000)} s: ${what}`);
    const isFrozen = (at = now()): boolean => freezes.some(({ from, until: end }) => at >= from && at < end);
    /** Not by one that only was asked for. */
    const isSurelyFrozen = (at: number): boolean =>
      freezes.some(({ from, until: end, isBegun }) => isBegun && at >= from && at < end);
    const isUnsure = (at = now()): boolean =>
      freezes.some(({ from, until: end }) => [from, end].some((edge) => Math.abs(at - edge) < UNSURE));
    const isNight = (at = now()): boolean => at >= night.from - TOLD_AHEAD && at < night.until;
    const headOf = ({ pull }: Watched): string => world.read(github, "pullRequests", pull).headSha;
    const isGreen = (one: Watched): boolean => place.runs(headOf(one), "drydock")[0]?.conclusion === "success";
    const open = (): readonly Watched[] => pulls.filter(({ isMerged }) => !isMerged);
    const wrong = (): readonly string[] =>
      open().flatMap((one) =>
        isGreen(one) && !holds(github, team, ada, one, isFrozen() || isNight()) ? [one.branch] : [],
      );
    const settle = async (): Promise<void> => {
      await app.quiet();
      for (const freeze of freezes) freeze.isBegun = true;
      await until(app, "the end of every wrong green", () => wrong().length === 0).catch((error: unknown) => {
        throw new Error(`green without a reason: ${wrong().join()}\n${story()}`, { cause: error });
      });
    };
    const mustTell: Watched[] = [];
    const mayNotTell: Watched[] = [];
    const merge = async (one: Watched, isSettled: boolean): Promise<void> => {
      const [begun, wasGreen] = [now(), isGreen(one)];
      const isRight = holds(github, team, ada, one, isFrozen(begun));
      const isWrong = !holds(github, team, ada, one, isSurelyFrozen(begun));
      await world.mergePullRequest(github, ada, one.pull);
      one.isMerged = true;
      if (isUnsure(begun) || isUnsure() || isFrozen(begun) !== isFrozen()) return;
      if (isWrong) mustTell.push(one);
      if (isRight && wasGreen && isSettled) mayNotTell.push(one);
    };
    /** Says it and waits until it is carried out, or refused, as whoever says it may. */
    const command = async (one: Watched, who: world.Account, text: string): Promise<boolean> => {
      const isAllowed = who.id === ada.id || world.isInTeam(github, team, who);
      const said = world.addComment(github, who, one.pull, text);
      const [answer] = await until(app, `the reaction to ${text}`, () => {
        const found = world.select(github, "reactions", ({ commentId }) => commentId === said.id);
        return found.length > 0 && found;
      });
      assert.equal(answer?.content, isAllowed ? "+1" : "confused", `${text} by ${who.login}\n${story()}`);
      return isAllowed;
    };
    const skip = (milliseconds: number): void => {
      if (ahead() + milliseconds <= FARTHEST) pass(milliseconds);
    };
    const actions: Readonly<Record<string, (one: Watched) => unknown>> = {
      approve: (one) => {
        const { id } = world.submitReview(github, pick([grace, heidi, ada]), one.pull, { state: "APPROVED" });
        one.givenFor.set(id, nameContent(github, one));
      },
      refuse: (one) => world.submitReview(github, pick([grace, heidi]), one.pull, { state: "CHANGES_REQUESTED" }),
      dismiss: (one) => {
        const [review] = world.select(github, "reviews", ({ pullRequestId, state }) => {
          return pullRequestId === one.pull.id && state === "APPROVED";
        });
        if (review !== undefined) world.dismissReview(github, ada, review);
      },
      push: async (one) => {
        const replicas = pick([3, 4]);
        one.replicas = replicas;
        await change(one, replicas);
      },
      retarget: (one) => world.editPullRequest(github, ada, one.pull, { base: pick(["main", "release"]) }),
      label: (one) => world.addLabel(github, ada, one.pull, pick(["hotfix", "drydock/ready"])),
      leave: () => world.setTeamMember(github, team, pick([grace, heidi]), false),
      join: () => world.setTeamMember(github, team, pick([grace, heidi]), true),
      base: () => place.push("main", { "readme.md": `# ${random()}\n` }),
      wait: () => skip(pick([10_000, 20_000, 30_000])),
      freeze: async (one) => {
        const end = Math.ceil(now() / 1000) * 1000 + pick([15_000, 30_000, 60_000]);
        const text = `/drydock freeze prod ${moment(end)} an incident`;
        const who = pick([ada, grace, heidi]);
        tell(`${who.login} says: ${text}`);
        const freeze: Freeze = { from: now(), until: end, isBegun: false };
        // An admin may whatever happens meanwhile.
        if (who.id !== ada.id) freeze.isBegun = await command(one, who, text);
        else world.addComment(github, who, one.pull, text);
        if (who.id === ada.id || freeze.isBegun) freezes.push(freeze);
      },
      thaw: async (one) => {
        const asked = freezes.slice(2);
        if (!asked.some(({ until: end }) => end > now())) return;
        if (asked.some(({ isBegun }) => !isBegun)) await settle();
        const who = pick([ada, grace, heidi]);
        tell(`${who.login} unfreezes`);
        if (!(await command(one, who, "/drydock unfreeze prod"))) return;
        for (const freeze of asked) freeze.until = Math.min(freeze.until, now());
      },
    };
    const names = [...Object.keys(actions), "approve", "approve", "approve", "join"];
    // Something is green to begin with, or nothing would be found out.
    for (const one of pulls) {
      one.givenFor.set(world.submitReview(github, grace, one.pull, { state: "APPROVED" }).id, nameContent(github, one));
    }
    await until(app, "the first green", () => pulls.every(isGreen));
    /** As after a pause of the server, it was not told ahead: what is green is so for a moment longer. */
    const fallNight = async (): Promise<void> => {
      await settle();
      pass(Math.max(0, night.from + UNSURE + 1_000 - now()));
      const one = open().find(isGreen) ?? pick(open());
      tell(`night falls, merge ${one.branch}, ${isGreen(one) ? "green" : "not green"}`);
      await merge(one, false);
      await settle();
    };
    const begins = Date.now();
    let hasFallen = false;
    for (let step = 0; step < STEPS && Date.now() - begins < LONGEST; step++) {
      if (!hasFallen && (step >= STEPS / 2 || Date.now() - begins > LONGEST / 2)) {
        await fallNight();
        hasFallen = true;
      }
      for (let count = 2 + Math.floor(random() * 4); count > 0; count--) {
        const [name, one] = [pick(names), pick(open())];
        tell(`${name} ${one.branch}`);
        await actions[name]?.(one);
      }
      // One is left for the night, and one for the end.
      const [isMerging, isSettled] = [random() < 0.2 && open().length > (hasFallen ? 1 : 2), random() < 0.5];
      if (isMerging && isSettled) await settle();
      if (isMerging) {
        const one = pick(open());
        tell(`merge ${one.branch}${isSettled ? ", settled" : ""}`);
        await merge(one, isSettled);
      }
      await settle();
    }
    // Whatever happened before, one is merged past a fact that changed just now.
    const last = open()[0];
    if (last !== undefined) {
      world.setTeamMember(github, team, grace, false);
      world.setTeamMember(github, team, heidi, false);
      tell(`both leave, merge ${last.branch}`);
      await merge(last, false);
    }
    await app.quiet();
    const isTold = ({ pull }: Watched): boolean =>
      place.comments(pull.number).some(({ body }) => /on record/u.test(body));
    for (const one of mustTell) {
      await until(app, "what is told of a merge", () => isTold(one)).catch((error: unknown) => {
        throw new Error(`nobody tells of the merge of ${one.branch}\n${story()}`, { cause: error });
      });
    }
    for (const one of mayNotTell) assert.ok(!isTold(one), `the merge of ${one.branch} was in order\n${story()}`);
  });
});
