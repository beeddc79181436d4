import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { followPath } from "../../../src/discover/follow-links.ts";
import { analyzeLink, assembleApps, keepBuilt } from "../../../src/discover/index.ts";
import type { Discovery, FileFacts } from "../../../src/discover/index.ts";
import type { Resolution } from "../../../src/model/index.ts";
import { analyzeAll, chart, fluxKustomization, idsOf, kustomization, manifest } from "./discovery-fixtures.ts";
import { readConfig, type Files } from "./discovery-fixtures.ts";

const CONFIG_MAP = manifest("ConfigMap");
const NOWHERE: Resolution = { kind: "absent" };
const OUTSIDE: Resolution = { kind: "broken-link", path: "link", target: "../../outside" };

/** Link → the path of `files` that it leads to, or what becomes of it instead. */
type Links = Readonly<Record<string, string | Resolution>>;

function discoverLinked(files: Files, links: Links, config = ""): Discovery {
  const facts = new Map<string, FileFacts | undefined>(analyzeAll(files));
  for (const [path, link] of Object.entries(links)) {
    const text = typeof link === "string" ? files[link] : undefined;
    const bytes = text === undefined ? undefined : new TextEncoder().encode(text);
    facts.set(path, analyzeLink(path, typeof link === "string" ? resolved(link, bytes) : link, bytes));
  }
  return assembleApps(facts, readConfig(config === "" ? undefined : `version: 1\n${config}`));
}

function resolved(path: string, bytes: Uint8Array | undefined): Resolution {
  return bytes === undefined ? { kind: "directory", path, id: "", entries: [] } : { kind: "file", path, id: "" };
}

function plainFiles(discovery: Discovery, id: string): readonly string[] {
  const app = discovery.apps.find((candidate) => candidate.id === id);
  return app?.kind === "plain" ? app.files : [];
}

describe("links to files", () => {
  it("counts one as what it leads to, under its own name", () => {
    const files = { "shared/cm.txt": CONFIG_MAP, "plain/own.yaml": CONFIG_MAP };
    const discovery = discoverLinked(files, { "plain/link.yaml": "shared/cm.txt", "plain/link.txt": "plain/own.yaml" });
    assert.deepEqual(plainFiles(discovery, "plain:plain/"), ["plain/link.yaml", "plain/own.yaml"]);
  });

  it("makes a folder of links alone a plain app", () => {
    const discovery = discoverLinked({ "shared/cm.yaml": CONFIG_MAP }, { "plain/link.yaml": "shared/cm.yaml" });
    assert.deepEqual(idsOf(discovery), ["plain:plain/", "plain:shared/"]);
  });

  it("knows a linked kustomization, whose paths count from the link's folder", () => {
    const files = { "k/variants/a.yaml": kustomization("../base"), "base/kustomization.yaml": kustomization() };
    const discovery = discoverLinked(
      { ...files, "k/cm.yaml": CONFIG_MAP },
      { "k/kustomization.yaml": "k/variants/a.yaml" },
    );
    assert.deepEqual(idsOf(discovery), ["kustomize:k"]);
  });

  it("knows a linked chart", () => {
    const discovery = discoverLinked({ "web/chart.txt": chart("web") }, { "web/Chart.yaml": "web/chart.txt" });
    assert.deepEqual(idsOf(discovery), ["helm:web"]);
  });

  it("counts the file behind a link that a kustomization names as used", () => {
    const files = { "k/kustomization.yaml": kustomization("link.yaml"), "shared/cm.yaml": CONFIG_MAP };
    assert.deepEqual(idsOf(discoverLinked(files, { "k/link.yaml": "shared/cm.yaml" })), ["kustomize:k"]);
  });

  it("takes a file once that an app holds under several names", () => {
    const files = { "plain/b.yaml": CONFIG_MAP, "shared/x.yaml": CONFIG_MAP };
    const links = { "plain/a.yaml": "plain/b.yaml", "plain/c.yaml": "shared/x.yaml", "plain/d.yaml": "shared/x.yaml" };
    assert.deepEqual(plainFiles(discoverLinked(files, links), "plain:plain/"), ["plain/b.yaml", "plain/c.yaml"]);
  });

  it("tells CRDs and objects of agents once, where they are", () => {
    const files = { "a/crd.yaml": manifest("CustomResourceDefinition"), "a/flux.yaml": fluxKustomization("./x") };
    const links = { "b/crd.yaml": "a/crd.yaml", "b/flux.yaml": "a/flux.yaml" };
    const { crdSources, agents } = discoverLinked(files, links);
    assert.deepEqual([crdSources, agents.map(({ file }) => file)], [["a/crd.yaml"], ["a/flux.yaml"]]);
  });

  it("tells them through the link when their own place is left out", () => {
    const files = { "vendor/crd.yaml": manifest("CustomResourceDefinition") };
    assert.deepEqual(discoverLinked(files, { "b/crd.yaml": "vendor/crd.yaml" }).crdSources, ["b/crd.yaml"]);
  });
});

