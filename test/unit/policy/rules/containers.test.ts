import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { probesMissing, resourcesMissing } from "../../../../src/policy/rules/containers.ts";
import { makeDeployment, makeObject, runRule } from "./run-rule.ts";

const CONTAINER = ".spec.template.spec.containers[0]";
const workload = (apiVersion: string, kind: string, spec: object) => makeObject({ apiVersion, kind, spec });
const template = (...containers: object[]) => ({ template: { spec: { containers } } });

describe("resources-missing", () => {
  const full = { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "64Mi" } };

  it("names what is missing, and the field where it belongs", () => {
    assert.deepEqual(runRule(resourcesMissing, [makeDeployment({ resources: { limits: { memory: "1Gi" } } })]), [
      `${CONTAINER}.resources: Container "web" has no requests.cpu. Set what is missing in resources.`,
    ]);
    assert.deepEqual(runRule(resourcesMissing, [makeDeployment({})]), [
      `${CONTAINER}.resources: Container "web" has no requests.cpu, requests.memory, limits.memory. Set what is missing in resources.`,
    ]);
  });

  it("asks for no limit of CPU unless the option says so", () => {
    const object = makeDeployment({ resources: full });
    assert.deepEqual(runRule(resourcesMissing, [object]), []);
    assert.match(runRule(resourcesMissing, [object], { required: ["limits.cpu"] }).join(), /has no limits\.cpu\./u);
    assert.deepEqual(runRule(resourcesMissing, [makeDeployment({})], { required: [] }), []);
  });

  it("takes limits for requests, and what the pod as a whole has", () => {
    assert.deepEqual(
      runRule(resourcesMissing, [makeDeployment({ resources: { limits: { cpu: 1, memory: "1Gi" } } })]),
      [],
    );
    assert.deepEqual(runRule(resourcesMissing, [makeDeployment({}, { pod: { resources: full } })]), []);
  });

  it("leaves init containers alone that end, and not native sidecars", () => {
    const pod = {
      initContainers: [
        { name: "migrate", image: "a" },
        { name: "proxy", image: "b", restartPolicy: "Always" },
      ],
    };
    assert.deepEqual(runRule(resourcesMissing, [makeDeployment({ resources: full }, { pod })]), [
      '.spec.template.spec.initContainers[1].resources: Container "proxy" has no requests.cpu, requests.memory, limits.memory. Set what is missing in resources.',
    ]);
  });

  it("looks at Jobs, and not at Helm's tests", () => {
    const job = { apiVersion: "batch/v1", kind: "Job", spec: template({ name: "a" }) };
    assert.equal(runRule(resourcesMissing, [makeObject(job)]).length, 1);
    assert.deepEqual(runRule(resourcesMissing, [makeObject(job, ["test-success"])]), []);
  });

  it("takes a null or a wrong shape for missing", () => {
    for (const resources of [null, [], "big", { requests: null, limits: { memory: null } }]) {
      assert.equal(runRule(resourcesMissing, [makeDeployment({ resources })]).length, 1);
    }
  });
});

describe("probes-missing", () => {
  const ports = [{ containerPort: 80 }];
  const probe = { httpGet: { path: "/", port: 80 } };

  it("names the container that takes requests without a readiness probe", () => {
    assert.deepEqual(runRule(probesMissing, [makeDeployment({ ports, livenessProbe: probe })]), [
      `${CONTAINER}: Container "web" has no readinessProbe. Add what is missing, so that traffic and rollouts wait until it works.`,
    ]);
    assert.deepEqual(runRule(probesMissing, [makeDeployment({ ports, readinessProbe: probe })]), []);
  });

  it("asks for other probes where the option names them", () => {
    const object = makeDeployment({ ports, readinessProbe: probe });
    assert.match(
      runRule(probesMissing, [object], { required: ["livenessProbe", "readinessProbe"] }).join(),
      /has no livenessProbe\./u,
    );
  });

  it("takes any probe of a pod that takes no requests", () => {
    assert.deepEqual(runRule(probesMissing, [makeDeployment({})]), [
      `${CONTAINER}: No container of the pod has a probe. Add one to "web", so that Kubernetes notices when it does not work.`,
    ]);
    assert.deepEqual(runRule(probesMissing, [makeDeployment({ livenessProbe: probe })]), []);
  });

  it("leaves sidecars without ports alone, and not native ones with ports", () => {
    const beside = (sidecar: object) =>
      makeDeployment(
        { ports, readinessProbe: probe },
        { pod: { initContainers: [{ name: "init" }, { name: "side", restartPolicy: "Always", ...sidecar }] } },
      );
    assert.deepEqual(runRule(probesMissing, [beside({})]), []);
    assert.match(runRule(probesMissing, [beside({ ports })]).join(), /initContainers\[1\]: Container "side"/u);
  });

  it("asks nothing of what ends, of Knative, of agents without ports and of what is scaled to zero", () => {
    const pod = template({ name: "a" });
    const silent = [
      workload("batch/v1", "Job", pod),
      workload("batch/v1", "CronJob", { jobTemplate: { spec: pod } }),
      workload("serving.knative.dev/v1", "Service", template({ name: "a", ports })),
      workload("v1", "Pod", { containers: [{ name: "a", ports }] }),
      workload("apps/v1", "DaemonSet", pod),
      makeDeployment({ ports }, { spec: { replicas: 0 } }),
    ];
    assert.deepEqual(runRule(probesMissing, silent), []);
    const asked = [
      workload("argoproj.io/v1alpha1", "Rollout", pod),
      workload("apps/v1", "DaemonSet", template({ name: "a", ports })),
    ];
    assert.equal(runRule(probesMissing, asked).length, 2);
  });

  it("takes a probe of a wrong shape for none", () => {
    assert.equal(runRule(probesMissing, [makeDeployment({ ports, readinessProbe: [] })]).length, 1);
    assert.equal(runRule(probesMissing, [makeDeployment({ ports: { a: 1 }, livenessProbe: null })]).length, 1);
  });
});
