import type { DoctorFacts, RequiredCheck, SeenInstallation } from "../../../src/doctor/facts.ts";
import { EVENT_SETS, PERMISSION_SETS } from "../../../src/github/index.ts";

export const APP_ID = 77;
export const NOW = Date.parse("2026-11-21T12:00:00Z");

/** An installation that nothing is wrong with, but for what is given. */
export function makeFacts(changes: Partial<DoctorFacts> = {}): DoctorFacts {
  return {
    now: NOW,
    configured: {
      appId: APP_ID,
      githubApi: "https://api.github.com",
      publicUrl: "https://drydock.example.com",
      webhookPath: "/api/github/webhooks",
      hasSignIn: true,
      arePagesPublic: false,
    },
    git: { kind: "known", value: "git version 2.43.0" },
    clockDrift: { kind: "known", value: 300 },
    server: {
      kind: "answered",
      value: {
        ...{ publicUrl: "https://drydock.example.com", webhookPath: "/api/github/webhooks" },
        ...{ database: "PostgreSQL", queues: [], oldestWaitingSeconds: 0, outgoing: { pending: 0, refused: 0 } },
      },
    },
    app: { kind: "known", value: makeApp() },
    webhookAnswer: { kind: "drydock" },
    failedDeliveries: { kind: "known", value: [] },
    installations: { kind: "known", value: [makeInstallation()] },
    only: undefined,
    ...changes,
  };
}

export function makeApp(changes: Partial<Extract<DoctorFacts["app"], { kind: "known" }>["value"]> = {}) {
  return {
    name: "Drydock",
    permissions: PERMISSION_SETS.full,
    events: EVENT_SETS.full,
    webhookUrl: "https://drydock.example.com/api/github/webhooks",
    contentType: "json",
    ...changes,
  };
}

export const GATE: RequiredCheck = { context: "drydock", appId: APP_ID, bypass: "somebody" };

export function makeInstallation(
  changes: Partial<SeenInstallation["facts"]> = {},
  checks: readonly RequiredCheck[] = [GATE],
  names: readonly string[] = ["config"],
): SeenInstallation {
  const account = changes.account ?? "acme";
  const repositories = names.map((name, index) => ({
    facts: {
      ...{ installationId: 1, repositoryId: index, owner: account, name, defaultBranch: "main" },
      ...{ isPrivate: true, isArchived: false },
    },
    demands: { kind: "known", value: { isComplete: true, checks } } as const,
  }));
  return {
    facts: {
      installationId: 1,
      account,
      isSuspended: false,
      permissions: PERMISSION_SETS.full,
      events: EVENT_SETS.full,
      createdAt: "2026-01-01T00:00:00Z",
      ...changes,
    },
    repositories: { kind: "known", value: repositories },
    unseen: 0,
  };
}
