import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { networkPolicyAbsent, pdbAbsent } from "../../../../src/policy/rules/protection.ts";
import type { PolicyObject } from "../../../../src/policy/rule.ts";
import { besides, makeDeployment, makeObject, runRule } from "./run-rule.ts";

const guard = (apiVersion: string, kind: string, spec: object, namespace?: string) =>
  makeObject({ apiVersion, kind, metadata: { name: "x", ...(namespace !== undefined && { namespace }) }, spec });
const policy = (podSelector: unknown, namespace?: string) =>
  guard("networking.k8s.io/v1", "NetworkPolicy", { podSelector }, namespace);
const budget = (selector: unknown, namespace?: string) =>
  guard("policy/v1", "PodDisruptionBudget", { selector }, namespace);
const workload = (kind: string, spec: object, namespace = "shop", apiVersion = "apps/v1") =>
  makeObject({
    apiVersion,
    kind,
    metadata: { name: "web", namespace },
    spec: { ...spec, template: { metadata: { labels: { app: "web" } }, spec: { containers: [] } } },
  });

describe("network-policy-absent", () => {
  const web = makeDeployment({});

  it("names the workload whose pods no policy selects", () => {
    const expected = [': No NetworkPolicy of the app selects the pods of "web". Add one that allows what they need.'];
    assert.deepEqual(runRule(networkPolicyAbsent, [web]), expected);
    assert.deepEqual(runRule(networkPolicyAbsent, [web, policy({ matchLabels: { app: "db" } })]), expected);
  });

  it("passes pods that a policy selects, or all of them", () => {
    const fitting = [{}, { matchLabels: { app: "web" } }, { matchExpressions: [{ key: "app", operator: "Exists" }] }];
    for (const selector of fitting) assert.deepEqual(runRule(networkPolicyAbsent, [web, policy(selector)]), []);
    assert.deepEqual(runRule(networkPolicyAbsent, [web, policy(["unreadable"])]), []);
  });

  it("minds the namespace, and takes one that is not said for any", () => {
    const inShop = workload("Deployment", {});
    assert.equal(runRule(networkPolicyAbsent, [inShop, policy({}, "other")]).length, 1);
    assert.deepEqual(runRule(networkPolicyAbsent, [inShop, policy({}, "shop")]), []);
    assert.deepEqual(runRule(networkPolicyAbsent, [inShop, policy({})]), []);
  });

  it("minds policies of other apps that may select the pods", () => {
    const inShop = workload("Deployment", {});
    const count = (own: PolicyObject, ...others: readonly PolicyObject[]) =>
      runRule(networkPolicyAbsent, [own], {}, besides(others)).length;
    assert.equal(count(inShop, policy({}, "shop")), 0);
    assert.equal(count(workload("Deployment", {}, "b"), policy({}, "shop")), 1);
    assert.equal(count(inShop, policy({ matchLabels: { app: "web" } })), 0);
    assert.equal(count(inShop, policy({ matchLabels: { app: "db" } }, "shop")), 1);
    // The policy for all pods of an app whose namespace nobody knows is not one for the whole cluster.
    assert.equal(count(inShop, policy({})), 1);
    assert.equal(count(web, policy({}, "shop")), 1);
    assert.equal(count(inShop, guard("cilium.io/v2", "CiliumNetworkPolicy", {}, "shop")), 0);
    assert.equal(count(inShop, guard("cilium.io/v2", "CiliumNetworkPolicy", {}, "other")), 1);
    assert.equal(count(web, guard("cilium.io/v2", "CiliumClusterwideNetworkPolicy", {})), 0);
  });

  it("leaves pods alone that policies do not reach or that do not run", () => {
    const silent = [
      makeDeployment({}, { pod: { hostNetwork: true } }),
      makeDeployment({}, { spec: { replicas: 0 } }),
      makeObject({ apiVersion: "v1", kind: "Pod", metadata: { name: "t" }, spec: { containers: [] } }, ["test"]),
    ];
    assert.deepEqual(runRule(networkPolicyAbsent, silent), []);
  });

  it("leaves apps alone with policies of another maker or with objects that bring their own", () => {
    for (const [apiVersion = "", kind = ""] of [
      ["cilium.io/v2", "CiliumNetworkPolicy"],
      ["projectcalico.org/v3", "NetworkPolicy"],
      ["argoproj.io/v1alpha1", "Application"],
    ]) {
      assert.deepEqual(runRule(networkPolicyAbsent, [web, guard(apiVersion, kind, {})]), [], kind);
    }
  });
});

describe("pdb-absent", () => {
  const two = workload("Deployment", { replicas: 2 });
  const scaler = (minReplicas?: number) =>
    guard(
      "autoscaling/v2",
      "HorizontalPodAutoscaler",
      { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, minReplicas },
      "shop",
    );

  it("names the workload with several replicas that no budget selects", () => {
    const expected = [
      ': No PodDisruptionBudget of the app selects the 2 pods of "web". Add one, so that a drain leaves some of them.',
    ];
    assert.deepEqual(runRule(pdbAbsent, [two]), expected);
    assert.deepEqual(runRule(pdbAbsent, [two, budget({ matchLabels: { app: "db" } }, "shop")]), expected);
    assert.deepEqual(runRule(pdbAbsent, [two, budget({ matchLabels: { app: "web" } }, "shop")]), []);
  });

  it("minds budgets of other apps that may select the pods", () => {
    const count = (...others: readonly PolicyObject[]) => runRule(pdbAbsent, [two], {}, besides(others)).length;
    assert.equal(count(budget({ matchLabels: { app: "web" } }, "shop")), 0);
    assert.equal(count(budget({ matchLabels: { app: "db" } }, "shop")), 1);
    assert.equal(count(policy({}, "shop")), 1);
  });

  it("leaves alone what has one replica, none, or no number", () => {
    const silent = [{ replicas: 1 }, { replicas: 0 }, {}, { replicas: null }, { replicas: "3" }, { replicas: [] }];
    for (const spec of silent) assert.deepEqual(runRule(pdbAbsent, [workload("Deployment", spec)]), []);
  });

  it("counts what an autoscaler keeps at least", () => {
    const unset = workload("Deployment", {});
    assert.match(runRule(pdbAbsent, [unset, scaler(3)]).join(), /the 3 pods/u);
    assert.deepEqual(runRule(pdbAbsent, [unset, scaler()]), []);
    assert.deepEqual(runRule(pdbAbsent, [workload("Deployment", { replicas: 0 }), scaler(3)]), []);
  });

  it("asks for none for DaemonSets, Jobs and Knative, and for one for Rollouts", () => {
    const silent = [
      workload("DaemonSet", { replicas: 2 }),
      workload("Job", { parallelism: 3 }, "shop", "batch/v1"),
      workload("Service", { replicas: 3 }, "shop", "serving.knative.dev/v1"),
    ];
    assert.deepEqual(runRule(pdbAbsent, silent), []);
    assert.equal(runRule(pdbAbsent, [workload("Rollout", { replicas: 3 }, "shop", "argoproj.io/v1alpha1")]).length, 1);
  });
});
