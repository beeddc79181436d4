import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRepositoryConfig } from "../../../src/config/index.ts";
import { describeRefused, findScope, type ApprovalScope } from "../../../src/jobs/commands/find-scope.ts";
import type { PullRequest } from "../../../src/model/index.ts";
import { ADA, GRACE } from "../../fakes/environment-facts.ts";
import { provide } from "../../fakes/fake-publishing.ts";

const REPOSITORY = {
  ...{ installationId: 1, repositoryId: 2, owner: "acme", name: "config" },
  ...{ defaultBranch: "main", isPrivate: true, isArchived: false },
};
const ENVIRONMENTS = "environments: { dev: {}, staging: { approvals: 1 }, prod: { approvals: 1 } }";

function scope(commands: string, teams: readonly string[] = []): Promise<ApprovalScope> {
  const reading = readRepositoryConfig(`version: 1\n${ENVIRONMENTS}\n${commands}`, ".github/drydock.yaml");
  assert.ok(reading.kind === "loaded");
  const pullRequest = provide<PullRequest>({ author: ADA }, "pull request");
  const place = { actor: GRACE, repository: REPOSITORY, pullRequest, permissions: { members: "read" } };
  return findScope(
    { ...place, config: reading.config },
    {
      readRole: () => Promise.resolve("write"),
      isTeamMember: (slug) => Promise.resolve(teams.includes(slug)),
    },
  );
}

describe("T02: an approval by command without an environment", () => {
  it("counts in all that its author may approve, where no environment has a limit of its own, or they meet each", async () => {
    assert.deepEqual((await scope("")).environments, [undefined]);
    assert.deepEqual((await scope("commands: { approve: { role: write } }")).environments, [undefined]);
    const limited = "commands: { approve: { environments: { prod: { teams: [sre] } } } }";
    assert.deepEqual((await scope(limited, ["sre"])).environments, [undefined]);
  });

  it("counts not in those whose limits its author does not meet, and says so", async () => {
    const found = await scope("commands: { approve: { environments: { prod: { teams: [sre] } } } }");
    assert.deepEqual(found.environments, ["staging"]);
    assert.equal(describeRefused(found), "It does not count in `prod`: it takes a member of team `sre`.");
  });

  it("counts nowhere where its author meets none", async () => {
    const limit = "{ role: maintain }";
    const found = await scope(`commands: { approve: { environments: { prod: ${limit}, staging: ${limit} } } }`);
    assert.deepEqual(found.environments, []);
  });
});
