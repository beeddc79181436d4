import { after, before, describe, it } from "node:test";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();
const CHANGED = DEPLOYMENT.replace("replicas: 2", "replicas: 3");
const OTHER = DEPLOYMENT.replace("replicas: 2", "replicas: 4");
const rulesOf = (approvals: string, paths = "prod"): string =>
  `version: 1\nenvironments: { prod: { paths: [${paths}], approvals: ${approvals} } }\n`;

describe("owners, and what was approved under other rules", { concurrency: 2 }, () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: { "prod/web.yaml": DEPLOYMENT }, env: { DRYDOCK_CHECKS: "2" } });
  });
  after(() => app.close());

  const approve = (who: world.Account, pull: world.PullRequest): world.Review =>
    world.submitReview(app.sandbox.world, who, pull, { state: "APPROVED" });
  const says = async (place: Place, head: string, what: RegExp): Promise<void> => {
    const ruling = (): world.CheckRun | undefined => place.runs(head, "drydock/environments")[0];
    await until(app, what.source, () => {
      const { title, conclusion, summary } = ruling() ?? {};
      return what.test(`${conclusion ?? "none"} ${title ?? ""}\n${summary ?? ""}`);
    }).catch((error: unknown) => {
      throw new Error(`${ruling()?.title ?? ""}\n${ruling()?.summary ?? ""}`, { cause: error });
    });
  };

  it("T01: an owner of each changed file by the base's CODEOWNERS has to approve, and no author of it", async () => {
    const owners = "prod/ @grace\nprod/api.yaml @lin-owners @ada\n";
    const files = { "prod/web.yaml": DEPLOYMENT, ".github/drydock.yaml": rulesOf("{ count: 0, codeOwners: true }") };
    const place = await createPlace(app, "owned", { files: { ...files, ".github/CODEOWNERS": owners } });
    const lin = world.createUser(app.sandbox.world, "lin-owners");
    world.setRole(app.sandbox.world, place.repository, lin, "write");
    const { head, pull } = await place.open("change", {
      "prod/web.yaml": CHANGED,
      "prod/api.yaml": DEPLOYMENT.replaceAll("web", "api"),
      ".github/CODEOWNERS": "* @ada\n",
    });
    await says(place, head, /^none Waiting: code owners of 2 files/u);
    approve(app.grace, pull);
    await says(place, head, /^none Waiting: code owners of 1 file\b[^]*prod\/api\.yaml.* waits for/u);
    approve(app.ada, pull);
    approve(lin, pull);
    await says(place, head, /^success /u);
    world.setRole(app.sandbox.world, place.repository, lin, "triage");
    await place.push("main", { "readme.md": "moved\n" });
    await says(place, head, /^none Waiting: code owners of 1 file/u);
  });

  it("T23: files that leave an environment, also by a name that differs in case alone, are changes of it", async () => {
    const files = { "prod/web.yaml": DEPLOYMENT, ".github/drydock.yaml": rulesOf("1") };
    const place = await createPlace(app, "moved", { files });
    const moved = await place.open("moved", { "prod/web.yaml": null, "attic/web.yaml": DEPLOYMENT });
    const renamed = await place.open("renamed", { "prod/web.yaml": null, "Prod/web.yaml": DEPLOYMENT });
    const owners = await place.open("owners", { ".github/CODEOWNERS": "* @ada\n", "prod/OWNERS": "ada\n" });
    await says(place, moved.head, /^none Waiting: 0 of 1 approval for prod/u);
    await says(place, renamed.head, /^none Waiting: 0 of 1 approval for prod/u);
    await says(place, owners.head, /^success No environment changes/u);
  });

  it("T24: no approval is enough where GitHub does not list all commits", async () => {
    const files = { "prod/web.yaml": DEPLOYMENT, ".github/drydock.yaml": rulesOf("1") };
    const place = await createPlace(app, "many-commits", { files });
    for (let count = 0; count < 250; count++) await place.push("change", { "notes.txt": `${count}\n` });
    const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED });
    approve(app.grace, pull);
    await says(place, head, /^none Waiting: .*1 of 1 approval[^]*more commits than GitHub lists/u);
  });

  it("T18: is rendered again by the rules of now, and lives on where that is what stands now", async () => {
    const files = { "prod/web.yaml": DEPLOYMENT, ".github/drydock.yaml": rulesOf("1") };
    const place = await createPlace(app, "rendered-again", { files });
    const kept = await place.open("kept", { "prod/web.yaml": CHANGED });
    const changed = await place.open("changed", { "prod/web.yaml": CHANGED, "notes.txt": "another commit\n" });
    await says(place, kept.head, /^none Waiting: 0 of 1/u);
    await says(place, changed.head, /^none Waiting: 0 of 1/u);
    approve(app.grace, kept.pull);
    approve(app.grace, changed.pull);
    await says(place, kept.head, /^success /u);
    await says(place, changed.head, /^success /u);
    const next = await place.push("changed", { "prod/web.yaml": OTHER });
    await says(place, next, /grace approved before .*prod.* changed/u);
    // Other borders of the environment: digests of before say nothing any more.
    await place.push("main", { ".github/drydock.yaml": rulesOf("2", "prod, elsewhere") });
    await says(place, kept.head, /^none Waiting: 1 of 2 approvals/u);
    await says(place, next, /^none Waiting: 0 of 2[^]*grace approved before .*prod.* changed/u);
  });
});
