import type { GitHubRepository, OutgoingItem, Records } from "../../src/jobs/ports.ts";
import type { JobServices } from "../../src/jobs/services.ts";
import type { Outgoing, Published } from "../../src/model/index.ts";

/** Fails a test that calls what it did not provide. */
export function provide<T extends object>(parts: Partial<T>, name: string): T {
  return new Proxy(parts, {
    get: (target, key) => {
      if (Reflect.has(target, key)) return Reflect.get(target, key) as unknown;
      throw new Error(`${name}.${String(key)} is not expected here`);
    },
  }) as T;
}

export interface FakePublishing {
  readonly services: JobServices;
  /** What was asked of GitHub and noted in the records, in order. */
  readonly log: readonly (readonly unknown[])[];
}

/** GitHub and records for the publishing of one item, each call written down. */
export function fakePublishing(api: Partial<GitHubRepository>, records: Partial<Records> = {}): FakePublishing {
  const log: unknown[][] = [];
  const noted = Object.fromEntries(
    Object.entries(api).map(([name, call]) => [
      name,
      (...args: unknown[]): unknown => {
        log.push([name, ...args]);
        return (call as (...given: unknown[]) => unknown)(...args);
      },
    ]),
  );
  const repository = provide<GitHubRepository>(noted, "api");
  const services = provide<JobServices>(
    {
      github: provide<JobServices["github"]>({ repository: () => repository }, "github"),
      records: provide<Records>(
        {
          takeWrite: () => Promise.resolve({ kind: "granted" }),
          markAttempt: () => Promise.resolve(log.push(["markAttempt"]) > 0),
          markPublished: (_item, published, isDone) => Promise.resolve(void log.push(["published", published, isDone])),
          markRefused: (_item, reason) => Promise.resolve(void log.push(["refused", reason])),
          postpone: (_item, reason) => Promise.resolve(void log.push(["postponed", reason])),
          ...records,
        },
        "records",
      ),
      pageUrl: (path) => `https://drydock.example${path}`,
      now: () => 0,
      sleep: () => Promise.resolve(),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    },
    "services",
  );
  return { services, log };
}

/** A row to publish; `published` is what stands already. */
export function itemOf(outgoing: Outgoing, more: Partial<OutgoingItem> = {}, published?: Published): OutgoingItem {
  return {
    id: "row-1",
    repository: {
      installationId: 3,
      repositoryId: 11,
      owner: "acme",
      name: "config",
      defaultBranch: "main",
      isPrivate: true,
      isArchived: false,
    },
    permissions: { checks: "write", pull_requests: "write" },
    outgoing,
    published,
    isUncertain: false,
    isPartial: false,
    wantedAt: "2026-01-02T03:04:05Z",
    ...more,
  };
}
