import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DemoRequest } from "./cli/doors.ts";
import { serverSchema } from "./config/server.ts";
import { findFinishedGate, stateOf } from "./demo/gates.ts";
import { describeGate, type ReachedGate } from "./demo/describe-gate.ts";
import type { OpenedChange } from "./demo/set-stage.ts";
import { startDemo, type DemoOptions, type RunningDemo } from "./demo/start-demo.ts";
import type { Log } from "./jobs/ports.ts";
import { findPullRequest } from "./sandbox/world/index.ts";
import { startServer } from "./serve.ts";

/** What the machine gives to the demo. */
export interface DemoSurroundings {
  readonly root: string;
  readonly path: string;
  readonly untilStopped: () => Promise<void>;
}

/** Milliseconds that the checks of one pull request may take: engines start, and GitHub's limits are kept to. */
const PATIENCE = 240_000;

/**
 * Shows the App at work on the sample repository: prints how each gate ends, and serves until it is told to end, or not
 * at all with `isOnce`. 0 when every gate ended as the sample expects and GitHub's descriptions were kept to, else 1.
 */
export async function showDemo(
  { root, path, untilStopped }: DemoSurroundings,
  { directory, isOnce, color }: DemoRequest,
  print: (text: string) => void,
): Promise<0 | 1> {
  // Asked for first, so that Ctrl-C removes what is temporary whenever it comes.
  const stopped = untilStopped().then(() => "stopped" as const);
  print("Starting a stand-in for GitHub and Drydock's server beside it, on 127.0.0.1 alone …\n");
  const kept = directory === undefined ? undefined : resolve(directory);
  const demo = await openDemo({ root, path, directory: kept, onError: print });
  try {
    print(`${demo.opened.length} pull requests are open on harbor/config; Drydock checks them:\n\n`);
    const ended = await Promise.race([watchGates(demo, print, color), stopped]);
    if (ended === "stopped") return 0;
    const { violations } = demo.stage.sandbox;
    for (const violation of violations) print(`GitHub would not have taken this: ${violation}\n`);
    if (kept !== undefined) print(`\nThe sample repository is in\n  ${demo.sample}\n`);
    if (!isOnce) {
      print(`\nSee them, push a fix, comment, approve and merge at\n\n  ${demo.url}\n\n`);
      print("Ctrl-C ends the demo and removes what it made.\n");
      await stopped;
    } else print("\nRun it in a terminal, without --once, to see their pages in a browser.\n");
    return ended === "expected" && violations.length === 0 ? 0 : 1;
  } finally {
    await demo.close();
  }
}

/** Starts the demo with the real server in this process. */
export async function openDemo({
  root,
  path,
  directory,
  onError,
}: Pick<DemoOptions, "path" | "directory"> & {
  readonly root: string;
  readonly onError: (text: string) => void;
}): Promise<RunningDemo> {
  const log: Log = {
    info: () => undefined,
    warn: () => undefined,
    error: (fields, message) => {
      onError(`drydock: ${message} ${JSON.stringify(fields)}\n`);
    },
  };
  return await startDemo({
    source: join(root, "demo"),
    path,
    directory,
    startServer: (environment) => {
      const { APP_ID = 0, PRIVATE_KEY = "", WEBHOOK_SECRET = "", ...settings } = serverSchema.parse(environment);
      return startServer({ config: { ...settings, APP_ID, PRIVATE_KEY, WEBHOOK_SECRET }, root, log });
    },
  });
}

/** Prints each gate once it and the checks beside it are completed or wait, in the order of the pull requests. */
async function watchGates(
  demo: RunningDemo,
  print: (text: string) => void,
  color: boolean,
): Promise<"expected" | "unexpected"> {
  let isExpected = true;
  for (const change of demo.opened) {
    const gate = await waitForGate(demo, change);
    print(describeGate(change, gate, color));
    isExpected &&= gate !== undefined && stateOf(gate) === change.gate;
  }
  return isExpected ? "expected" : "unexpected";
}

async function waitForGate({ stage }: RunningDemo, { number }: OpenedChange): Promise<ReachedGate | undefined> {
  const { sandbox, repository } = stage;
  const end = performance.now() + PATIENCE;
  while (performance.now() < end) {
    const pull = findPullRequest(sandbox.world, repository, number);
    const gate = pull === undefined ? undefined : findFinishedGate(stage, pull);
    if (gate !== undefined) return gate;
    await sleep(100);
  }
  return undefined;
}
