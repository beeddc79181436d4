import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gatherStandings, type AskedStanding } from "../../../src/jobs/facts/gather-standings.ts";
import type { GitHub, GitHubRepository } from "../../../src/jobs/ports.ts";
import { AccessLostFault, Fault, LimitedFault, type Role } from "../../../src/model/index.ts";
import { provide } from "../../fakes/fake-publishing.ts";

const GRACE = { id: 2, login: "grace", type: "User" } as const;
const REPOSITORY = {
  ...{ installationId: 1, repositoryId: 2, owner: "acme", name: "config" },
  ...{ defaultBranch: "main", isPrivate: true, isArchived: false },
};

function standings(
  asked: readonly AskedStanding[],
  answers: { role?: () => Promise<Role>; member?: () => Promise<boolean | undefined> } = {},
  permissions: Readonly<Record<string, string>> = { members: "read" },
) {
  const calls: string[] = [];
  const api = provide<GitHubRepository>(
    {
      readRole: ({ login }) => {
        calls.push(login);
        return answers.role?.() ?? Promise.resolve("write");
      },
      isTeamMember: (slug, { login }) => {
        calls.push(`${slug} ${login}`);
        return answers.member?.() ?? Promise.resolve(true);
      },
    },
    "api",
  );
  const github = provide<GitHub>({ repository: () => api }, "github");
  return { calls, people: gatherStandings(asked, { repository: REPOSITORY, permissions }, { github }) };
}

const SRE: AskedStanding = { actor: GRACE, teams: ["sre"] };

describe("T05: standings", () => {
  it("are asked once for each person and team, and of nobody who is no person", async () => {
    const bot = { id: 9, login: "x[bot]", type: "Bot" } as const;
    const { calls, people } = standings([
      SRE,
      { actor: GRACE, teams: ["sre", "Acme/core"] },
      { actor: bot, teams: ["sre"] },
    ]);
    assert.deepEqual(await people, [{ id: 2, role: "write", teams: { sre: "yes", "Acme/core": "yes" } }]);
    assert.deepEqual(calls, ["grace", "sre grace", "core grace"]);
  });

  it("T02: ask for no team of somebody who cannot write", async () => {
    const { calls, people } = standings([SRE], { role: () => Promise.resolve("triage") });
    assert.deepEqual(await people, [{ id: 2, role: "triage", teams: {} }]);
    assert.deepEqual(calls, ["grace"]);
  });

  it("are unknown where GitHub does not tell, breaks down, or may not be asked", async () => {
    const down = () => Promise.reject(new Fault("502", { isRetryable: true }));
    const forbidden = () => Promise.reject(new AccessLostFault("permission", "403"));
    const unknown = [{ id: 2, role: "write", teams: { sre: "unknown" } }];
    assert.deepEqual(await standings([SRE], { member: () => Promise.resolve(undefined) }).people, unknown);
    assert.deepEqual(await standings([SRE], { member: down }).people, unknown);
    assert.deepEqual(await standings([SRE], { member: forbidden }).people, unknown);
    assert.deepEqual(await standings([SRE], {}, { contents: "read" }).people, unknown);
    assert.deepEqual(await standings([{ actor: GRACE, teams: ["others/sre"] }]).people, [
      { id: 2, role: "write", teams: { "others/sre": "unknown" } },
    ]);
    assert.deepEqual(await standings([SRE], { role: down }).people, [{ id: 2, role: "unknown", teams: {} }]);
  });

  it("are asked of GitHub while nobody has read the installation's permissions", async () => {
    assert.deepEqual(await standings([SRE], {}, {}).people, [{ id: 2, role: "write", teams: { sre: "yes" } }]);
  });

  it("wait where GitHub asks to, and where the repository is gone", async () => {
    const limited = standings([SRE], { role: () => Promise.reject(new LimitedFault("wait", 0)) });
    await assert.rejects(limited.people, LimitedFault);
    const gone = standings([SRE], { role: () => Promise.reject(new AccessLostFault("not-found", "gone")) });
    await assert.rejects(gone.people, AccessLostFault);
  });
});
