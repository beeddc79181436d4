import { listRefs } from "../sandbox/git/index.ts";
import type { Sandbox } from "../sandbox/index.ts";
import * as world from "../sandbox/world/index.ts";
import { pushSample, type Sample, type SampleChange, type SampleFix } from "./build-sample.ts";

/** Who and what there is in the stand-in GitHub. */
export interface Stage {
  readonly sandbox: Sandbox;
  readonly organization: world.Account;
  readonly repository: world.Repository;
  /** Everybody who may be played, by login. The first owns the organization. */
  readonly people: ReadonlyMap<string, world.Account>;
  /** What mends a pull request, by its branch. */
  readonly fixes: ReadonlyMap<string, SampleFix>;
  /** What may be tried on a pull request, by its branch, Markdown. */
  readonly hints: ReadonlyMap<string, string>;
}

/** A pull request of the sample, and how its gate has to end. */
export interface OpenedChange extends SampleChange {
  readonly number: number;
}

/** The check to require; it is pinned to the App. */
export const GATE = "drydock";

const OWNER = "ada";
const WRITERS = ["grace", "linus"];
/** Whose approvals the sample asks for in prod. */
const TEAM = { name: "sre", members: ["ada", "linus"] } as const;
/** What merges into them needs the gate. */
const GUARDED = ["~DEFAULT_BRANCH", "ledger/staging", "ledger/prod"];

/**
 * Makes an organization with a team, and with the sample as its repository, history and branches as they are. What
 * merges needs the gate and one approval, of administrators too. Rejects with a Fault when git fails.
 */
export async function setStage(sandbox: Sandbox, sample: Sample, path: string): Promise<Stage> {
  const owner = world.createUser(sandbox.world, OWNER);
  const writers = WRITERS.map((login) => world.createUser(sandbox.world, login));
  const organization = world.createOrganization(sandbox.world, owner, "harbor");
  const made = { actor: owner, isPrivate: true };
  const repository = await world.createRepository(sandbox.world, organization, "config", made);
  for (const writer of writers) world.setRole(sandbox.world, repository, writer, "write");
  await pushSample(sample, repository.directory, path);
  const proposed = new Set(sample.changes.map(({ branch }) => branch));
  for (const [branch, sha] of await listBranches(repository)) {
    if (!proposed.has(branch)) await world.moveBranch(sandbox.world, owner, repository, branch, sha);
  }
  // A ruleset: whether classic protection wants conversations resolved is told to administrators alone, and Drydock
  // begins none that blocks nothing where they may have to be.
  world.createRuleset(sandbox.world, { type: "Repository", id: repository.id }, "main", {
    branches: GUARDED,
    requiredChecks: [{ context: GATE, appId: sandbox.app.appId }],
    approvals: 1,
  });
  const people = new Map([owner, ...writers].map((person) => [person.login, person]));
  world.createTeam(sandbox.world, organization, TEAM.name, {
    members: TEAM.members.flatMap((login) => people.get(login) ?? []),
  });
  const { changes } = sample;
  const fixes = new Map(changes.flatMap(({ branch, fix }) => (fix === undefined ? [] : [[branch, fix] as const])));
  const hints = new Map(changes.flatMap(({ branch, hint }) => (hint === undefined ? [] : [[branch, hint] as const])));
  return { sandbox, organization, repository, people, fixes, hints };
}

async function listBranches(repository: world.Repository): Promise<ReadonlyMap<string, string>> {
  const refs = await listRefs(repository);
  return new Map([...refs].map(([ref, sha]) => [ref.slice("refs/heads/".length), sha]));
}

/**
 * Installs the App for the organization, pushes what the sample proposes, each change as its author, so that Drydock is
 * told who pushed it, and opens the pull requests.
 */
export async function openChanges(
  { sandbox, organization, repository, people }: Stage,
  changes: readonly SampleChange[],
): Promise<OpenedChange[]> {
  const [owner = organization] = people.values();
  world.installApp(sandbox.world, owner, sandbox.app, organization);
  const branches = await listBranches(repository);
  const opened: OpenedChange[] = [];
  for (const change of changes) {
    const author = people.get(change.author) ?? owner;
    await world.moveBranch(sandbox.world, author, repository, change.branch, branches.get(change.branch));
    const { number } = await world.openPullRequest(sandbox.world, author, repository, {
      head: change.branch,
      base: change.base,
      title: change.title,
      body: change.text,
    });
    opened.push({ ...change, number });
  }
  return opened;
}
