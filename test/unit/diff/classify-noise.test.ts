import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { diffManifests } from "../../../src/diff/index.ts";
import { usualListKeys } from "../../fakes/list-keys.ts";
import { buildManifests } from "../../fakes/manifests.ts";

function tellNoise(base: string, head: string): string[] {
  const changes = diffManifests(buildManifests(base), buildManifests(head), { listKeys: usualListKeys });
  return changes.flatMap((change) => change.fields.map((field) => `${field.label}: ${field.noise ?? "shown"}`)).sort();
}

const resource = (kind: string, metadata: string, rest = "") =>
  `apiVersion: ${kind === "Deployment" || kind === "StatefulSet" ? "apps/v1" : kind === "Job" ? "batch/v1" : "v1"}
kind: ${kind}
metadata: {name: web, ${metadata}}
${rest}`;

const cases: readonly { title: string; base: string; head: string; noise: readonly string[] }[] = [
  {
    title: "Helm's chart label",
    base: resource("Deployment", 'labels: {"helm.sh/chart": web-1.0.0, app: web}'),
    head: resource("Deployment", 'labels: {"helm.sh/chart": web-1.0.1, app: web}'),
    noise: ['metadata.labels["helm.sh/chart"]: chart-label'],
  },
  {
    title: "labels that come with nothing but the chart label",
    base: resource("Deployment", "annotations: {}"),
    head: resource("Deployment", 'labels: {"helm.sh/chart": web-1.0.1}'),
    noise: ['metadata.labels["helm.sh/chart"]: chart-label'],
  },
  {
    title: "the chart label of older charts, only with a version in it",
    base: resource("Deployment", "labels: {chart: web-1.0.0, heritage: Tiller}"),
    head: resource("Deployment", "labels: {chart: web-1.1.0, heritage: Helm}"),
    noise: ["metadata.labels.chart: chart-label", "metadata.labels.heritage: chart-label"],
  },
  {
    title: "a label named chart that says something else",
    base: resource("Deployment", "labels: {chart: bar}"),
    head: resource("Deployment", "labels: {chart: pie}"),
    noise: ["metadata.labels.chart: shown"],
  },
  {
    title: "the app's version is no noise",
    base: resource("Deployment", 'labels: {"app.kubernetes.io/version": "1"}'),
    head: resource("Deployment", 'labels: {"app.kubernetes.io/version": "2"}'),
    noise: ['metadata.labels["app.kubernetes.io/version"]: shown'],
  },
  {
    title: "a chart label in a selector is no noise",
    base: resource("Service", "namespace: a", 'spec: {selector: {"helm.sh/chart": web-1.0.0}}'),
    head: resource("Service", "namespace: a", 'spec: {selector: {"helm.sh/chart": web-1.0.1}}'),
    noise: ['spec.selector["helm.sh/chart"]: shown'],
  },
  {
    title: "a chart label where the API server refuses it is no noise",
    base: resource(
      "StatefulSet",
      "namespace: a",
      'spec: {volumeClaimTemplates: [{metadata: {name: d, labels: {"helm.sh/chart": web-1.0.0}}}]}',
    ),
    head: resource(
      "StatefulSet",
      "namespace: a",
      'spec: {volumeClaimTemplates: [{metadata: {name: d, labels: {"helm.sh/chart": web-1.0.1}}}]}',
    ),
    noise: ['spec.volumeClaimTemplates[0].metadata.labels["helm.sh/chart"]: shown'],
  },
  {
    title: "a checksum in a Job's template is no noise, in a hook's it is",
    base: resource("Job", "namespace: a", "spec: {template: {metadata: {annotations: {checksum/c: aaaaaaaa}}}}"),
    head: resource("Job", "namespace: a", "spec: {template: {metadata: {annotations: {checksum/c: bbbbbbbb}}}}"),
    noise: ['spec.template.metadata.annotations["checksum/c"]: shown'],
  },
  {
    title: "a checksum in a hook's template",
    base: resource(
      "Job",
      'annotations: {"helm.sh/hook": pre-install}',
      "spec: {template: {metadata: {annotations: {checksum/c: aaaaaaaa}}}}",
    ),
    head: resource(
      "Job",
      'annotations: {"helm.sh/hook": pre-install}',
      "spec: {template: {metadata: {annotations: {checksum/c: bbbbbbbb}}}}",
    ),
    noise: ['spec.template.metadata.annotations["checksum/c"]: checksum-annotation'],
  },
  {
    title: "checksum annotations that change and come",
    base: resource(
      "Deployment",
      "namespace: a",
      "spec: {template: {metadata: {annotations: {checksum/config: 0123456789abcdef}}}}",
    ),
    head: resource(
      "Deployment",
      "namespace: a",
      "spec: {template: {metadata: {annotations: {checksum/config: fedcba9876543210, checksum/secret: 00112233}}}}",
    ),
    noise: [
      'spec.template.metadata.annotations["checksum/config"]: checksum-annotation',
      'spec.template.metadata.annotations["checksum/secret"]: checksum-annotation',
    ],
  },
  {
    title: "a text under a checksum's name is no noise",
    base: resource("Deployment", "annotations: {checksum/config: 0123456789abcdef}"),
    head: resource("Deployment", 'annotations: {checksum/config: "read me: a message"}'),
    noise: ['metadata.annotations["checksum/config"]: shown'],
  },
  {
    title: "one time for another",
    base: resource(
      "Deployment",
      'creationTimestamp: "2026-01-01T00:00:00Z", annotations: {build-date: "2026-01-01T00:00:00Z", example.org/timestamp: "2026-01-01T00:00:00Z"}',
    ),
    head: resource(
      "Deployment",
      'creationTimestamp: null, annotations: {build-date: "2026-01-02T00:00:00+01:00", example.org/timestamp: "2026-01-02T00:00:00.5Z"}',
    ),
    noise: [
      'metadata.annotations["example.org/timestamp"]: timestamp',
      "metadata.annotations.build-date: timestamp",
      "metadata.creationTimestamp: timestamp",
    ],
  },
  {
    title: "a restart that somebody asked for is no noise",
    base: resource("Deployment", 'annotations: {kubectl.kubernetes.io/restartedAt: "2026-01-01T00:00:00Z"}'),
    head: resource("Deployment", 'annotations: {kubectl.kubernetes.io/restartedAt: "2026-01-02T00:00:00Z"}'),
    noise: ['metadata.annotations["kubectl.kubernetes.io/restartedAt"]: shown'],
  },
  {
    title: "a date that becomes a word is no noise",
    base: resource("Deployment", 'annotations: {build-date: "2026-01-01T00:00:00Z"}'),
    head: resource("Deployment", "annotations: {build-date: never}"),
    noise: ["metadata.annotations.build-date: shown"],
  },
  {
    title: "a new hash suffix and the references to it",
    base: `apiVersion: v1
kind: ConfigMap
metadata: {name: conf-2456789bcd}
data: {a: x}
---
${resource("Deployment", "namespace: a", "spec: {template: {spec: {containers: [{name: c, envFrom: [{configMapRef: {name: conf-2456789bcd}}]}], volumes: [{name: v, configMap: {name: conf-2456789bcd}}]}}}")}`,
    head: `apiVersion: v1
kind: ConfigMap
metadata: {name: conf-2456789bch}
data: {a: y}
---
${resource("Deployment", "namespace: a", "spec: {template: {spec: {containers: [{name: c, envFrom: [{secretRef: {name: s}}, {configMapRef: {name: conf-2456789bch}}]}], volumes: [{name: v, configMap: {name: other-2456789bch}}]}}}")}`,
    noise: [
      "data.a: shown",
      "metadata.name: generated-name",
      "spec.template.spec.containers[name=c].envFrom[0]: shown",
      "spec.template.spec.containers[name=c].envFrom[1].configMapRef.name: generated-name",
      "spec.template.spec.volumes[name=v].configMap.name: shown",
    ],
  },
];

describe("folding noise", () => {
  for (const { title, base, head, noise } of cases) {
    it(title, () => assert.deepEqual(tellNoise(base, head), [...noise].sort()));
  }

  it("gives back a change of nothing but noise, counted, without diff text, and sorted last", () => {
    const plain = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: zzz}\ndata: {a: ";
    const changes = diffManifests(
      buildManifests(`${cases[0]?.base ?? ""}\n${plain} x}`),
      buildManifests(`${cases[0]?.head ?? ""}\n${plain} y}`),
      { listKeys: usualListKeys },
    );
    assert.deepEqual(
      changes.map((change) => change.resource.name),
      ["zzz", "web"],
    );
    assert.deepEqual([changes[1]?.noise, changes[1]?.fields.length, changes[1]?.diff], [1, 1, ""]);
  });
});
