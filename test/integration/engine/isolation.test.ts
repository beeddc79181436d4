import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Fault, UsageError } from "../../../src/model/index.ts";
import type { App, Rendering } from "../../../src/model/index.ts";
import { expectFailure, expectRendered, factsOf } from "./expectations.ts";
import { createRenderFixture, helmApp, kustomizeApp, plainApp } from "./render-fixture.ts";
import type { RenderFixture } from "./render-fixture.ts";

const CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

const RANDOM = `apiVersion: v1
kind: ConfigMap
metadata:
  name: random
data:
  word: {{ randAlphaNum 12 | quote }}
  number: {{ randInt 0 1000000 | quote }}
  now: {{ now | date "2006-01-02T15:04:05" | quote }}
  uuid: {{ uuidv4 | quote }}
  key: {{ genPrivateKey "ed25519" | quote }}
  order: {{ range $key, $value := dict "a" 1 "b" 2 "c" 3 "d" 4 }}{{ $key }}{{ end }}
`;

// A resource of its own kind whose list is merged by "key": without the schema file it is replaced as a whole.
const SCHEMA = JSON.stringify({
  definitions: {
    "com.example.v1.Thing": {
      type: "object",
      "x-kubernetes-group-version-kind": [{ group: "example.com", version: "v1", kind: "Thing" }],
      properties: {
        spec: {
          type: "object",
          properties: {
            items: {
              type: "array",
              "x-kubernetes-patch-merge-key": "key",
              "x-kubernetes-patch-strategy": "merge",
              items: { type: "object", properties: { key: { type: "string" }, value: { type: "string" } } },
            },
          },
        },
      },
    },
  },
});
const THING = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t}\nspec: {items: [{key: a, value: x}]}\n";
const PATCH = THING.replace("{key: a, value: x}", "{key: b, value: y}");
const PATCHED = "resources: [thing.yaml]\npatches: [{path: patch.yaml}]\n";

const bytesOf = (rendering: Rendering): string => JSON.stringify(expectRendered(rendering).manifests);