describe("links to folders", () => {
  const base = { "bases/web/kustomization.yaml": kustomization("cm.yaml"), "bases/web/cm.yaml": CONFIG_MAP };

  it("counts a base behind one as used", () => {
    const files = { ...base, "prod/kustomization.yaml": kustomization("../linked/web", "../linked/web/cm.yaml") };
    assert.deepEqual(idsOf(discoverLinked(files, { linked: "bases" })), ["kustomize:prod"]);
    assert.deepEqual(idsOf(discoverLinked(files, { linked: NOWHERE })), ["kustomize:bases/web", "kustomize:prod"]);
  });

  it("finds no app a second time through one", () => {
    const files = { ...base, "plain/cm.yaml": CONFIG_MAP, "other/cm.yaml": CONFIG_MAP };
    const discovery = discoverLinked(files, { "copy.yaml": "bases", "plain/more": "other" });
    assert.deepEqual(idsOf(discovery), ["kustomize:bases/web", "plain:other/", "plain:plain/"]);
    assert.deepEqual(plainFiles(discovery, "plain:plain/"), ["plain/cm.yaml"]);
  });

  it("counts a chart behind one as a subchart or dependency", () => {
    const dependency = 'dependencies: [{name: lib, repository: "file://../linked/two"}]\n';
    const files = {
      "charts/web/Chart.yaml": chart("web", dependency),
      "libs/one/Chart.yaml": chart("one"),
      "libs/two/Chart.yaml": chart("two"),
    };
    const links = { "charts/web/charts/one": "libs/one", "charts/linked": "libs" };
    assert.deepEqual(idsOf(discoverLinked(files, links)), ["helm:charts/web"]);
    assert.deepEqual(idsOf(discoverLinked(files, {})), ["helm:charts/web", "helm:libs/one", "helm:libs/two"]);
  });

  it("finds what an agent applies through one", () => {
    const files = {
      "flux/apps.yaml": fluxKustomization("./live", "  postBuild: {}\n"),
      "all/own.yaml": CONFIG_MAP,
      "all/web/x.yaml": CONFIG_MAP,
    };
    const { apps } = discoverLinked(files, { live: "all/web" });
    assert.equal(apps.find(({ id }) => id === "plain:all/web/")?.isSubstituted, true);
  });

  it("takes an app that is declared at one where it is", () => {
    const discovery = discoverLinked(base, { current: "bases/web" }, "apps: [{path: current, name: live}]\n");
    assert.deepEqual(idsOf(discovery), ["kustomize:live"]);
    assert.deepEqual(
      discovery.apps.map(({ path }) => path),
      ["bases/web"],
    );
  });
});

describe("links that lead nowhere", () => {
  for (const nowhere of [NOWHERE, OUTSIDE, { kind: "submodule", path: "sub", id: "" } as const]) {
    it(`keeps one (${nowhere.kind}) among the manifests beside it`, () => {
      const discovery = discoverLinked({ "plain/cm.yaml": CONFIG_MAP }, { "plain/deep/link.yaml": nowhere });
      assert.deepEqual(plainFiles(discovery, "plain:plain/"), ["plain/cm.yaml", "plain/deep/link.yaml"]);
    });
  }

  it("takes its name for what it declares", () => {
    const discovery = discoverLinked({}, { "k/kustomization.yaml": OUTSIDE, "c/Chart.yaml": NOWHERE });
    assert.deepEqual(idsOf(discovery), ["helm:c", "kustomize:k"]);
  });

  it("lets values that cannot be read be the values of an app", () => {
    const discovery = discoverLinked({ "c/Chart.yaml": chart("c") }, { "c/values-prod.yaml": OUTSIDE });
    assert.deepEqual(idsOf(discovery), ["helm:c#values-prod.yaml"]);
  });

  it("makes no app of them alone, and none of other files", () => {
    const links = { "a/link.yaml": OUTSIDE, "b/readme.md": NOWHERE, "b/package.json": NOWHERE };
    const discovery = discoverLinked({ "b/cm.yaml": CONFIG_MAP }, links);
    assert.deepEqual(idsOf(discovery), ["plain:b/"]);
    assert.deepEqual(plainFiles(discovery, "plain:b/"), ["b/cm.yaml"]);
    assert.deepEqual(discovery.unused, []);
  });

  it("stays part of its app where it was built until now", () => {
    const bytes = new TextEncoder().encode(CONFIG_MAP);
    const file = analyzeLink("a/x.yaml", { kind: "file", path: "b.yaml", id: "" }, bytes);
    const broken = analyzeLink("a/x.yaml", OUTSIDE, undefined);
    const built = { kind: "manifests", hasCrd: false, agents: [] } as const;
    for (const before of [file, built]) {
      assert.deepEqual(keepBuilt(before, broken), { kind: "link", target: undefined, content: built });
    }
    assert.deepEqual(keepBuilt({ kind: "other" }, broken), broken);
    assert.equal(keepBuilt(file, undefined), undefined);
  });
});

describe("followPath", () => {
  const links = new Map([
    ["a", "real/a"],
    ["real/a/b", "c"],
    ["root", ""],
  ]);
  const table = [
    ["x/y", "x/y"],
    ["a", "real/a"],
    ["a/x", "real/a/x"],
    ["a/b/x", "c/x"],
    ["root/root/a/b", "c"],
    ["ab/x", "ab/x"],
    ["", ""],
  ] as const;
  for (const [path, real] of table) {
    it(`leads from "${path}" to "${real}"`, () => assert.equal(followPath(path, links), real));
  }

  it("ends, whatever links there are", () => {
    const name = fc.constantFrom("a", "b", "a/a", "a/b", "");
    fc.assert(
      fc.property(fc.array(fc.tuple(name, name)), fc.array(fc.constantFrom("a", "b")), (pairs, steps) => {
        assert.equal(typeof followPath(steps.join("/"), new Map(pairs)), "string");
      }),
    );
  });
});
