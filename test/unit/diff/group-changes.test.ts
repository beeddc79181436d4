import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { diffManifests, groupChanges } from "../../../src/diff/index.ts";
import { usualListKeys } from "../../fakes/list-keys.ts";
import { buildManifests } from "../../fakes/manifests.ts";

function change(name: string, namespace: string, before: string, after: string) {
  const manifest = (value: string) =>
    buildManifests(
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${namespace}}\ndata: {host: "${value}"}`,
    );
  return diffManifests(manifest(before), manifest(after), { listKeys: usualListKeys });
}

describe("grouping equal changes", () => {
  it("puts the same change of forty apps into one group, names and namespaces aside", () => {
    const apps = Array.from({ length: 40 }, (_, index) => `kustomize:app-${String(index).padStart(2, "0")}`);
    const byApp = new Map(
      apps
        .toReversed()
        .map((app, index) => [app, change(`web-${index}`, `team-${index}`, "a", `web-${index}.team-${index}.svc`)]),
    );
    const [group, ...others] = groupChanges(byApp);
    assert.deepEqual(others, []);
    assert.deepEqual(group?.apps, apps);
    assert.equal(group.change.resource.name, "web-39");
  });

  it("keeps another value, and a name that is only part of a word, apart", () => {
    const byApp = new Map([
      ["a", change("web", "x", "a", "webhook")],
      ["b", change("api", "x", "a", "apihook")],
      ["c", change("web", "x", "b", "webhook")],
    ]);
    assert.equal(groupChanges(byApp).length, 3);
  });

  it("keeps two alike changes of one app apart", () => {
    const byApp = new Map([
      ["a", [...change("one", "x", "a", "b"), ...change("two", "x", "a", "b")]],
      ["b", change("one", "x", "a", "b")],
    ]);
    assert.deepEqual(
      groupChanges(byApp).map((group) => group.apps),
      [["a", "b"], ["a"]],
    );
  });

  it("keeps a hook apart from what is applied as usual", () => {
    const job = (image: string, hook: string) =>
      buildManifests(
        `{apiVersion: batch/v1, kind: Job, metadata: {name: m${hook}}, spec: {template: {spec: {containers: [{name: m, image: ${image}}]}}}}`,
      );
    const hook = ", annotations: {helm.sh/hook: 'pre-install,pre-upgrade'}";
    const changed = (more: string) =>
      diffManifests(job("m:1", more), job("m:2", more), { listKeys: usualListKeys }).map((change) => ({
        ...change,
        risks: [],
      }));
    assert.deepEqual(
      [changed(""), changed(hook)].map(([change]) => change?.hooks),
      [[], ["pre-install", "pre-upgrade"]],
    );
    const fields = (more: string) => changed(more)[0]?.fields.map(({ label }) => label);
    assert.deepEqual(fields(""), fields(hook));
    assert.notEqual(changed("")[0]?.likeness, changed(hook)[0]?.likeness);
  });

  it("keeps an added resource apart from one with other content", () => {
    const added = (data: string) =>
      diffManifests([], buildManifests(`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: ${data}}`), {
        listKeys: usualListKeys,
      });
    assert.equal(
      groupChanges(
        new Map([
          ["a", added("x")],
          ["b", added("x")],
          ["c", added("y")],
        ]),
      ).length,
      2,
    );
  });
});
