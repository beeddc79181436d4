import { isPermitted } from "../jobs/permissions.ts";
import { advice, countOf, ok, problem, spanOf, type Diagnosis } from "./diagnosis.ts";
import type { ConfiguredFacts, DoctorFacts, Probe, ServerAnswer, ServerFacts } from "./facts.ts";

/** The oldest git that merges without a work tree. */
const NEEDED_GIT = [2, 38] as const;
/** Seconds. GitHub refuses a JWT that is more than a minute of its future; below it the client makes up for it. */
const WRONG_CLOCK = 60;
const LOOSE_CLOCK = 5;
/** Seconds that a head may wait before something is wrong: longer than a burst takes, shorter than people wait. */
const LONGEST_WAIT = 600;

/** Git, clock, server and database of the machine that Drydock runs on. */
export function judgeMachine({ git, clockDrift, server, app, configured }: DoctorFacts): readonly Diagnosis[] {
  // Without the permission to comment every comment is refused, which is said of the permission.
  const mayComment = app.kind === "unknown" || isPermitted(app.value.permissions, "pull_requests", "write");
  return [
    ...judgeServer(server, mayComment),
    ...(server.kind === "answered" ? compareAddresses(configured, server.value) : []),
    judgeGit(git),
    judgeClock(clockDrift),
  ];
}

/** What doctor was started with need not be what the server was started with. */
function compareAddresses(configured: ConfiguredFacts, running: ServerFacts): readonly Diagnosis[] {
  const pairs = [
    ["WEBHOOK_PATH", configured.webhookPath, running.webhookPath],
    ["PUBLIC_URL", configured.publicUrl, running.publicUrl],
  ] as const;
  return pairs
    .filter(([, here, there]) => here !== there)
    .map(([name, here = "not set", there = "not set"]) =>
      advice(
        "server",
        `${name} is ${here} here, and ${there} for the running server, which is what counts.`,
        "Start the server again if it was changed; else run doctor with the server's own environment.",
      ),
    );
}

function judgeGit(git: Probe<string>): Diagnosis {
  const needed = NEEDED_GIT.join(".");
  const remedy = `Install git ${needed} or newer, first on the PATH.`;
  if (git.kind === "unknown") return problem("git", `git cannot be run: ${git.why}.`, remedy);
  const [version, major, minor] = /(\d+)\.(\d+)[\w.]*/u.exec(git.value) ?? [];
  const isOld =
    version === undefined ||
    Number(major) < NEEDED_GIT[0] ||
    (Number(major) === NEEDED_GIT[0] && Number(minor) < NEEDED_GIT[1]);
  if (!isOld) return ok("git", `git is ${version}.`);
  return problem("git", `git is ${version ?? "of no known version"}; Drydock needs ${needed} or newer.`, remedy);
}

function judgeClock(drift: Probe<number>): Diagnosis {
  const remedy = "Set this machine's clock by NTP.";
  if (drift.kind === "unknown") return advice("clock", `The clock could not be compared: ${drift.why}.`, remedy);
  const seconds = Math.abs(drift.value) / 1000;
  const sentence = `The clock is ${spanOf(seconds)} ${drift.value > 0 ? "behind" : "ahead of"} GitHub's.`;
  if (seconds >= WRONG_CLOCK) return problem("clock", sentence, remedy);
  if (seconds >= LOOSE_CLOCK) return advice("clock", sentence, remedy);
  return ok("clock", "The clock agrees with GitHub's.");
}

/** What asking the running server came to; its figures when it answered. */
function judgeServer(server: ServerAnswer<ServerFacts>, mayComment: boolean): readonly Diagnosis[] {
  if (server.kind !== "answered") return [judgeSilence(server)];
  const { database, queues, oldestWaitingSeconds, outgoing } = server.value;
  const sum = (pick: (queue: (typeof queues)[number]) => number): number =>
    queues.reduce((total, queue) => total + pick(queue), 0);
  const [waiting, active] = [sum((queue) => queue.waiting), sum((queue) => queue.active)];
  return [
    ok("server", "The server runs."),
    ok("database", `The database (${database}) answers: ${countOf(waiting, "task")} waiting, ${active} running.`),
    ...(oldestWaitingSeconds < LONGEST_WAIT
      ? []
      : [
          problem(
            "database",
            `A pull request has waited ${spanOf(oldestWaitingSeconds)} for its result.`,
            "See the server's log; `drydock doctor --pr URL` says what one waits for.",
          ),
        ]),
    ...(outgoing.refused === 0 || !mayComment
      ? []
      : [
          advice(
            "database",
            `GitHub refused ${countOf(outgoing.refused, "write")}, which will not be tried again as they are.`,
            "`drydock doctor --pr URL` says which, and why.",
          ),
        ]),
  ];
}

/** Why the running server could not be asked. */
function judgeSilence({ kind, address }: Exclude<ServerAnswer<unknown>, { kind: "answered" }>): Diagnosis {
  switch (kind) {
    case "away":
      return problem(
        "server",
        `No server answers at ${address}.`,
        "Start `drydock serve`, or run doctor where it runs, with its environment: METRICS_HOST and METRICS_PORT.",
      );
    case "refused":
      return problem(
        "server",
        `The server at ${address} does not know this configuration.`,
        "Run doctor with the server's own WEBHOOK_SECRET, on a machine whose clock agrees with it.",
      );
    case "stranger":
      return problem(
        "server",
        `What answers at ${address} is no Drydock, or another version of it.`,
        "See which program holds METRICS_PORT, and start the server again.",
      );
    case "failed":
      return problem(
        "database",
        "The server runs, but cannot read its database.",
        "See the server's log and the database; webhooks are answered 5xx meanwhile, and GitHub is asked for them later.",
      );
    default:
      return kind satisfies never;
  }
}
