import type {
  Account,
  App,
  BranchProtection,
  CheckRun,
  CheckSuite,
  Comment,
  Deployment,
  DeploymentStatus,
  Installation,
  InstallationToken,
  Issue,
  Label,
  Mergeability,
  MergeGroup,
  PullRequest,
  Reaction,
  Ref,
  Repository,
  Review,
  ReviewComment,
  ReviewThread,
  Ruleset,
  Status,
  Team,
  UserToken,
} from "./entities.ts";
import type { WorldChange, WorldEvent } from "./events.ts";

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** Where this GitHub is found. No address ends in a slash. */
export interface Addresses {
  readonly web: string;
  readonly api: string;
  readonly graphql: string;
}

/** The kinds of records that have ids. */
export interface Records {
  readonly accounts: Account;
  readonly teams: Team;
  readonly repositories: Repository;
  readonly apps: App;
  readonly installations: Installation;
  readonly pullRequests: PullRequest;
  readonly issues: Issue;
  readonly labels: Label;
  readonly comments: Comment;
  readonly reactions: Reaction;
  readonly reviews: Review;
  readonly reviewComments: ReviewComment;
  readonly reviewThreads: ReviewThread;
  readonly checkSuites: CheckSuite;
  readonly checkRuns: CheckRun;
  readonly statuses: Status;
  readonly deployments: Deployment;
  readonly deploymentStatuses: DeploymentStatus;
  readonly rulesets: Ruleset;
  readonly mergeGroups: MergeGroup;
}

type Tables = { readonly [K in keyof Records]: ReadonlyMap<number, Records[K]> };

/** What has no id of its own. Written by the functions of this folder alone. */
interface Notes {
  /** By the token itself. */
  readonly installationTokens: Map<string, InstallationToken>;
  readonly userTokens: Map<string, UserToken>;
  /** By `protectionKey`. */
  readonly protections: Map<string, BranchProtection>;
  /** By pull request id. */
  readonly mergeabilities: Map<number, Mergeability>;
  /** `owner/name` in lower case, as it once was → repository id. */
  readonly redirects: Map<string, number>;
  /** The code that an App's manifest was exchanged for; `expiresAt` in milliseconds since the epoch. */
  readonly manifestCodes: Map<string, { readonly appId: number; readonly expiresAt: number }>;
  readonly subscribers: Set<(event: WorldEvent) => void>;
  readonly sequence: { last: number };
  /** By repository id: the end of what changes its branches now. */
  readonly turns: Map<number, Promise<unknown>>;
}

/**
 * Everything that the stand-in GitHub holds. Anybody may read it; what changes it are the functions of this folder,
 * which take it as their first argument and tell each change to the subscribers.
 */
export interface World extends Tables {
  readonly clock: Clock;
  /** Bare repositories are made in here. */
  readonly directory: string;
  readonly addresses: Addresses;
  readonly notes: Notes;
}

/** Makes an empty world; `directory` has to exist. */
export function createWorld(options: {
  readonly clock: Clock;
  readonly directory: string;
  readonly addresses: Addresses;
}): World {
  return { ...options, ...createTables(), notes: createNotes() };
}

function createTables(): Tables {
  return {
    accounts: new Map(),
    teams: new Map(),
    repositories: new Map(),
    apps: new Map(),
    installations: new Map(),
    pullRequests: new Map(),
    issues: new Map(),
    labels: new Map(),
    comments: new Map(),
    reactions: new Map(),
    reviews: new Map(),
    reviewComments: new Map(),
    reviewThreads: new Map(),
    checkSuites: new Map(),
    checkRuns: new Map(),
    statuses: new Map(),
    deployments: new Map(),
    deploymentStatuses: new Map(),
    rulesets: new Map(),
    mergeGroups: new Map(),
  };
}

function createNotes(): Notes {
  return {
    installationTokens: new Map(),
    userTokens: new Map(),
    protections: new Map(),
    mergeabilities: new Map(),
    redirects: new Map(),
    manifestCodes: new Map(),
    subscribers: new Set(),
    sequence: { last: 1000 },
    turns: new Map(),
  };
}

/** Gives a record the next id and keeps it. */
export function insert<K extends keyof Records>(world: World, table: K, record: Omit<Records[K], "id">): Records[K] {
  const id = (world.notes.sequence.last += 1);
  const kept = { ...record, id } as Records[K];
  writable(world, table).set(id, kept);
  return kept;
}

/** Lays changes over the newest record of this id; throws when there is none. */
export function change<K extends keyof Records>(
  world: World,
  table: K,
  ref: Ref,
  changes: Partial<Omit<Records[K], "id">>,
): Records[K] {
  const kept = { ...read(world, table, ref), ...changes };
  writable(world, table).set(ref.id, kept);
  return kept;
}

/** The newest record of this id; throws when there is none. */
export function read<K extends keyof Records>(world: World, table: K, ref: Ref): Records[K] {
  const record = writable(world, table).get(ref.id);
  if (record === undefined) throw new Error(`there is no ${ref.id} among the ${table}`);
  return record;
}

export function remove(world: World, table: keyof Records, ref: Ref): void {
  writable(world, table).delete(ref.id);
}

/** Records that hold, oldest first. */
export function select<K extends keyof Records>(
  world: World,
  table: K,
  holds: (record: Records[K]) => boolean,
): Records[K][] {
  return [...writable(world, table).values()].filter(holds);
}

/** The one place where the tables are not read-only. */
function writable<K extends keyof Records>(world: World, table: K): Map<number, Records[K]> {
  return world[table] as unknown as Map<number, Records[K]>;
}

/** The time of this world, as GitHub prints it. */
export function now(world: World): string {
  return printTime(world.clock());
}

/** ISO 8601 without fractions of a second. */
export function printTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** Tells a change to every subscriber before it returns. */
export function emit(world: World, sender: Ref, happened: WorldChange): void {
  const event: WorldEvent = { ...happened, senderId: sender.id, at: now(world) };
  for (const listener of world.notes.subscribers) listener(event);
}

/** Calls `listener` with each change from now on, synchronously; the returned function ends it. */
export function subscribe(world: World, listener: (event: WorldEvent) => void): () => void {
  world.notes.subscribers.add(listener);
  return () => world.notes.subscribers.delete(listener);
}

/** Lets changes of one repository's branches happen one after the other: each builds on the head that it finds. */
export async function inTurn<T>(world: World, repository: Ref, work: () => Promise<T>): Promise<T> {
  const before = world.notes.turns.get(repository.id) ?? Promise.resolve();
  const turn = before.then(work, work);
  world.notes.turns.set(repository.id, turn);
  return await turn;
}
