import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";
import { assertInert } from "../../unit/publish/assert-inert.ts";

const DEPLOYMENT = printDeployment();
const CHANGED = DEPLOYMENT.replace("replicas: 2", "replicas: 3");
const RULES = "version: 1\nenvironments: { prod: { paths: [prod], approvals: 1 } }\n";
const FILES = { "prod/web/web.yaml": DEPLOYMENT, "prod/api/api.yaml": DEPLOYMENT, ".github/drydock.yaml": RULES };

function printSecret(value: string): string {
  const data = Buffer.from(value).toString("base64");
  return `apiVersion: v1\nkind: Secret\nmetadata: { name: token }\ndata: { password: ${data} }\n`;
}

describe("what changed since an approval", { concurrency: 3 }, () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES, env: { DRYDOCK_CHECKS: "3" } });
  });
  after(() => app.close());

  const approve = (pull: world.PullRequest): world.Review =>
    world.submitReview(app.sandbox.world, app.grace, pull, { state: "APPROVED" });
  const rulingOn = async (place: Place, head: string, state: "passed" | "waiting"): Promise<world.CheckRun> =>
    await until(app, `that ${place.path} has ${state}`, () => {
      const [run] = place.runs(head, "drydock/environments");
      const isSo = state === "passed" ? run?.conclusion === "success" : /^Waiting: 0 of/u.test(run?.title ?? "");
      return isSo ? run : undefined;
    });
  const commentOf = (place: Place, pull: world.PullRequest, wanted: RegExp): Promise<string> =>
    until(app, `a comment like ${wanted.source}`, () =>
      place.comments(pull.number).find(({ body }) => wanted.test(body)),
    )
      .then(({ body }) => body)
      .catch((error: unknown) => {
        throw new Error(
          place
            .comments(pull.number)
            .map(({ body }) => body)
            .join("\n----\n"),
          { cause: error },
        );
      });

  it("stands in the comment as a diff of its own, for the apps whose approval died", async () => {
    const place = await createPlace(app, "diffed", { files: FILES });
    const { head, pull } = await place.open("change", { "prod/web/web.yaml": CHANGED, "prod/api/api.yaml": CHANGED });
    await rulingOn(place, head, "waiting");
    approve(pull);
    await rulingOn(place, head, "passed");
    const next = await place.push("change", {
      "prod/web/web.yaml": CHANGED.replace("replicas: 3", "replicas: 9"),
      "prod/web/token.yaml": printSecret("made-up-for-a-test"),
    });
    const { summary } = await rulingOn(place, next, "waiting");
    assert.match(summary ?? "", /grace approved before .*prod\/web.* changed/u);
    const body = await commentOf(place, pull, /Changed since the approval of/u);
    const [, own = ""] = /(\*\*Changed since[^]*?<\/details>)/u.exec(body) ?? [];
    assert.match(own, new RegExp(`approval of \`grace\`\\*\\* at \`${head.slice(0, 7)}\`: 2 changes in 1 app`, "u"));
    assert.match(own, /-\s+replicas: 3\n\+\s+replicas: 9/u);
    assert.doesNotMatch(own, /prod\/api|replicas: 2/u);
    assert.doesNotMatch(body, /made-up-for-a-test/u);
    assert.ok(!body.includes(Buffer.from("made-up-for-a-test").toString("base64")), "a value of a Secret");
    assertInert(own);
    approve(pull);
    await rulingOn(place, next, "passed");
    await until(
      app,
      "the end of the diff",
      () => !/Changed since/u.test(place.comments(pull.number)[0]?.body ?? "Changed since"),
    );
  });
});
