import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findOrganization } from "../../../src/jobs/find-organization.ts";
import type { FoundRepository, GitHubRepository, Records } from "../../../src/jobs/ports.ts";
import { rejudgeAccount } from "../../../src/jobs/rejudge-account.ts";
import type { JobServices } from "../../../src/jobs/services.ts";
import { AccessLostFault, Fault, type Intent } from "../../../src/model/index.ts";
import { provide } from "../../fakes/fake-publishing.ts";

function repositoryOf(repositoryId: number, name: string) {
  return {
    ...{ installationId: 3, repositoryId, owner: "acme", name },
    ...{ defaultBranch: "trunk", isPrivate: true, isArchived: false },
  };
}

const [CONFIG, RULES] = [repositoryOf(11, "config"), repositoryOf(12, ".github")];

interface Account {
  readonly services: JobServices;
  readonly applied: readonly Intent[];
}

/** An account with one other repository, which has two open pull requests. */
function accountWith(
  find: () => Promise<FoundRepository>,
  head: () => string | undefined,
  organizationRules: JobServices["settings"]["organizationRules"] = "optional",
): Account {
  const applied: Intent[] = [];
  const marks = new Map<string, string>();
  const records = provide<Records>(
    {
      listRepositories: () => Promise.resolve([CONFIG, RULES]),
      listOpen: (repositoryId) => Promise.resolve([1, 2].map((number) => ({ repositoryId, number }))),
      applyIntents: (intents) => Promise.resolve(void applied.push(...intents)),
      readMark: (name) => Promise.resolve(marks.get(name)),
      writeMark: (name, value) => Promise.resolve(void marks.set(name, value)),
    },
    "records",
  );
  const api = provide<GitHubRepository>(
    { readBranch: (branch) => Promise.resolve(branch === "trunk" ? head() : undefined) },
    "api",
  );
  const github = provide<JobServices["github"]>({ findRepository: find, repository: () => api }, "github");
  const settings = { publicNeedsMaintainer: false, arePagesPublic: false, retentionDays: 1, organizationRules };
  return { services: provide<JobServices>({ github, records, settings }, "services"), applied };
}

describe("the rules of an account", () => {
  it("T36: judge every open pull request again when their tip moves, and only then", async () => {
    let head: string | undefined;
    const { services, applied } = accountWith(
      () => Promise.resolve({ kind: "found", repository: RULES }),
      () => head,
    );
    await rejudgeAccount(3, services);
    assert.equal(applied.length, 0, "there were none, and there are none");
    head = "first";
    await rejudgeAccount(3, services);
    await rejudgeAccount(3, services);
    assert.deepEqual(
      applied.map((intent) => intent.kind === "judge" && [intent.repository.name, intent.number, intent.reason]),
      [1, 2].map((number) => ["config", number, "rules-moved"]),
    );
    head = "second";
    await rejudgeAccount(3, services);
    assert.equal(applied.length, 4);
  });

  it("are no rules for their own repository, and none where they are off", async () => {
    const find = (): never => assert.fail("nobody asks");
    assert.equal(await findOrganization(RULES, accountWith(find, () => "x").services), undefined);
    assert.equal(await findOrganization(CONFIG, accountWith(find, () => "x", "off").services), undefined);
  });

  it("that are out of reach are a gap, and those that only time can tell are a fault", async () => {
    const lost = (fault: Fault) =>
      accountWith(
        () => Promise.reject(fault),
        () => "x",
        "required",
      ).services;
    assert.deepEqual(await findOrganization(CONFIG, lost(new AccessLostFault("permission", "no"))), {
      ...{ name: "acme/.github", isRequired: true },
      tip: { kind: "unreadable", why: "the App lacks a permission there" },
    });
    await assert.rejects(findOrganization(CONFIG, lost(new Fault("GitHub is down", { isRetryable: true }))), Fault);
    await assert.rejects(findOrganization(CONFIG, lost(new AccessLostFault("suspended", "no"))), AccessLostFault);
  });
});
