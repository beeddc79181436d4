import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  selectorMatchesNothing,
  selectorMismatch,
  serviceWithoutEndpoints,
} from "../../../../src/policy/rules/selectors.ts";
import type { PolicyObject } from "../../../../src/policy/rule.ts";
import { besides, makeDeployment, makeObject, runRule } from "./run-rule.ts";

const POD_OF_SHOP = { apiVersion: "v1", kind: "Pod", spec: { containers: [] } };

const workload = (kind: string, selector: unknown, labels: unknown, apiVersion = "apps/v1") =>
  makeObject({
    apiVersion,
    kind,
    metadata: { name: "web" },
    spec: { selector, template: { metadata: { labels }, spec: { containers: [] } } },
  });

describe("selector-mismatch", () => {
  it("names the label that the template does not have", () => {
    const object = workload("Deployment", { matchLabels: { app: "web", tier: "front" } }, { app: "api" });
    assert.deepEqual(runRule(selectorMismatch, [object]), [
      '.spec.selector.matchLabels.app: The pod template has the label "app=api", and the selector wants "app=web". Give the template that label.',
      '.spec.selector.matchLabels.tier: The pod template has no label "tier", and the selector wants "tier=front". Give the template that label.',
    ]);
  });

  it("passes templates with more labels than the selector asks for", () => {
    assert.deepEqual(runRule(selectorMismatch, [makeDeployment({})]), []);
    const more = workload("StatefulSet", { matchLabels: { app: "web" } }, { app: "web", version: "2" });
    assert.deepEqual(runRule(selectorMismatch, [more]), []);
  });

  it("reads expressions as Kubernetes does", () => {
    const fails = (operator: string, values: string[] | undefined, labels: object) =>
      runRule(selectorMismatch, [
        workload("DaemonSet", { matchExpressions: [{ key: "app", operator, ...(values && { values }) }] }, labels),
      ]).map((line) => line.split(":")[0]);
    const at = [".spec.selector.matchExpressions[0]"];
    assert.deepEqual(fails("In", ["a", "b"], { app: "b" }), []);
    assert.deepEqual(fails("In", ["a", "b"], { app: "c" }), at);
    assert.deepEqual(fails("In", ["a"], {}), at);
    assert.deepEqual(fails("NotIn", ["a"], {}), []);
    assert.deepEqual(fails("NotIn", ["a"], { app: "a" }), at);
    assert.deepEqual(fails("Exists", undefined, { app: "" }), []);
    assert.deepEqual(fails("Exists", undefined, {}), at);
    assert.deepEqual(fails("DoesNotExist", undefined, { app: "a" }), at);
    assert.deepEqual(fails("DoesNotExist", undefined, {}), []);
    assert.deepEqual(fails("Near", ["a"], {}), [], "the schema says so");
  });

  it("reads the plain selector of ReplicationControllers, which may be left out", () => {
    const controller = (selector: unknown) => workload("ReplicationController", selector, { app: "web" }, "v1");
    assert.equal(runRule(selectorMismatch, [controller({ app: "api" })]).length, 1);
    assert.deepEqual(runRule(selectorMismatch, [controller({ app: "web" }), controller(undefined)]), []);
  });

  it("looks at Rollouts, and not at those that refer to a Deployment, nor at Jobs", () => {
    const wrong = { matchLabels: { app: "a" } };
    assert.equal(runRule(selectorMismatch, [workload("Rollout", wrong, {}, "argoproj.io/v1alpha1")]).length, 1);
    const silent = [
      makeObject({ apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", spec: { selector: wrong, workloadRef: {} } }),
      workload("Job", wrong, {}, "batch/v1"),
    ];
    assert.deepEqual(runRule(selectorMismatch, silent), []);
  });

  it("says nothing of placeholders and of shapes that the schema refuses", () => {
    const silent = [
      workload("Deployment", { matchLabels: { app: "${NAME}" } }, { app: "web" }),
      workload("Deployment", { matchLabels: { app: "web" } }, { app: "${NAME}" }),
      workload("Deployment", { matchLabels: { app: 7 } }, { app: "web" }),
      workload("Deployment", { matchLabels: { app: "7" } }, { app: 7 }),
      workload("Deployment", { matchLabels: ["app"] }, { app: "web" }),
      workload("Deployment", { matchLabels: { app: "web" } }, ["app"]),
      workload("Deployment", [], { app: "web" }),
    ];
    assert.deepEqual(runRule(selectorMismatch, silent), []);
  });
});

const service = (spec: object, metadata: object = {}) =>
  makeObject({ apiVersion: "v1", kind: "Service", metadata: { name: "web", ...metadata }, spec });
const inNamespace = (kind: string, namespace: string, labels: object, apiVersion = "apps/v1") =>
  makeObject({
    apiVersion,
    kind,
    metadata: { name: "web", namespace },
    spec: { template: { metadata: { labels }, spec: { containers: [] } } },
  });

describe("service-without-endpoints", () => {
  const web = makeDeployment({});

  it("names the selector that reaches no pods", () => {
    assert.deepEqual(runRule(serviceWithoutEndpoints, [web, service({ selector: { app: "wbe" } })]), [
      '.spec.selector: No pods of the app in this namespace have "app=wbe". Correct the selector, or the labels of the pods.',
    ]);
    assert.deepEqual(runRule(serviceWithoutEndpoints, [web, service({ selector: { app: "web" } })]), []);
  });

  it("leaves Services without a selector and external names alone", () => {
    const silent = [
      service({ clusterIP: "None" }),
      service({ selector: {} }),
      service({ selector: null }),
      service({ type: "ExternalName", externalName: "db.example.com", selector: { app: "old" } }),
      service({ selector: ["app"] }),
      service({ selector: { app: 7 } }),
      service({ selector: { app: "${NAME}" } }),
    ];
    assert.deepEqual(runRule(serviceWithoutEndpoints, [web, ...silent]), []);
    assert.equal(
      runRule(serviceWithoutEndpoints, [web, service({ clusterIP: "None", selector: { a: "b" } })]).length,
      1,
    );
  });

  it("does not speak where the app has no pods in the namespace", () => {
    const elsewhere = service({ selector: { component: "scheduler" } }, { namespace: "kube-system" });
    assert.deepEqual(runRule(serviceWithoutEndpoints, [elsewhere]), []);
    assert.deepEqual(runRule(serviceWithoutEndpoints, [elsewhere, web, inNamespace("Deployment", "shop", {})]), []);
    assert.deepEqual(
      runRule(serviceWithoutEndpoints, [elsewhere, inNamespace("Job", "kube-system", {}, "batch/v1")]),
      [],
    );
    assert.equal(runRule(serviceWithoutEndpoints, [elsewhere, inNamespace("DaemonSet", "kube-system", {})]).length, 1);
  });

  it("tells namespaces apart, and takes one that is not said for any", () => {
    const selecting = service({ selector: { app: "web" } }, { namespace: "b" });
    const own = inNamespace("Deployment", "b", { app: "other" });
    assert.equal(
      runRule(serviceWithoutEndpoints, [selecting, own, inNamespace("Deployment", "a", { app: "web" })]).length,
      1,
    );
    assert.deepEqual(runRule(serviceWithoutEndpoints, [selecting, own, makeDeployment({})]), []);
  });

  it("knows labels that pods get while they run", () => {
    const set = inNamespace("StatefulSet", "", { app: "db" });
    const reached = [
      { "statefulset.kubernetes.io/pod-name": "db-0" },
      { app: "db", "statefulset.kubernetes.io/pod-name": "db-0" },
      { app: "db", role: "primary" },
      { app: "db", "vault-active": "true" },
    ];
    for (const selector of reached) {
      assert.deepEqual(runRule(serviceWithoutEndpoints, [set, service({ selector })]), [], JSON.stringify(selector));
    }
    assert.equal(runRule(serviceWithoutEndpoints, [set, service({ selector: { app: "db", role: "web" } })]).length, 1);
    assert.equal(
      runRule(serviceWithoutEndpoints, [set, service({ selector: { app: "x", role: "primary" } })]).length,
      1,
    );
  });

  it("reaches Rollouts, and stays silent beside operators, agents, Knative and kinds of the config", () => {
    const rollout = inNamespace("Rollout", "", { app: "web" }, "argoproj.io/v1alpha1");
    assert.deepEqual(runRule(serviceWithoutEndpoints, [rollout, service({ selector: { app: "web" } })]), []);
    const astray = service({ selector: { app: "db" } });
    const silent = [
      ["postgresql.cnpg.io/v1", "Cluster"],
      ["helm.toolkit.fluxcd.io/v2", "HelmRelease"],
      ["argoproj.io/v1alpha1", "Application"],
      ["serving.knative.dev/v1", "Service"],
      ["monitoring.coreos.com/v1", "Prometheus"],
    ];
    for (const [apiVersion, kind] of silent) {
      const beside = makeObject({ apiVersion, kind, metadata: { name: "x" }, spec: {} });
      assert.deepEqual(runRule(serviceWithoutEndpoints, [web, astray, beside]), [], kind);
    }
    const speaking = [
      ["monitoring.coreos.com/v1", "ServiceMonitor"],
      ["external-secrets.io/v1", "ExternalSecret"],
      ["cert-manager.io/v1", "Certificate"],
    ];
    for (const [apiVersion = "", kind = ""] of speaking) {
      const beside = makeObject({ apiVersion, kind, metadata: { name: "x" }, spec: {} });
      assert.equal(runRule(serviceWithoutEndpoints, [web, astray, beside]).length, 1, kind);
    }
    const thing = makeObject({ apiVersion: "cilium.io/v2", kind: "Thing", metadata: { name: "x" } });
    const creators = new Set(["cilium.io/Thing"]);
    assert.equal(runRule(serviceWithoutEndpoints, [web, astray, thing]).length, 1);
    assert.deepEqual(runRule(serviceWithoutEndpoints, [web, astray, thing], {}, { creators }), []);
  });

  it("reaches pods of whose labels one is filled in later", () => {
    const pods = inNamespace("Deployment", "", { app: "web", version: "${VERSION}" });
    const reached = [{ app: "web" }, { app: "web", version: "2" }, { version: "2" }];
    for (const selector of reached) {
      assert.deepEqual(runRule(serviceWithoutEndpoints, [pods, service({ selector })]), []);
    }
    assert.equal(runRule(serviceWithoutEndpoints, [pods, service({ selector: { app: "x" } })]).length, 1);
  });

  it("reaches pods of other apps, and what their operators may make", () => {
    const service = makeObject({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "s", namespace: "shop" },
      spec: { selector: { app: "db", tier: "back" } },
    });
    const own = makeObject({ ...POD_OF_SHOP, metadata: { name: "own", namespace: "shop", labels: { app: "web" } } });
    const pod = (labels: object, namespace = "shop") =>
      makeObject({ ...POD_OF_SHOP, metadata: { name: "p", namespace, labels } });
    const beside = (...others: readonly PolicyObject[]) =>
      runRule(serviceWithoutEndpoints, [own, service], {}, besides(others)).length;
    assert.equal(beside(), 1);
    assert.equal(beside(pod({ app: "db", tier: "back", more: "x" })), 0);
    assert.equal(beside(pod({ app: "db" })), 1);
    assert.equal(beside(pod({ app: "db", tier: "back" }, "other")), 1);
    const cluster = (name: string) =>
      makeObject({ apiVersion: "postgresql.cnpg.io/v1", kind: "Cluster", metadata: { name, namespace: "shop" } });
    assert.deepEqual([beside(cluster("db")), beside(cluster("pg"))], [0, 1]);
  });

  it("finds its way among very many", () => {
    const many = Array.from({ length: 3000 }, (_, index) => makeDeployment({}, { name: `web-${index}` }));
    const services = Array.from({ length: 3000 }, (_, index) => service({ selector: { app: `web-${index + 1}` } }));
    const start = performance.now();
    assert.equal(runRule(serviceWithoutEndpoints, [...many, ...services]).length, 1);
    assert.ok(performance.now() - start < 2000);
  });
});

describe("selector-matches-nothing", () => {
  const web = makeDeployment({});
  const selecting = (apiVersion: string, kind: string, spec: object) =>
    makeObject({ apiVersion, kind, metadata: { name: "x" }, spec });
  const budget = (selector: unknown) => selecting("policy/v1", "PodDisruptionBudget", { selector });
  const policy = (podSelector: unknown) => selecting("networking.k8s.io/v1", "NetworkPolicy", { podSelector });
  const monitor = (spec: object) => selecting("monitoring.coreos.com/v1", "ServiceMonitor", spec);

  it("names the selector of budgets, policies and monitors", () => {
    const labels = { matchLabels: { app: "wbe" } };
    const objects = [web, service({ selector: { app: "web" } }, { labels: { app: "web" } })];
    assert.deepEqual(
      runRule(selectorMatchesNothing, [...objects, budget(labels), policy(labels), monitor({ selector: labels })]),
      [
        '.spec.selector: No pods of the app have "app=wbe". Correct the selector, or the labels of what it should select.',
        '.spec.podSelector: No pods of the app have "app=wbe". Correct the selector, or the labels of what it should select.',
        '.spec.selector: No Services of the app have "app=wbe". Correct the selector, or the labels of what it should select.',
      ],
    );
  });

  it("passes what selects something, and empty selectors", () => {
    const labels = { matchLabels: { app: "web" } };
    const objects = [web, service({}, { labels: { app: "web" } })];
    const passing = [
      budget(labels),
      policy(labels),
      monitor({ selector: labels }),
      policy({}),
      budget({}),
      budget(null),
    ];
    assert.deepEqual(runRule(selectorMatchesNothing, [...objects, ...passing]), []);
    const expression = { matchExpressions: [{ key: "app", operator: "NotIn", values: ["db"] }] };
    assert.deepEqual(runRule(selectorMatchesNothing, [web, policy(expression)]), []);
  });

  it("selects what other apps have", () => {
    const inShop = { namespace: "shop" };
    const monitor = makeObject({
      apiVersion: "monitoring.coreos.com/v1",
      kind: "ServiceMonitor",
      metadata: { name: "m", ...inShop },
      spec: { selector: { matchLabels: { app: "db" } } },
    });
    const service = (app: string) =>
      makeObject({ apiVersion: "v1", kind: "Service", metadata: { name: app, ...inShop, labels: { app } }, spec: {} });
    const beside = (...others: readonly PolicyObject[]) =>
      runRule(selectorMatchesNothing, [service("web"), monitor], {}, besides(others)).length;
    assert.deepEqual([beside(), beside(service("db")), beside(service("x"))], [1, 0, 1]);
  });

  it("does not speak of what may be elsewhere", () => {
    const labels = { matchLabels: { app: "wbe" } };
    assert.deepEqual(runRule(selectorMatchesNothing, [budget(labels), policy(labels)]), []);
    assert.deepEqual(runRule(selectorMatchesNothing, [web, monitor({ selector: labels })]), []);
    const objects = [web, service({}, { labels: { app: "web" } })];
    for (const namespaceSelector of [{ any: true }, { matchNames: ["other"] }, { matchNames: 7 }, "x"]) {
      assert.deepEqual(
        runRule(selectorMatchesNothing, [...objects, monitor({ selector: labels, namespaceSelector })]),
        [],
      );
    }
    assert.equal(
      runRule(selectorMatchesNothing, [...objects, monitor({ selector: labels, namespaceSelector: {} })]).length,
      1,
    );
  });

  it("says nothing of shapes that the schema refuses", () => {
    for (const selector of [[], 7, { matchLabels: [] }, { matchExpressions: {} }, { matchLabels: { app: 7 } }]) {
      assert.deepEqual(runRule(selectorMatchesNothing, [web, budget(selector)]), []);
    }
  });
});
