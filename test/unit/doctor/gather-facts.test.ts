import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gatherFacts, type DoctorGitHub } from "../../../src/doctor/gather-facts.ts";
import { GATE, makeApp, makeFacts, makeInstallation, NOW } from "./make-facts.ts";

const gone = (): Promise<never> => Promise.reject(new Error(`no answer for ghs_${"a".repeat(36)}.`));

function makeGitHub(
  names: readonly string[],
  changes: Partial<DoctorGitHub> = {},
): DoctorGitHub & { readonly asked: string[] } {
  const asked: string[] = [];
  const { facts, repositories } = makeInstallation({}, [], names);
  const listed = repositories.kind === "known" ? repositories.value.map((each) => each.facts) : [];
  return {
    asked,
    readAppSettings: () => Promise.resolve(makeApp()),
    listInstallations: () => Promise.resolve([facts]),
    listRepositories: () => Promise.resolve(listed),
    listFailedDeliveries: (since) => {
      asked.push(since);
      return Promise.resolve([]);
    },
    repository: ({ owner, name }) => ({
      listRequiredChecks: (branch) => {
        asked.push(`${owner}/${name} ${branch}`);
        return Promise.resolve({ isComplete: true, checks: [GATE] });
      },
    }),
    clockDrift: () => 1500,
    ...changes,
  };
}

const gather = (github: DoctorGitHub, only?: string, called: string[] = []) => {
  const { configured, server } = makeFacts();
  return gatherFacts({
    callWebhook: (url) => {
      called.push(url);
      return Promise.resolve({ kind: "drydock" });
    },
    ...{ github, configured, only, now: () => NOW, askServer: () => Promise.resolve(server) },
    readGitVersion: () => Promise.resolve("git version 2.43.0"),
  });
};

describe("gatherFacts", () => {
  it("looks at the default branch of every repository, and at deliveries of three days", async () => {
    const github = makeGitHub(["one", "two"]);
    const facts = await gather(github);
    assert.deepEqual(github.asked, ["2026-11-18T12:00:00.000Z", "acme/one main", "acme/two main"]);
    assert.deepEqual(facts.clockDrift, { kind: "known", value: 1500 });
  });

  it("looks at fifty repositories, and counts the others", async () => {
    const names = Array.from({ length: 53 }, (_, index) => `r${index}`);
    const { installations } = await gather(makeGitHub(names));
    const [seen] = installations.kind === "known" ? installations.value : [];
    assert.equal(seen?.unseen, 3);
    assert.equal(seen.repositories.kind === "known" && seen.repositories.value.length, 50);
  });

  it("looks at one repository alone when it is named, in any case", async () => {
    const github = makeGitHub(["one", "two"]);
    await gather(github, "Acme/TWO");
    assert.deepEqual(github.asked.slice(1), ["acme/two main"]);
    const elsewhere = await gather(github, "umbrella/two");
    assert.deepEqual(elsewhere.installations, { kind: "known", value: [] });
  });

  it("asks nothing of a suspended installation", async () => {
    const { facts } = makeInstallation({ isSuspended: true });
    const listInstallations = () => Promise.resolve([facts]);
    const found = await gather(makeGitHub([], { listInstallations, listRepositories: gone }));
    assert.deepEqual(found.installations, {
      kind: "known",
      value: [{ facts, repositories: { kind: "known", value: [] }, unseen: 0 }],
    });
  });

  it("T56: goes on with the reason, without a token, when a part cannot be read", async () => {
    const why = { kind: "unknown", why: "no answer for [scrubbed]" };
    const facts = await gather(makeGitHub(["one"], { listFailedDeliveries: gone, listRepositories: gone }));
    assert.deepEqual(facts.failedDeliveries, why);
    assert.deepEqual(facts.installations.kind === "known" && facts.installations.value[0]?.repositories, why);
  });

  it("calls the webhook's address, when it is one", async () => {
    const called: string[] = [];
    for (const webhookUrl of ["https://drydock.example.com/hook", undefined, "drydock", "file:///etc/passwd"]) {
      const readAppSettings = () => Promise.resolve(makeApp({ webhookUrl }));
      await gather(makeGitHub([], { readAppSettings }), undefined, called);
    }
    assert.deepEqual(called, ["https://drydock.example.com/hook"]);
  });

  it("asks no more of a GitHub that does not tell about the App", async () => {
    const github = makeGitHub(["one"], {
      readAppSettings: gone,
      clockDrift: () => 0,
      listInstallations: () => assert.fail(),
    });
    const { app, clockDrift, installations, failedDeliveries } = await gather(github);
    for (const probe of [app, clockDrift, installations, failedDeliveries]) assert.equal(probe.kind, "unknown");
    assert.deepEqual(github.asked, []);
  });
});