describe("one render and the others", () => {
  let fixture: RenderFixture;
  after(() => fixture.close());
  before(async () => {
    fixture = await createRenderFixture(
      {
        "random/Chart.yaml": CHART,
        "random/templates/a.yaml": RANDOM,
        "authority/Chart.yaml": CHART,
        "authority/templates/a.yaml": `${CONFIG_MAP}data: {ca: {{ (genCA "x" 10).Cert | b64enc | quote }}}\n`,
        "large/Chart.yaml": CHART,
        "large/templates/a.yaml": `${CONFIG_MAP}data: {text: {{ repeat 500000 "x" | quote }}}\n`,
        "endless/Chart.yaml": CHART,
        "endless/templates/a.yaml":
          '{{ define "x" }}{{ end }}{{ range until 9000 }}{{ range until 9000 }}{{ range until 9000 }}{{ template "x" }}{{ end }}{{ end }}{{ end }}',
        "hungry/Chart.yaml": CHART,
        "hungry/templates/a.yaml": "{{ range until 100000000 }}{{ end }}",
        "deep/Chart.yaml": CHART,
        "deep/templates/a.yaml": '{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}',
        "nested.yaml": `${CONFIG_MAP}data: ${"[".repeat(100_000)}${"]".repeat(100_000)}\n`,
        "fine.yaml": CONFIG_MAP,
        "schema/kustomization.yaml": `${PATCHED}openapi: {path: schema.json}\n`,
        "schema/schema.json": SCHEMA,
        "schema/thing.yaml": THING,
        "schema/patch.yaml": PATCH,
        "bare/kustomization.yaml": PATCHED,
        "bare/thing.yaml": THING,
        "bare/patch.yaml": PATCH,
        "broken/kustomization.yaml": "resources: [thing.yaml]\n",
        "broken/thing.yaml": "a: [\n",
      },
      { jobs: 2 },
    );
  });

  const render = (app: App): Promise<Rendering> => fixture.engine.render(fixture.request(app));
  const renderInTurn = async (apps: readonly App[]): Promise<string[]> => {
    const results: string[] = [];
    for (const app of apps) results.push(`${app.id} ${bytesOf(await render(app))}`);
    return results;
  };

  it("gives the same random values for the same app, in any order and on every worker", async () => {
    const other = { ...helmApp("random"), id: "helm:other" };
    const first = await renderInTurn([helmApp("random"), other, kustomizeApp("bare"), helmApp("large")]);
    const second = await renderInTurn([helmApp("large"), kustomizeApp("bare"), other, helmApp("random")]);
    assert.deepEqual(second.reverse(), first);
    const both = await Promise.all([helmApp("random"), helmApp("random"), helmApp("random")].map(render));
    assert.deepEqual(new Set(both.map(bytesOf)).size, 1);
  });

  it("makes the same certificate twice", async () => {
    const [first, second] = await renderInTurn([helmApp("authority"), helmApp("authority")]);
    assert.equal(first, second);
  });

  it("gives other apps other random values, and dates the fixed clock", async () => {
    const here = bytesOf(await render(helmApp("random")));
    const there = bytesOf(await render({ ...helmApp("random"), id: "helm:elsewhere" }));
    assert.notEqual(here, there);
    assert.match(here, /2025-01-01T00:00:00/);
  });

  it("keeps an openapi: file of one kustomization from the next one", async () => {
    const schema = kustomizeApp("schema");
    const bare = kustomizeApp("bare");
    const results = new Map<string, Set<string>>();
    for (const order of [
      [bare, schema, bare],
      [schema, bare, schema],
      [schema, schema, bare, bare],
    ]) {
      for (const result of await renderInTurn(order)) {
        const id = result.slice(0, result.indexOf(" "));
        results.set(id, (results.get(id) ?? new Set()).add(result));
      }
    }
    assert.deepEqual(
      [...results.values()].map(({ size }) => size),
      [1, 1],
    );
    const counts = [schema, bare].map(({ id }) => [...(results.get(id) ?? [])].join().match(/"key/g)?.length ?? 0);
    assert.notEqual(counts[0], counts[1], "the schema changes nothing, so the test shows nothing");
  });

  it("renders after a failure as before it", async () => {
    const before = bytesOf(await render(kustomizeApp("bare")));
    expectFailure(await render(kustomizeApp("broken")));
    assert.equal(bytesOf(await render(kustomizeApp("bare"))), before);
  });

  it("stops what takes too long, keeps its trace, and the others go on (T43)", async () => {
    const { limits } = fixture.request(plainApp());
    const request = fixture.request(helmApp("endless"), { limits: { ...limits, seconds: 1 } });
    const [endless, ...others] = await Promise.all([
      fixture.engine.render(request),
      ...Array.from({ length: 6 }, () => render(plainApp("fine.yaml"))),
    ]);
    const { failure, trace } = expectFailure(endless);
    assert.equal(failure.kind, "limit");
    assert.match(failure.message, /1 s .*limits\.seconds/);
    assert.ok(factsOf(trace).includes("entry endless/templates/a.yaml"));
    assert.equal(new Set(others.map(bytesOf)).size, 1);
    expectRendered(await render(helmApp("large")));
  });

  for (const [app, kinds] of [
    [helmApp("hungry"), ["limit"]],
    [helmApp("deep"), ["limit", "render"]],
    [plainApp("nested.yaml"), ["limit"]],
  ] as const) {
    it(`bounds memory and nesting: ${app.kind === "plain" ? app.files.join() : app.path} (T43)`, async () => {
      const { failure } = expectFailure(await render(app));
      assert.ok(
        kinds.some((kind) => kind === failure.kind),
        JSON.stringify(failure),
      );
      expectRendered(await render(plainApp("fine.yaml")));
    });
  }

  it("renders for long without growing out of bounds", async () => {
    const before = bytesOf(await render(helmApp("large")));
    for (let round = 0; round < 8; round++) assert.equal(bytesOf(await render(helmApp("large"))), before);
  });
});

describe("when the world breaks", () => {
  it("rejects for a missing object, without touching the other jobs", async () => {
    const fixture = await createRenderFixture({ "fine.yaml": CONFIG_MAP });
    try {
      const lost = fixture.engine.render(fixture.request(plainApp("fine.yaml"), { tree: "1".repeat(40) }));
      await assert.rejects(lost, (error) => error instanceof Fault || error instanceof UsageError);
      expectRendered(await fixture.engine.render(fixture.request(plainApp("fine.yaml"))));
    } finally {
      await fixture.close();
    }
  });

  it("rejects when the engines are not built", async () => {
    const fixture = await createRenderFixture({ "fine.yaml": CONFIG_MAP }, { engines: "/nonexistent" });
    try {
      await assert.rejects(fixture.engine.render(fixture.request(plainApp("fine.yaml"))), /npm run setup/);
    } finally {
      await fixture.close();
    }
  });

  it("rejects when the bundled schemas are gone", async () => {
    const fixture = await createRenderFixture({ "fine.yaml": CONFIG_MAP }, { kubernetesSchemas: "/nonexistent" });
    try {
      await assert.rejects(fixture.engine.render(fixture.request(plainApp("fine.yaml"))), Fault);
    } finally {
      await fixture.close();
    }
  });

  it("rejects a CRD set that was not prepared, and everything after it was closed", async () => {
    const fixture = await createRenderFixture({ "fine.yaml": CONFIG_MAP });
    const request = fixture.request(plainApp("fine.yaml"));
    await assert.rejects(fixture.engine.render({ ...request, crdSet: "other" }), Fault);
    const running = assert.rejects(fixture.engine.render(request), Fault);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await fixture.close();
    await running;
    await assert.rejects(fixture.engine.render(request), Fault);
  });

  it("leaves nothing behind that keeps the process alive", () => {
    const program = `
      import { createRenderFixture, plainApp } from "./render-fixture.ts";
      const fixture = await createRenderFixture({ "fine.yaml": ${JSON.stringify(CONFIG_MAP)} });
      const rendering = await fixture.engine.render(fixture.request(plainApp("fine.yaml")));
      await fixture.close();
      console.log(rendering.kind);
    `;
    const options = { cwd: join(import.meta.dirname), input: program, encoding: "utf8", timeout: 30_000 } as const;
    const { stdout, status } = spawnSync(process.execPath, ["--input-type=module-typescript", "-"], options);
    assert.deepEqual([stdout, status], ["rendered\n", 0]);
  });
});
