/**
 * Measures the window in which GitHub may still merge on an old verdict: `bench/stale.ts [ROUNDS]`, default 10. Prints,
 * for each sort of fact, the median and the 95th percentile of the time from its change to the changed gate on GitHub, on
 * loopback beside the stand-in GitHub, for one pull request at rest. Nothing is asserted: times belong to the machine.
 */
import { setTimeout as sleep } from "node:timers/promises";
import * as world from "../src/sandbox/world/index.ts";
import { printDeployment } from "../test/fakes/deployment.ts";
import { createPlace, until } from "../test/fakes/places.ts";
import { startApp, type RunningApp } from "../test/fakes/running-app.ts";

const rounds = Number(process.argv[2] ?? 10);
/** A freeze that begins by the clock is looked at so long after its config was read. Milliseconds. */
const AHEAD = 6_000;
/** Drydock writes once a second to an installation: a round begins with the whole bucket. */
const BETWEEN = 5_000;

const DEPLOYMENT = printDeployment();
const CHANGED = DEPLOYMENT.replace("replicas: 2", "replicas: 3");
const RULES = "version: 1\nenvironments: { prod: { paths: [prod], approvals: { teams: [sre] } } }\n";
const FILES = { "prod/web.yaml": DEPLOYMENT, ".github/drydock.yaml": RULES };

const app: RunningApp = await startApp({ files: {}, env: { DRYDOCK_WRITES_A_SECOND: "1" } });
const github = app.sandbox.world;
const place = await createPlace(app, "stale", { files: FILES });
const team = world.createTeam(github, place.organization, "sre", { members: [app.grace] });
const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED });
const approve = (): world.Review => world.submitReview(github, app.grace, pull, { state: "APPROVED" });
let review = approve();
const isGreen = (): boolean => place.runs(head, "drydock")[0]?.conclusion === "success";
const settle = async (green: boolean): Promise<void> => {
  await until(app, green ? "green" : "not green", () => isGreen() === green);
  await app.quiet();
  await sleep(BETWEEN);
};

/** Milliseconds from a moment (by the machine's clock) until the gate is no longer green. */
async function timeRed(since: number): Promise<number> {
  while (isGreen()) await sleep(2);
  return Date.now() - since;
}

const window = (from: number, until: number): string =>
  RULES.replace(
    "teams: [sre] }",
    `teams: [sre] }, windows: [{ name: Pause, effect: deny, from: ${moment(from)}, until: ${moment(until)} }]`,
  );
const moment = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

const facts: readonly (readonly [name: string, change: () => Promise<number>, back: () => unknown])[] = [
  [
    "an approval is dismissed",
    async () => {
      const since = Date.now();
      world.dismissReview(github, app.ada, review);
      return await timeRed(since);
    },
    () => (review = approve()),
  ],
  [
    "an approver leaves the team",
    async () => {
      const since = Date.now();
      world.setTeamMember(github, team, app.grace, false);
      return await timeRed(since);
    },
    () => world.setTeamMember(github, team, app.grace, true),
  ],
  [
    "the base moves, to stricter rules",
    async () => {
      const stricter = RULES.replace("teams: [sre] }", "teams: [sre], count: 2 }");
      const since = Date.now();
      await place.push("main", { ".github/drydock.yaml": stricter });
      return await timeRed(since);
    },
    () => place.push("main", { ".github/drydock.yaml": RULES }),
  ],
  [
    "a freeze begins by the clock",
    async () => {
      const begin = Math.ceil((Date.now() + AHEAD) / 1000) * 1000;
      await place.push("main", { ".github/drydock.yaml": window(begin, begin + 3_600_000) });
      await app.quiet();
      while (Date.now() < begin && isGreen()) await sleep(2);
      return await timeRed(begin);
    },
    () => place.push("main", { ".github/drydock.yaml": RULES }),
  ],
];

try {
  await settle(true);
  for (const [name, change, back] of facts) {
    const taken: number[] = [];
    for (let round = 0; round < rounds; round++) {
      taken.push(await change());
      await settle(false);
      await back();
      await settle(true);
    }
    taken.sort((left, right) => left - right);
    const at = (share: number): string =>
      `${taken[Math.min(taken.length - 1, Math.floor(taken.length * share))] ?? 0} ms`;
    console.log(`${name}: p50 ${at(0.5)}, p95 ${at(0.95)} (${rounds} times; below 0 is ahead of it)`);
  }
} finally {
  await app.close();
}
