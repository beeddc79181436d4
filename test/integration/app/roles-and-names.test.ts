import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();
const FILES = { "shop/web.yaml": DEPLOYMENT };

describe("roles and names that change while a pull request is open", () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES });
  });
  after(() => app.close());

  const openChange = async (name: string) => {
    const place = await createPlace(app, name, { files: FILES });
    const { head, pull } = await place.open("change", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.1.0") });
    await place.judged(head);
    await until(app, "the comment", () => place.comments(pull.number).length > 0);
    return { place, head, pull };
  };
  const reactionTo = async (place: Place, pull: world.PullRequest, actor: world.Account): Promise<string> => {
    const comment = world.addComment(app.sandbox.world, actor, pull, "/drydock check");
    const reaction = await until(app, `an answer to ${actor.login} in ${place.organization.login}`, () => {
      const given = world.select(app.sandbox.world, "reactions", ({ commentId }) => commentId === comment.id);
      return given.at(-1);
    });
    return reaction.content;
  };

  it("T53: an organisation that is renamed keeps its checks, its comment and its commands", async () => {
    const { place, pull } = await openChange("before");
    const other = await place.open("other", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.2.0") });
    await place.judged(other.head);
    world.renameAccount(app.sandbox.world, place.organization, "after");
    const head = await place.push("change", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.3.0") });
    assert.equal((await place.judged(head)).conclusion, "success");
    await until(app, "the comment", () => place.comments(pull.number)[0]?.body.includes("1.3.0"));
    assert.equal(place.comments(pull.number).length, 1);
    assert.equal(await reactionTo(place, other.pull, app.grace), "+1");
  });

  it("T49: an organisation that takes the name of a renamed one is told nothing of the other's", async () => {
    const { place, pull } = await openChange("coveted");
    world.renameAccount(app.sandbox.world, place.organization, "moved-on");
    const taker = await createPlace(app, "coveted", { files: { "README.md": "Another one\n" } });
    const theirs = await taker.open("change", { "README.md": "Theirs\n" });
    await taker.judged(theirs.head);
    const head = await place.push("change", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.4.0") });
    assert.equal((await place.judged(head)).conclusion, "success");
    await until(app, "the comment", () => place.comments(pull.number)[0]?.body.includes("1.4.0"));
    assert.deepEqual(taker.comments(theirs.pull.number), []);
    assert.deepEqual(
      taker.runs(theirs.head, "drydock").map(({ title }) => title),
      ["Nothing that deploys changes"],
    );
  });

  it("T02: a team's role counts as long as the team has it, and a role of the owner's own making as what it folds to", async () => {
    const { place, pull } = await openChange("teams");
    const { sandbox } = app;
    const linus = world.createUser(sandbox.world, "linus");
    const team = world.createTeam(sandbox.world, place.organization, "Shop", { members: [linus] });
    assert.equal(await reactionTo(place, pull, linus), "confused", "a member may read, no more");
    world.setTeamRole(sandbox.world, place.repository, team, "maintain", "release-manager");
    assert.equal(await reactionTo(place, pull, linus), "+1");
    world.setTeamRole(sandbox.world, place.repository, team, "triage", "writer");
    assert.equal(await reactionTo(place, pull, linus), "confused", "whatever its owner calls it");
    world.setTeamRole(sandbox.world, place.repository, team, "write");
    assert.equal(await reactionTo(place, pull, linus), "+1");
    world.setTeamRole(sandbox.world, place.repository, team, undefined);
    assert.equal(await reactionTo(place, pull, linus), "confused");
  });
});
