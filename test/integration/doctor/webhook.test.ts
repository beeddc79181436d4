import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import { examineInstallation } from "../../../src/doctor-door.ts";
import { EVENT_SETS, PERMISSION_SETS } from "../../../src/github/index.ts";
import { startSandbox, type Sandbox } from "../../../src/sandbox/index.ts";
import { listAttempts, whenDelivered } from "../../../src/sandbox/webhooks/index.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { startApp } from "../../fakes/running-app.ts";

const PATH = "/api/github/webhooks";

interface Told {
  readonly problems: readonly string[];
  readonly advice: readonly string[];
  readonly fine: readonly string[];
}

/** What doctor says of the webhook and of deliveries, with the configuration that belongs to a stand-in. */
async function askDoctor(sandbox: Sandbox, secret = sandbox.app.webhookSecret): Promise<Told> {
  const environment = {
    ...{ APP_ID: String(sandbox.app.appId), PRIVATE_KEY: sandbox.app.privateKey, WEBHOOK_SECRET: secret },
    ...{ GITHUB_API_URL: sandbox.apiUrl, METRICS_PORT: "1" },
  };
  const { text } = await examineInstallation(environment, { format: "json", width: 80 });
  const { diagnoses } = JSON.parse(text) as { diagnoses: { topic: string; level: string; sentence: string }[] };
  const about = diagnoses.filter(({ topic }) => topic === "webhook" || topic === "deliveries");
  const of = (wanted: string) => about.filter(({ level }) => level === wanted).map(({ sentence }) => sentence);
  return { problems: of("problem"), advice: of("advice"), fine: of("ok") };
}

describe("doctor, where GitHub's webhooks do not arrive", () => {
  let sandbox: Sandbox;
  let answer: RequestListener;
  let port: number;
  const receiver = createServer((request, response) => {
    answer(request, response);
  });
  before(async () => {
    receiver.listen(0, "127.0.0.1");
    await once(receiver, "listening");
    ({ port } = receiver.address() as AddressInfo);
  });
  beforeEach(async () => {
    sandbox = await startSandbox({
      app: { permissions: PERMISSION_SETS.full, events: EVENT_SETS.full },
      webhooks: { timeout: 300 },
    });
  });
  after(() => {
    receiver.closeAllConnections();
    receiver.close();
  });

  /** Installs the App, whose webhook is at this address, and asks doctor why the first delivery failed. */
  const failAt = async (url: string): Promise<Told> => {
    world.setWebhookUrl(sandbox.world, sandbox.app, url);
    world.installApp(sandbox.world, sandbox.owner, sandbox.app, sandbox.owner);
    await whenDelivered(sandbox.parts.webhooks);
    assert.equal(listAttempts(sandbox.parts.webhooks, sandbox.app).length, 1);
    try {
      return await askDoctor(sandbox);
    } finally {
      await sandbox.close();
      assert.deepEqual(sandbox.violations, []);
    }
  };
  const here = (): string => `http://127.0.0.1:${port}${PATH}`;
  const status =
    (code: number, headers = {}): RequestListener =>
    (_, response) => {
      response.writeHead(code, headers).end("no");
    };

  it("says that GitHub could not connect, and that it does not answer from here either", async () => {
    const { problems, advice } = await failAt(`http://127.0.0.1:1${PATH}`);
    assert.match(problems.join("\n"), /^GitHub could not deliver 1 webhook .*: GitHub could not connect\.$/u);
    assert.deepEqual(advice, [`From here, nothing answers at http://127.0.0.1:1${PATH}: the connection was refused.`]);
  });

  it("says that nobody answered in time", async () => {
    let calls = 0;
    // GitHub waits in vain; doctor, which would wait for ten seconds, is answered.
    answer = (request, response) => {
      if (calls++ > 0) status(204)(request, response);
    };
    const { problems, advice } = await failAt(here());
    assert.match(problems.join("\n"), /: nobody answered in time\.$/u);
    assert.match(advice.join("\n"), /answers 204 and not as Drydock does/u);
  });

  it("says that the certificate is not accepted", async () => {
    const { problems, advice } = await failAt(here().replace("http:", "https:"));
    assert.match(problems.join("\n"), /: GitHub does not accept the address's certificate\.$/u);
    assert.match(advice.join("\n"), /nothing answers at https:.*: it does not speak TLS\.$/u);
  });

  it("says that the name is not known", async () => {
    const { advice } = await failAt(`http://drydock.invalid${PATH}`);
    assert.match(advice.join("\n"), /nothing answers at http:\/\/drydock\.invalid.*: its name is not known here\.$/u);
  });

  it("says that a redirect is not followed, and follows none itself", async () => {
    answer = status(301, { location: `http://127.0.0.1:1${PATH}` });
    const { problems, advice } = await failAt(here());
    assert.match(problems.join("\n"), /leads elsewhere, and GitHub follows no redirect\.$/u);
    assert.match(advice.join("\n"), /answers 301 and not as Drydock does/u);
  });

  it("does not take a stranger's 401 for Drydock's", async () => {
    answer = status(401);
    assert.match((await failAt(here())).advice.join("\n"), /answers 401 and not as Drydock does/u);
  });
});

describe("doctor, beside a running server", () => {
  const files = { "README.md": "x" };

  it("says that the secret or the path is another, and that the server answers from here all the same", async (t) => {
    const app = await startApp({ files, env: { DRYDOCK_SWEEP_SECONDS: "3600" } });
    t.after(() => app.close());
    const { sandbox, server } = app;
    await app.quiet();
    const url = `http://127.0.0.1:${server.port}${PATH}`;
    const push = async (text: string): Promise<void> => {
      const changed = { "README.md": text };
      await world.pushCommit(sandbox.world, app.ada, app.repository, { branch: "main", files: changed });
      await whenDelivered(sandbox.parts.webhooks);
    };
    const secret = sandbox.app.webhookSecret;
    assert.deepEqual((await askDoctor(sandbox, secret)).problems, []);

    world.setWebhookSecret(sandbox.world, sandbox.app, "another-secret");
    await push("y");
    const differing = await askDoctor(sandbox, secret);
    assert.match(differing.problems.join("\n"), /: the signature was refused, so the secret differs \(401\)\.$/u);
    assert.match(differing.fine.join("\n"), /^From here, a Drydock answers at 127\.0\.0\.1:\d+; only deliveries/mu);

    world.setWebhookUrl(sandbox.world, sandbox.app, `${url}/elsewhere`);
    await push("z");
    const astray = await askDoctor(sandbox, secret);
    assert.match(astray.problems.join("\n"), /: there is nothing at the webhook's path\.$/mu);
    assert.match(astray.advice.join("\n"), /The webhook's path is .*\/elsewhere, and the server listens to/u);
    assert.match(astray.advice.join("\n"), /answers 404 and not as Drydock does/u);
  });
});
