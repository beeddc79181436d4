import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEligibility, describeUnknownTeams, type ApprovalPlace } from "../../../src/jobs/approve-exceptions.ts";
import type { Actor, Role } from "../../../src/model/index.ts";

const PERSON: Actor = { id: 5, login: "grace", type: "User" };
const AUTHOR: Actor = { id: 6, login: "ada", type: "User" };
const PLACE: ApprovalPlace = {
  repository: {
    ...{ installationId: 1, repositoryId: 2, owner: "acme", name: "config" },
    ...{ defaultBranch: "main", isPrivate: true, isArchived: false },
  },
  pullRequest: { repositoryId: 2, number: 3, author: AUTHOR, headSha: "a".repeat(40) },
  permissions: { members: "read" },
};

interface Github {
  readonly role?: Role;
  /** Slug → whether people are in it; a team that is not here is not told. */
  readonly teams?: Readonly<Record<string, boolean>>;
}

function eligibility({ role = "write", teams = { security: true } }: Github = {}, place = PLACE) {
  const asked: string[] = [];
  const ask = createEligibility(place, {
    readRole: () => Promise.resolve(role),
    isTeamMember: (slug) => {
      asked.push(slug);
      return Promise.resolve(Object.hasOwn(teams, slug) ? teams[slug] : undefined);
    },
  });
  return { ask, asked };
}

describe("T34: who may approve an exception", () => {
  it("is a member of its team who writes to the repository", async () => {
    assert.equal(await eligibility().ask(PERSON, "security"), "yes");
    assert.equal(await eligibility({ teams: { security: false } }).ask(PERSON, "security"), "no");
    assert.equal(await eligibility({ role: "triage" }).ask(PERSON, "security"), "no");
  });

  it("is neither the author, whatever the login, nor a bot", async () => {
    assert.equal(await eligibility().ask({ ...AUTHOR, login: "renamed" }, "security"), "no");
    assert.equal(await eligibility().ask({ ...PERSON, type: "Bot" }, "security"), "no");
    assert.equal(await eligibility().ask({ ...PERSON, type: "Organization" }, "security"), "no");
  });

  it("is not known where GitHub does not tell, without the permission, and for another organization's team", async () => {
    assert.equal(await eligibility({ teams: {} }).ask(PERSON, "security"), "unknown");
    const blind = eligibility({}, { ...PLACE, permissions: {} });
    assert.equal(await blind.ask(PERSON, "security"), "unknown");
    assert.equal(await eligibility().ask(PERSON, "others/security"), "unknown");
    assert.deepEqual(blind.asked, [], "nobody is asked in vain");
    assert.equal(await eligibility().ask(PERSON, "Acme/security"), "yes");
  });

  it("is somebody who maintains the repository where no team is named", async () => {
    for (const role of ["maintain", "admin"] as const) {
      assert.equal(await eligibility({ role }).ask(PERSON, undefined), "yes");
    }
    assert.equal(await eligibility().ask(PERSON, undefined), "no");
    assert.equal(await eligibility({ role: "admin" }).ask(AUTHOR, undefined), "no");
  });

  it("is asked once for each person and team", async () => {
    const { ask, asked } = eligibility();
    await Promise.all([ask(PERSON, "security"), ask(PERSON, "security"), ask(PERSON, "platform")]);
    assert.deepEqual(asked, ["security", "platform"]);
  });
});

describe("exceptions whose team is not known", () => {
  const asked = (team: string | undefined) => [{ rule: "image-tag", resource: "Deployment/a/b", text: "", team }];

  it("say why they wait", () => {
    assert.match(describeUnknownTeams(asked("security"), { ...PLACE, permissions: {} }) ?? "", /`members: read`/u);
    assert.match(describeUnknownTeams(asked("others/security"), PLACE) ?? "", /another organization/u);
  });

  it("say nothing where the team is known, and where none is named", () => {
    assert.equal(describeUnknownTeams(asked("security"), PLACE), undefined);
    assert.equal(describeUnknownTeams(asked(undefined), { ...PLACE, permissions: {} }), undefined);
    assert.equal(describeUnknownTeams([], PLACE), undefined);
  });
});
