import type { InstallationFacts, RepositoryFacts } from "../jobs/ports.ts";
import { scrubTokens, type RepositoryRef } from "../model/index.ts";
import type { WebhookAnswer } from "./call-webhook.ts";
import type {
  BranchDemands,
  ConfiguredFacts,
  DoctorFacts,
  Probe,
  RegisteredApp,
  SeenInstallation,
  SeenRepository,
  ServerAnswer,
  ServerFacts,
  Undelivered,
} from "./facts.ts";

/** GitHub as the doctor reads it; `src/github` implements it. */
export interface DoctorGitHub {
  readAppSettings(): Promise<RegisteredApp>;
  listInstallations(): Promise<readonly InstallationFacts[]>;
  listRepositories(installationId: number): Promise<readonly RepositoryFacts[]>;
  listFailedDeliveries(since: string): Promise<readonly Undelivered[]>;
  repository(ref: RepositoryRef): { listRequiredChecks(branch: string): Promise<BranchDemands> };
  /** 0 before the first answer. */
  readonly clockDrift: () => number;
}

export interface Sources {
  readonly github: DoctorGitHub;
  readonly askServer: () => Promise<ServerAnswer<ServerFacts>>;
  /** What `git version` prints. */
  readonly readGitVersion: () => Promise<string>;
  /** Calls the webhook's address. */
  readonly callWebhook: (url: string) => Promise<WebhookAnswer>;
  readonly configured: ConfiguredFacts;
  /** `OWNER/NAME`: this repository alone. */
  readonly only: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Repositories whose rules are read; each takes two requests or more, one after the other as GitHub asks for. */
const MOST_REPOSITORIES = 50;
/** Milliseconds: GitHub keeps deliveries for three days. */
const DELIVERIES_KEPT = 3 * 86_400_000;

/** Looks at everything, one thing after the other. Never rejects: what cannot be read is unknown, with the reason. */
export async function gatherFacts({ github, askServer, only, ...sources }: Sources): Promise<DoctorFacts> {
  const now = sources.now();
  const server = await askServer();
  const git = await probe(sources.readGitVersion);
  const app = await probe(() => github.readAppSettings());
  const drift = github.clockDrift();
  const isGitHubThere = app.kind === "known";
  const unknown = { kind: "unknown", why: isGitHubThere ? "" : app.why } as const;
  const since = new Date(now - DELIVERIES_KEPT).toISOString();
  return {
    now,
    configured: sources.configured,
    git,
    server,
    app,
    only,
    clockDrift: isGitHubThere || drift !== 0 ? { kind: "known", value: drift } : unknown,
    failedDeliveries: isGitHubThere ? await probe(() => github.listFailedDeliveries(since)) : unknown,
    webhookAnswer: isGitHubThere ? await callAddress(app.value.webhookUrl, sources.callWebhook) : undefined,
    installations: isGitHubThere ? await probe(() => lookAtInstallations(github, only)) : unknown,
  };
}

async function callAddress(url: string | undefined, call: Sources["callWebhook"]): Promise<WebhookAnswer | undefined> {
  return url !== undefined && /^https?:$/u.test(URL.parse(url)?.protocol ?? "") ? await call(url) : undefined;
}

async function probe<T>(look: () => Promise<T>): Promise<Probe<T>> {
  try {
    return { kind: "known", value: await look() };
  } catch (error) {
    const message = error instanceof Error ? error.message : "unknown";
    return { kind: "unknown", why: scrubTokens(message).slice(0, 300).replace(/\.$/u, "") };
  }
}

async function lookAtInstallations(
  github: DoctorGitHub,
  only: string | undefined,
): Promise<readonly SeenInstallation[]> {
  const owner = only?.slice(0, only.indexOf("/"));
  const all = await github.listInstallations();
  const meant = owner === undefined ? all : all.filter(({ account }) => isSameName(account, owner));
  const seen: SeenInstallation[] = [];
  let room = MOST_REPOSITORIES;
  for (const facts of meant) {
    const installation = await lookAtInstallation(github, facts, only, room);
    room -= installation.repositories.kind === "known" ? installation.repositories.value.length : 0;
    seen.push(installation);
  }
  return seen;
}

async function lookAtInstallation(
  github: DoctorGitHub,
  facts: InstallationFacts,
  only: string | undefined,
  room: number,
): Promise<SeenInstallation> {
  if (facts.isSuspended) return { facts, repositories: { kind: "known", value: [] }, unseen: 0 };
  const listed = await probe(() => github.listRepositories(facts.installationId));
  if (listed.kind === "unknown") return { facts, repositories: listed, unseen: 0 };
  const live = listed.value.filter(({ isArchived }) => !isArchived);
  const meant = only === undefined ? live : live.filter(({ owner, name }) => isSameName(`${owner}/${name}`, only));
  const repositories: SeenRepository[] = [];
  for (const repository of meant.slice(0, room)) {
    const demands = await probe(() => github.repository(repository).listRequiredChecks(repository.defaultBranch));
    repositories.push({ facts: repository, demands });
  }
  return { facts, repositories: { kind: "known", value: repositories }, unseen: meant.length - repositories.length };
}

/** Names on GitHub know no case. */
function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
