import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkChange } from "./check-change.ts";

const KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";

/** Layers on top of one another: each adds an annotation and a name suffix of nothing. */
function layers(depth: number): Map<string, string> {
  const files = new Map<string, string>();
  files.set("layers/00/config.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: deep}\ndata: {mode: fast}\n");
  files.set("layers/00/kustomization.yaml", `${KUSTOMIZATION}resources: [config.yaml]\n`);
  for (let layer = 1; layer < depth; layer += 1) {
    const [name, below] = [layer, layer - 1].map((index) => String(index).padStart(2, "0"));
    files.set(
      `layers/${name ?? ""}/kustomization.yaml`,
      `${KUSTOMIZATION}resources: [../${below ?? ""}]\ncommonAnnotations: {example.com/layer-${name ?? ""}: "on"}\n`,
    );
  }
  return files;
}

/** `teams` bases, each with an overlay for four environments. */
function kustomizations(teams: number): Map<string, string> {
  const files = new Map<string, string>();
  for (let team = 0; team < teams; team += 1) {
    const at = `teams/t${team}`;
    files.set(
      `${at}/base/config.yaml`,
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: t${team}}\ndata: {mode: a}\n`,
    );
    files.set(`${at}/base/kustomization.yaml`, `${KUSTOMIZATION}resources: [config.yaml]\n`);
    for (const environment of ["dev", "test", "staging", "prod"]) {
      const overlay = `${KUSTOMIZATION}namespace: t${team}-${environment}\nresources: [../../base]\n`;
      files.set(`${at}/overlays/${environment}/kustomization.yaml`, overlay);
    }
  }
  return files;
}

/** A chart whose subcharts have subcharts of their own. */
function charts(depth: number): Map<string, string> {
  const files = new Map<string, string>();
  let at = "charts/platform";
  for (let level = 0; level < depth; level += 1) {
    const name = at.slice(at.lastIndexOf("/") + 1);
    const dependency =
      level + 1 < depth ? `dependencies: [{name: part${level + 1}, version: 0.1.0, condition: part.enabled}]\n` : "";
    files.set(`${at}/Chart.yaml`, `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n${dependency}`);
    files.set(`${at}/values.yaml`, `level: ${level}\n`);
    files.set(
      `${at}/templates/config.yaml`,
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}-${name}"}\ndata: {level: "{{ .Values.level }}"}\n`,
    );
    at = `${at}/charts/part${level + 1}`;
  }
  return files;
}

/** `kinds` CRDs and `count` custom resources spread over them. */
function customResources(kinds: number, count: number): Map<string, string> {
  const files = new Map<string, string>();
  for (let kind = 0; kind < kinds; kind += 1) {
    files.set(
      `crds/kind${kind}.yaml`,
      `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: kind${kind}s.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Kind${kind}, plural: kind${kind}s, singular: kind${kind}}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
`,
    );
  }
  for (let index = 0; index < count; index += 1) {
    const kind = index % kinds;
    const file = `objects/kind${kind}.yaml`;
    const object = `---\napiVersion: example.com/v1\nkind: Kind${kind}\nmetadata: {name: o${index}, namespace: n}\nspec: {size: ${index}}\n`;
    files.set(file, (files.get(file) ?? "") + object);
  }
  return files;
}

function edit(base: ReadonlyMap<string, string>, path: string, text: string): Map<string, string> {
  return new Map([...base, [path, text]]);
}

describe("large repositories", () => {
  it("follows thirty overlays on top of one another", async (t) => {
    const base = layers(30);
    const { report } = await checkChange(
      t,
      base,
      edit(base, "layers/00/config.yaml", (base.get("layers/00/config.yaml") ?? "").replace("fast", "slow")),
    );
    assert.deepEqual(
      report.apps.map(({ id, status }) => [id, status]),
      [["kustomize:layers/29", "changed"]],
    );
    assert.equal(report.outcome.exitCode, 0);
  });

  it("finds the four apps of one base among a thousand kustomizations", async (t) => {
    const base = kustomizations(200);
    const { report } = await checkChange(
      t,
      base,
      edit(
        base,
        "teams/t7/base/config.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: t7}\ndata: {mode: b}\n",
      ),
    );
    assert.deepEqual(
      report.apps.map(({ id }) => id),
      ["dev", "prod", "staging", "test"].map((environment) => `kustomize:teams/t7/overlays/${environment}`),
    );
  });

  it("renders charts in charts in charts", async (t) => {
    const base = charts(6);
    const { report } = await checkChange(
      t,
      base,
      edit(base, "charts/platform/values.yaml", "level: 0\npart1: {part2: {level: 7}}\n"),
    );
    assert.deepEqual(
      report.apps.map(({ id, resources }) => [id, resources.head]),
      [["helm:charts/platform", 6]],
    );
    assert.deepEqual(
      report.apps.flatMap(({ changes }) => changes.map(({ name }) => name)),
      ["platform-part2"],
    );
  });

  it("judges three thousand custom resources by forty CRDs, and the one that a CRD no longer allows", async (t) => {
    const base = customResources(40, 3000);
    const narrowed = (base.get("crds/kind3.yaml") ?? "").replace("{type: integer}", "{type: integer, maximum: 2000}");
    const { report } = await checkChange(t, base, edit(base, "crds/kind3.yaml", narrowed));
    const errors = report.findings.filter(({ isNew }) => isNew);
    assert.equal(report.outcome.exitCode, 1);
    assert.equal(errors.length, 25, "sizes 2003, 2043, …, 2963");
    assert.ok(errors.every(({ file, rule }) => file === "objects/kind3.yaml" && rule === "schema"));
  });
});
