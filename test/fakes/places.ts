import { setTimeout as sleep } from "node:timers/promises";
import * as world from "../../src/sandbox/world/index.ts";
import type { RunningApp } from "./running-app.ts";

type Files = Readonly<Record<string, string | null>>;

/** An organisation of its own with one repository and the App installed: tests in different places do not meet. */
export interface Place {
  readonly organization: world.Account;
  readonly repository: world.Repository;
  readonly installation: world.Installation;
  /** Part of the path of every request about the repository under the name it began with. */
  readonly path: string;
  open(branch: string, files: Files, options?: OpenOptions): Promise<Opened>;
  push(branch: string, files: Files): Promise<string>;
  /** The App's runs on a commit, the newest first. */
  runs(headSha: string, name?: string): readonly world.CheckRun[];
  /** Waits until the gate on a commit is completed. */
  judged(headSha: string): Promise<world.CheckRun>;
  comments(number: number): readonly world.Comment[];
  /** Waits until nothing about this repository has been asked for a while. */
  quiet(milliseconds?: number): Promise<void>;
}

interface OpenOptions {
  readonly base?: string;
  readonly isDraft?: boolean;
}

export interface Opened {
  readonly head: string;
  readonly pull: world.PullRequest;
}

export interface PlaceOptions {
  readonly files: Files;
  readonly isPrivate?: boolean;
  /** Runs before the App is installed. */
  readonly before?: (repository: world.Repository) => Promise<void>;
}

const LONGEST_WAIT = 120_000;

export async function createPlace(app: RunningApp, name: string, options: PlaceOptions): Promise<Place> {
  const { sandbox, ada } = app;
  const { files, isPrivate = true } = options;
  const organization = world.createOrganization(sandbox.world, ada, name);
  const repository = await world.createRepository(sandbox.world, organization, "config", {
    actor: ada,
    isPrivate,
    files,
  });
  world.setRole(sandbox.world, repository, app.grace, "write");
  await options.before?.(repository);
  // Not in the very second of the first pull request, which would count as one from before it.
  const createdAt = new Date(Date.now() - 2000).toISOString().replace(/\.\d+/u, "");
  const when = options.before === undefined ? { createdAt } : {};
  const installation = world.installApp(sandbox.world, ada, sandbox.app, organization, when);
  const path = `/${name}/config`;
  const push = (branch: string, changed: Files): Promise<string> =>
    world.pushCommit(sandbox.world, ada, repository, { branch, files: changed });
  const runs = (headSha: string, check?: string): readonly world.CheckRun[] =>
    world
      .listCheckRuns(sandbox.world, repository, headSha)
      .filter((run) => run.appId === sandbox.app.appId && (check === undefined || run.name === check));
  return {
    organization,
    repository,
    installation,
    path,
    open: async (branch, changed, opening = {}) => {
      const head = await push(branch, changed);
      return { head, pull: await world.openPullRequest(sandbox.world, ada, repository, { head: branch, ...opening }) };
    },
    push,
    runs,
    judged: (headSha) =>
      until(app, `the gate on ${headSha} of ${name}`, () => {
        const [gate] = runs(headSha, "drydock");
        return gate?.status === "completed" ? gate : undefined;
      }),
    comments: (number) =>
      world.listComments(sandbox.world, repository, number).filter(({ appId }) => appId === sandbox.app.appId),
    quiet: async (milliseconds = 1500) => {
      const count = (): number => app.sandbox.requests.filter((request) => request.path.includes(path)).length;
      for (let seen = -1; seen !== count();) {
        seen = count();
        await sleep(milliseconds);
      }
    },
  };
}

/** Looks until there is something to see; rejects with the server's last words when it does not come. */
export async function until<T>(app: RunningApp, what: string, look: () => T | undefined | false): Promise<T> {
  for (const end = Date.now() + LONGEST_WAIT; Date.now() < end;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await sleep(50);
  }
  throw new Error(`${what} did not come; the log says:\n${app.logged.slice(-30).join("\n")}`);
}
