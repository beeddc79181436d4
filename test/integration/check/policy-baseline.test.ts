import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkChange, type CheckedChange } from "./check-change.ts";

const CONFIG = "version: 1\npolicy:\n  rules: { image-tag: error }\n  baseline: policy-baseline.json\n";

function pod(name: string, image: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: shop }\nspec:\n  containers: [{ name: main, image: ${image} }]\n`;
}

const IMAGE_PATH = "/spec/containers/0/image";

function baseline(...names: readonly string[]): string {
  const findings = names.map((name) => ({
    ...{ rule: "image-tag", app: "plain:apps/", resource: `Pod/shop/${name}`, path: IMAGE_PATH },
  }));
  return JSON.stringify({ version: 1, findings });
}

const GOOD = { ".github/drydock.yaml": CONFIG, "apps/a.yaml": pod("a", "a:1.0.0"), "apps/b.yaml": pod("b", "b:1.0.0") };

function told({ report }: CheckedChange): readonly string[] {
  return report.findings.map(
    ({ rule, isNew, resource }) => `${isNew ? "new" : "known"} ${rule} ${resource?.name ?? ""}`,
  );
}

describe("a baseline", () => {
  it("of the base makes known what it names, whatever the base tree shows", async (t) => {
    const base = { ...GOOD, "policy-baseline.json": baseline("a") };
    const checked = await checkChange(t, base, { ...base, "apps/a.yaml": pod("a", "a"), "apps/b.yaml": pod("b", "b") });
    assert.deepEqual(told(checked), ["new image-tag b", "known image-tag a"]);
    assert.equal(checked.exitCode, 1);
    const passing = await checkChange(t, base, { ...base, "apps/a.yaml": pod("a", "a") });
    assert.deepEqual([told(passing), passing.exitCode], [["known image-tag a"], 0]);
  });

  it("knows each app by its own resource, however findings are joined", async (t) => {
    const overlay = (name: string) => `namespace: ${name}\nresources: [../../base]\n`;
    const files = (image: string) => ({
      ".github/drydock.yaml": CONFIG,
      "base/kustomization.yaml": "resources: [web.yaml]\n",
      "base/web.yaml": pod("web", image),
      "overlays/dev/kustomization.yaml": overlay("dev"),
      "overlays/prod/kustomization.yaml": overlay("prod"),
      "policy-baseline.json": JSON.stringify({
        version: 1,
        findings: [{ rule: "image-tag", app: "kustomize:overlays/dev", resource: "Pod/dev/web", path: IMAGE_PATH }],
      }),
    });
    const checked = await checkChange(t, files("a:1.0.0"), files("a"));
    assert.deepEqual(
      checked.report.findings.map(({ isNew, apps }) => [isNew, ...apps]),
      [
        [true, "kustomize:overlays/prod"],
        [false, "kustomize:overlays/dev"],
      ],
    );
  });

  it("T34: of the change counts once it is on the base", async (t) => {
    const base = { ...GOOD, "policy-baseline.json": baseline() };
    const head = { ...base, "apps/a.yaml": pod("a", "a"), "policy-baseline.json": baseline("a") };
    const checked = await checkChange(t, base, head);
    assert.deepEqual([told(checked), checked.exitCode], [["new image-tag a"], 1]);
    assert.ok(checked.report.notes.some((note) => note.includes("counts once it is on the base")));
    const added = await checkChange(t, GOOD, { ...head });
    assert.deepEqual(told(added), ["new image-tag a"]);
    assert.ok(added.report.notes.some((note) => note.includes("is not on the base")));
  });

  it("tells of entries that match nothing any more, of apps that were looked at and that are gone", async (t) => {
    const text = baseline("a").replace("]}", `,{"rule":"x","app":"plain:gone/","resource":"","path":""}]}`);
    const base = { ...GOOD, "policy-baseline.json": text, "apps/a.yaml": pod("a", "a") };
    const checked = await checkChange(t, base, { ...base, "apps/a.yaml": pod("a", "a:2.0.0") });
    const [note] = checked.report.notes.filter((one) => one.includes("baseline"));
    assert.match(
      note ?? "",
      /^2 findings of the baseline are not there any more \(image-tag of Pod\/shop\/a in plain:apps\/, x /u,
    );
    assert.match(note ?? "", /`drydock policy baseline --output policy-baseline.json`/u);
  });

  it("that is broken keeps everything from passing, with file and line, until a change mends it", async (t) => {
    const broken = '{\n  "version": 1,\n  "findings": [oops]\n}\n';
    const base = { ...GOOD, "policy-baseline.json": broken };
    const other = await checkChange(t, base, { ...base, "apps/b.yaml": pod("b", "b:2.0.0") });
    const [finding] = other.report.findings;
    assert.deepEqual(
      [finding?.rule, finding?.file, finding?.line, finding?.isNew],
      ["policy-broken", "policy-baseline.json", 3, true],
    );
    assert.equal(other.exitCode, 1);
    const mended = await checkChange(t, base, {
      ...base,
      "policy-baseline.json": baseline("a"),
      "apps/a.yaml": pod("a", "a"),
    });
    assert.deepEqual(told(mended), ["new image-tag a"], "nothing is known by a broken one");
  });

  it("that the change breaks, or replaces by no file, is told before it is on the base", async (t) => {
    const base = { ...GOOD, "policy-baseline.json": baseline("a") };
    for (const head of [
      { ...base, "policy-baseline.json": "{" },
      { ...GOOD, "policy-baseline.json/x": "" },
    ]) {
      const checked = await checkChange(t, base, head);
      assert.deepEqual([checked.report.findings[0]?.rule, checked.exitCode], ["policy-broken", 1]);
    }
  });
});
