import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { compileEngines } from "../../../src/engine/engine-modules.ts";
import { createPodSecurityEngine } from "../../../src/engine/pod-security-engine.ts";
import type { PodSecurityEngine } from "../../../src/engine/pod-security-engine.ts";
import type { PolicyInput } from "../../../src/model/index.ts";

function input(object: object): PolicyInput {
  return { object: { json: JSON.stringify(object), sealed: [] }, before: undefined };
}

const pod = (spec: object): object => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec });

describe("pod security engine", () => {
  let engine: PodSecurityEngine;
  before(() => {
    const modules = compileEngines(join(import.meta.dirname, "../../../engines/dist"), []);
    engine = createPodSecurityEngine({ module: () => modules.get("podsecurity") });
  });
  after(() => engine.close());

  it("answers one for each forbidden check, at the field of the resource", async () => {
    const template = {
      spec: { hostNetwork: true, containers: [{ name: "a", securityContext: { privileged: true } }] },
    };
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d" }, spec: { template } };
    assert.deepEqual(await engine.judgePods("baseline", "1.36.3", [input(deployment)]), [
      {
        kind: "judged",
        answers: [
          {
            rule: "pod-security-baseline",
            effect: "deny",
            message: "host namespaces (hostNetwork=true)",
            path: ["spec", "template", "spec", "hostNetwork"],
          },
          {
            rule: "pod-security-baseline",
            effect: "deny",
            message: 'privileged (container "a" must not set securityContext.privileged=true)',
            path: ["spec", "template", "spec", "containers", 0, "securityContext", "privileged"],
          },
        ],
      },
    ]);
  });

  it("judges by the checks of the cluster's version", async () => {
    const restricted = pod({
      securityContext: { runAsNonRoot: true },
      containers: [{ name: "a", securityContext: { allowPrivilegeEscalation: false } }],
    });
    const count = async (version: string): Promise<number | undefined> => {
      const [outcome] = await engine.judgePods("restricted", version, [input(restricted)]);
      return outcome?.kind === "judged" ? outcome.answers.length : undefined;
    };
    assert.equal(await count("1.18.0"), 0);
    assert.equal(await count("1.36.3"), 2);
  });

  it("has one outcome for each input, in order, also for what makes no pods and what cannot be read", async () => {
    const other = { apiVersion: "v1", kind: "ConfigMap" };
    const outcomes = await engine.judgePods("restricted", "1.36.3", [
      input(other),
      input(pod({ containers: "none" })),
      ...Array.from({ length: 200 }, () => input(pod({ containers: [{ name: "a" }] }))),
    ]);
    assert.equal(outcomes.length, 202);
    assert.deepEqual(outcomes[0], { kind: "judged", answers: [] });
    const message = "A field in the pod of this Pod has the wrong type.";
    assert.deepEqual(outcomes[1], { kind: "broken", problem: { file: undefined, line: undefined, message } });
    assert.ok(outcomes.slice(2).every((outcome) => outcome.kind === "judged" && outcome.answers.length === 4));
  });
});
