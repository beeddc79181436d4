import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hpaReplicas } from "../../../../src/policy/rules/hpa-replicas.ts";
import { listHits, makeDeployment, makeObject, runRule } from "./run-rule.ts";

const hpa = (spec: object, name = "web", target: object = {}) =>
  makeObject({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name },
    spec: {
      maxReplicas: 5,
      ...spec,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web", ...target },
    },
  });
const keda = (spec: object) =>
  makeObject({
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: { name: "queue" },
    spec: { scaleTargetRef: { name: "web" }, ...spec },
  });
const withReplicas = (replicas: unknown) => makeDeployment({}, { spec: { replicas } });

describe("hpa-replicas", () => {
  it("names the replicas in Git that the autoscaler works against", () => {
    const target = withReplicas(3);
    const [hit, ...more] = listHits(hpaReplicas, [target, hpa({})]);
    assert.deepEqual(more, []);
    assert.equal(hit?.manifest, target.manifest);
    assert.deepEqual(hit.path, ["spec", "replicas"]);
    assert.equal(
      hit.message,
      'Git says 3 replicas, and HorizontalPodAutoscaler "web" scales this workload too: every sync undoes its decision. Remove spec.replicas.',
    );
  });

  it("passes a target without replicas, one that is switched off, and bounds that leave no choice", () => {
    for (const replicas of [undefined, null, 0, "3", []]) {
      assert.deepEqual(runRule(hpaReplicas, [withReplicas(replicas), hpa({})]), []);
    }
    assert.deepEqual(runRule(hpaReplicas, [withReplicas(5), hpa({ minReplicas: 5 })]), []);
    assert.deepEqual(runRule(hpaReplicas, [withReplicas(3)]), []);
  });

  it("knows KEDA's ScaledObjects and Rollouts", () => {
    assert.match(runRule(hpaReplicas, [withReplicas(3), keda({})]).join(), /ScaledObject "queue" scales this/u);
    const rollout = makeObject({
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Rollout",
      metadata: { name: "web" },
      spec: { replicas: 2, template: { spec: { containers: [] } } },
    });
    const target = { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout" };
    assert.equal(runRule(hpaReplicas, [rollout, hpa({}, "web", target)]).length, 1);
    assert.deepEqual(runRule(hpaReplicas, [rollout, makeDeployment({}), hpa({}, "web", {})]), []);
  });

  it("names a minimum above the maximum, with the defaults of each kind", () => {
    const web = makeDeployment({});
    assert.deepEqual(runRule(hpaReplicas, [web, hpa({ minReplicas: 6 })]), [
      ".spec.minReplicas: The minimum of 6 replicas is above the maximum of 5, which Kubernetes refuses. Correct one of them.",
    ]);
    assert.equal(runRule(hpaReplicas, [web, hpa({ maxReplicas: 0 })]).length, 1);
    assert.equal(runRule(hpaReplicas, [web, keda({ minReplicaCount: 101 })]).length, 1);
    assert.deepEqual(runRule(hpaReplicas, [web, keda({ minReplicaCount: 100 })]), []);
    assert.deepEqual(runRule(hpaReplicas, [web, hpa({ maxReplicas: "1", minReplicas: 3 })]), []);
  });

  it("names a target that the app does not have", () => {
    assert.deepEqual(runRule(hpaReplicas, [makeDeployment({}), hpa({}, "a", { name: "wbe" })]), [
      '.spec.scaleTargetRef.name: The app has no "Deployment" of the name "wbe" to scale. Correct the name, or add it.',
    ]);
    const old = hpa({}, "a", { apiVersion: "extensions/v1beta1" });
    assert.deepEqual(runRule(hpaReplicas, [makeDeployment({}), old]), []);
    assert.equal(runRule(hpaReplicas, [withReplicas(3), old]).length, 1, "an old name of the same API");
  });

  it("does not miss a target that may be elsewhere", () => {
    const astray = hpa({}, "a", { name: "wbe" });
    assert.deepEqual(runRule(hpaReplicas, [astray]), [], "an app of autoscalers alone");
    const release = makeObject({ apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease", spec: {} });
    assert.deepEqual(runRule(hpaReplicas, [makeDeployment({}), astray, release]), []);
    const custom = hpa({}, "a", { apiVersion: "example.com/v1", kind: "Db" });
    assert.deepEqual(runRule(hpaReplicas, [makeDeployment({}), custom]), []);
    assert.deepEqual(runRule(hpaReplicas, [makeDeployment({}), hpa({}, "a", { name: "${NAME}" })]), []);
  });

  it("names the second autoscaler of one workload", () => {
    assert.deepEqual(runRule(hpaReplicas, [makeDeployment({}), hpa({}, "one"), keda({})]), [
      '.spec.scaleTargetRef.name: HorizontalPodAutoscaler "one" scales the same workload, and the two undo each other\'s decisions. Keep one of them.',
    ]);
  });

  it("keeps namespaces apart", () => {
    const inNamespace = (kind: string, namespace: string, spec: object, apiVersion: string) =>
      makeObject({ apiVersion, kind, metadata: { name: "web", namespace }, spec });
    const template = { spec: { containers: [] } };
    const a = inNamespace("Deployment", "a", { replicas: 3, template }, "apps/v1");
    const b = inNamespace("Deployment", "b", { template }, "apps/v1");
    const spec = { maxReplicas: 5, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" } };
    assert.deepEqual(
      runRule(hpaReplicas, [a, b, inNamespace("HorizontalPodAutoscaler", "b", spec, "autoscaling/v2")]),
      [],
    );
  });
});
