import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PlainApp, Rendering, RenderRequest, Trace, Tree } from "../../../src/model/index.ts";
import type { Egress, RenderEngine } from "../../../src/pipeline/ports.ts";
import { createRenderMemory, type RenderMemory } from "../../../src/pipeline/render-memory.ts";
import { createMemoryStore } from "../../../src/store/index.ts";

const APP: PlainApp = {
  ...{ kind: "plain", id: "plain:a/", path: "a", environment: undefined, isEnvironmentDeclared: false, guessed: false },
  ...{ declaredIn: "a/a.yaml", assumptions: [], isSubstituted: false, files: ["a/a.yaml"] },
};

const NO_CRDS = { digests: new Map<string, string>(), loaded: { id: "none", byKind: new Map() } };

/** A tree in which exactly these facts hold; a render of it reads the first file. */
function makeTree(id: string, blob: string): Tree {
  const refuse = (): never => assert.fail("the memory looks at facts alone");
  return {
    ...{ id, resolve: refuse, walk: refuse, readBlobs: refuse },
    holds: (trace) =>
      Promise.resolve(trace.every((fact) => fact.kind === "input" || (fact.kind === "entry" && fact.id === blob))),
  };
}

/** Renders whatever `answer` gives for a tree, and lists what it was asked. */
function makeEngine(answer: (tree: string) => Rendering): RenderEngine & { readonly asked: RenderRequest[] } {
  const asked: RenderRequest[] = [];
  return {
    asked,
    prepare: () => undefined,
    close: () => Promise.resolve(),
    render: (request) => {
      asked.push(request);
      return Promise.resolve(answer(request.tree));
    },
  };
}

const OFFLINE: Egress = { fetch: () => assert.fail("nothing is to be fetched") };

function rendered(blob: string, more: Trace = []): Rendering {
  return {
    kind: "rendered",
    manifests: [],
    findings: [],
    trace: [{ kind: "entry", path: "a/a.yaml", id: blob }, ...more],
  };
}

function failed(kind: "render" | "limit" | "engine" | "remote-input"): Rendering {
  const trace: Trace = [{ kind: "entry", path: "a/a.yaml", id: "one" }];
  return { kind: "failed", failure: { kind, message: "m", location: undefined }, trace };
}

const SETTINGS = {
  schemaLocations: [],
  missingSchema: "notice",
  limits: { seconds: 60, outputBytes: 1, files: 1, documents: 1 },
} as const;

function makeMemory(engine: RenderEngine, store = createMemoryStore(), build = "build"): RenderMemory {
  return createRenderMemory(engine, store, build, SETTINGS, OFFLINE);
}

describe("createRenderMemory", () => {
  it("reuses a render while what it read stands, in any tree", async () => {
    const engine = makeEngine(() => rendered("one"));
    const memory = makeMemory(engine);
    const first = await memory.render(APP, "1.36.3", makeTree("t1", "one"), NO_CRDS);
    const second = await memory.render(APP, "1.36.3", makeTree("t2", "one"), NO_CRDS);
    assert.deepEqual([first.isReused, second.isReused, second.result === first.result], [false, true, true]);
    assert.equal(engine.asked.length, 1);
  });

  it("renders anew when something it read differs, and still knows the render before", async () => {
    const engine = makeEngine((tree) => rendered(tree));
    const memory = makeMemory(engine);
    for (const blob of ["one", "two", "one", "two"]) await memory.render(APP, "1.36.3", makeTree(blob, blob), NO_CRDS);
    assert.deepEqual(
      engine.asked.map(({ tree }) => tree),
      ["one", "two"],
    );
  });

  it("renders anew for another app, version, build or setting", async () => {
    const engine = makeEngine(() => rendered("one"));
    const store = createMemoryStore();
    const tree = makeTree("t", "one");
    await makeMemory(engine, store).render(APP, "1.36.3", tree, NO_CRDS);
    await makeMemory(engine, store).render({ ...APP, isSubstituted: true }, "1.36.3", tree, NO_CRDS);
    await makeMemory(engine, store).render(APP, "1.35.4", tree, NO_CRDS);
    await makeMemory(engine, store, "other build").render(APP, "1.36.3", tree, NO_CRDS);
    const settings = { ...SETTINGS, missingSchema: "error" } as const;
    await createRenderMemory(engine, store, "build", settings, OFFLINE).render(APP, "1.36.3", tree, NO_CRDS);
    assert.equal(engine.asked.length, 5);
  });

  it("renders anew when a CRD that it asked for came, went or differs", async () => {
    let digest: string | undefined = undefined;
    const engine = makeEngine(() => rendered("one", [{ kind: "input", path: "crd:g/K", id: digest }]));
    const memory = makeMemory(engine);
    const tree = makeTree("t", "one");
    for (const known of [undefined, "d1", "d2", undefined, "d1", "d2"]) {
      digest = known;
      await memory.render(APP, "1.36.3", tree, {
        ...NO_CRDS,
        digests: new Map(known === undefined ? [] : [["g/K", known]]),
      });
    }
    assert.equal(engine.asked.length, 3);
  });

  it("keeps a failure by content", async () => {
    const engine = makeEngine(() => failed("render"));
    const memory = makeMemory(engine);
    for (const id of ["t1", "t2"]) await memory.render(APP, "1.36.3", makeTree(id, "one"), NO_CRDS);
    assert.equal(engine.asked.length, 1);
  });

  for (const kind of ["limit", "engine"] as const) {
    it(`keeps a failure of kind ${kind} for this memory's life, and never in the store`, async () => {
      const engine = makeEngine(() => failed(kind));
      const store = createMemoryStore();
      const memory = makeMemory(engine, store);
      const { result } = await memory.render(APP, "1.36.3", makeTree("t1", "one"), NO_CRDS);
      await memory.render(APP, "1.36.3", makeTree("t2", "one"), NO_CRDS);
      assert.equal(engine.asked.length, 1);
      assert.equal(memory.recall(result)?.kind, "failed");
      await memory.render(APP, "1.36.3", makeTree("t3", "two"), NO_CRDS);
      assert.equal(engine.asked.length, 2);
      assert.equal(makeMemory(engine, store).recall(result), undefined);
      await makeMemory(engine, store).render(APP, "1.36.3", makeTree("t1", "one"), NO_CRDS);
      assert.equal(engine.asked.length, 3);
    });
  }

  it("renders anew when the rendering of a trace that holds is lost", async () => {
    const engine = makeEngine(() => rendered("one"));
    const store = createMemoryStore();
    const { result } = await makeMemory(engine, store).render(APP, "1.36.3", makeTree("t", "one"), NO_CRDS);
    const forgetful = {
      ...store,
      read: (kind: "renderings", key: string) => (key === result ? undefined : store.read(kind, key)),
    };
    const again = await makeMemory(engine, forgetful).render(APP, "1.36.3", makeTree("t", "one"), NO_CRDS);
    assert.deepEqual([again.isReused, again.result], [false, result]);
  });
});
