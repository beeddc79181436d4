import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { locateChanges, type ChangeSources } from "../../../src/locate/index.ts";
import type { Manifest, ResourceChange, Trace } from "../../../src/model/index.ts";
import { makeChange, makeResource } from "../../fakes/reports.ts";

const WEB = makeResource("Deployment", "web");
const CONFIG = makeResource("ConfigMap", "web-config");

function manifest(resource: Manifest["resource"], file: string, ...shapedBy: readonly string[]): Manifest {
  return { resource, digest: "", json: "{}", sealed: [], origin: { file, document: undefined, shapedBy }, hooks: [] };
}

function reading(...paths: readonly string[]): Trace {
  return paths.map((path) => ({ kind: "entry", path, id: "0".repeat(40) }));
}

interface Given extends Partial<Omit<ChangeSources, "traces" | "changedPaths">> {
  readonly read: readonly string[];
  readonly changed: readonly string[];
}

/** The file that each change is said to come from. */
function causes(
  changes: readonly ResourceChange[],
  { read, changed, ...more }: Given,
): readonly (string | undefined)[] {
  const sources = { kind: "kustomize", before: [], after: [], ...more } as const;
  const located = locateChanges(changes, {
    ...sources,
    traces: [reading(...read), reading(...read)],
    changedPaths: new Set(changed),
  });
  return located.map(({ location }) => location?.file);
}

describe("the file that causes a change", () => {
  const base = "apps/web/base/deployment.yaml";
  const overlay = "apps/web/overlays/prod/kustomization.yaml";
  const patch = "apps/web/overlays/prod/replicas.yaml";
  const values = "charts/web/values-prod.yaml";

  it("is the only one that differs of those that the app read, wherever it lies", () => {
    const read = ["apps/web/base/kustomization.yaml", base, overlay, "shared/labels.yaml"];
    for (const file of [base, overlay, "shared/labels.yaml"])
      assert.deepEqual(causes([makeChange(WEB)], { read, changed: [file, "other/base/x.yaml"] }), [file]);
    const helm = { kind: "helm", read: ["charts/web/templates/web.yaml", values], changed: [values] } as const;
    assert.deepEqual(causes([makeChange(WEB)], helm), [values]);
  });

  it("is the one of several that the resource is made of", () => {
    const sides = [manifest(WEB, base, patch), manifest(CONFIG, "apps/web/base/config.yaml")];
    const given = { read: [base, patch, "apps/web/base/config.yaml"], before: sides, after: sides };
    const changes = [makeChange(WEB), makeChange(CONFIG)];
    assert.deepEqual(causes(changes, { ...given, changed: [patch, "apps/web/base/config.yaml"] }), [
      patch,
      "apps/web/base/config.yaml",
    ]);
    assert.deepEqual(causes(changes, { ...given, changed: [base, patch] }).at(0), undefined, "two that may have");
  });

  it("is none where a kustomization or a chart's own file may have had its hand in it", () => {
    const generated = [manifest(WEB, base), manifest(CONFIG, overlay)];
    const given = { read: [base, overlay], changed: [base, overlay], before: generated, after: generated };
    assert.deepEqual(causes([makeChange(WEB)], given), [undefined]);
    const files = ["charts/web/templates/_helpers.tpl", "charts/web/templates/web.yaml"];
    const sides = [manifest(WEB, files[1] ?? "", values)];
    assert.deepEqual(
      causes([makeChange(WEB)], { kind: "helm", read: files, changed: files, before: sides, after: sides }),
      [undefined],
    );
  });

  it("is where a new resource stands, and where one that is gone stood", () => {
    const after = [manifest(WEB, base)];
    const given = { read: [base, overlay], changed: [base, overlay] };
    assert.deepEqual(causes([makeChange(WEB, { action: "added" })], { ...given, after }), [base]);
    assert.deepEqual(causes([makeChange(WEB, { action: "removed" })], { ...given, before: after }), [base]);
    const stays = { read: [base, overlay], changed: [overlay], before: after };
    assert.deepEqual(causes([makeChange(WEB, { action: "removed" })], stays), [overlay], "its file is as it was");
  });

  it("follows a resource that is paired with another name", () => {
    const next = makeResource("ConfigMap", "web-config-2");
    const given = {
      read: ["a.env", "b.env"],
      changed: ["a.env", "b.env"],
      before: [manifest(CONFIG, overlay, "a.env"), manifest(WEB, base, "b.env")],
      after: [manifest(next, overlay, "a.env"), manifest(WEB, base, "b.env")],
    };
    assert.deepEqual(causes([makeChange(next, { previous: CONFIG })], given), ["a.env"]);
  });

  it("is not known where nothing that was read differs", () => {
    assert.deepEqual(causes([makeChange(WEB)], { read: [base], changed: ["elsewhere.yaml"] }), [undefined]);
  });
});
