import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { crdSchemaOf, expectFailure, expectRendered, factsOf, yamlMap } from "./expectations.ts";
import { createRenderFixture, helmApp, kustomizeApp, plainApp } from "./render-fixture.ts";
import type { RenderFixture } from "./render-fixture.ts";

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1"}]}
`;
const CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n";

describe("rendering a repository", () => {
  let fixture: RenderFixture;
  after(() => fixture.close());
  before(async () => {
    fixture = await createRenderFixture({
      "plain/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {mode: 0644}\n",
      "base/kustomization.yaml": "resources: [deployment.yaml]\n",
      "base/deployment.yaml": DEPLOYMENT,
      "prod/kustomization.yaml": "resources: [../base]\nreplicas: [{name: web, count: 3}]\n",
      "chart/Chart.yaml": CHART,
      "chart/values.yaml": "replicas: 1\n",
      "chart/templates/deployment.yaml": DEPLOYMENT.replace("replicas: 1", "replicas: {{ .Values.replicas }}"),
      "values/prod.yaml": "replicas: 5\n",
      "secret.yaml":
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hunter2, pin: 987654}\ndata: {token: aHVudGVyMg==}\n",
      "widget.yaml": "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: big, colour: red}\n",
      "schemas/widget_v1.json": JSON.stringify({
        type: "object",
        properties: { spec: { type: "object", properties: { size: { $ref: "size.json" } } } },
      }),
      "schemas/size.json": '{"type": "string", "enum": ["small"]}',
      "broken/widget_v1.json": '{"type": 12}',
      "old/v1.20.0-standalone-strict/configmap-v1.json": '{"type": "object"}',
      "gone.yaml": "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: i}\n",
      "nested/sub": { submodule: "1".repeat(40) },
      "sub/kustomization.yaml": "resources: [../nested/sub/x.yaml]\n",
      "real/kustomization.yaml": "resources: [../base]\nnamePrefix: real-\n",
      link: { link: "real" },
      "away/kustomization.yaml": { link: "../../../etc/passwd" },
      "lfs/kustomization.yaml": "resources: [big.yaml]\n",
      "lfs/big.yaml": "version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 5\n",
      "flux.yaml": DEPLOYMENT.replace("replicas: 1", "replicas: ${REPLICAS:=2}"),
      "bytes.yaml": "kind: X\n",
    });
  });

  it("gives a plain file's values as the cluster reads them, and where they stand", async () => {
    const { manifests, findings, trace } = expectRendered(
      await fixture.engine.render(fixture.request(plainApp("plain/a.yaml"))),
    );
    assert.equal(
      manifests[0]?.json,
      '{"apiVersion":"v1","data":{"mode":420},"kind":"ConfigMap","metadata":{"name":"a"}}',
    );
    assert.deepEqual(manifests[0].origin, { file: "plain/a.yaml", document: 0, shapedBy: [] });
    assert.deepEqual(
      findings.map(({ rule, path }) => [rule, path]),
      [["schema", ["data", "mode"]]],
    );
    assert.deepEqual(factsOf(trace), ["entry plain/a.yaml"]);
  });

  it("builds a kustomization and traces what it read outside its directory", async () => {
    const { manifests, findings, trace } = expectRendered(
      await fixture.engine.render(fixture.request(kustomizeApp("prod"))),
    );
    assert.equal(yamlMap(manifests[0], "spec").get("replicas"), "3");
    assert.deepEqual(findings, []);
    const facts = factsOf(trace);
    for (const fact of ["entry prod/kustomization.yaml", "entry base/deployment.yaml", "directory base"]) {
      assert.ok(facts.includes(fact), `${fact} in ${facts.join(", ")}`);
    }
    assert.equal(new Set(facts).size, facts.length);
  });

  it("templates a chart with values from elsewhere", async () => {
    const { manifests, trace } = expectRendered(
      await fixture.engine.render(fixture.request(helmApp("chart", "values/prod.yaml"))),
    );
    assert.equal(yamlMap(manifests[0], "spec").get("replicas"), "5");
    assert.equal(manifests[0]?.origin.file, "chart/templates/deployment.yaml");
    assert.ok(factsOf(trace).includes("entry values/prod.yaml"));
  });

  it("lets no secret value out, not even an invalid one (T44)", async () => {
    const rendering = await fixture.engine.render(fixture.request(plainApp("secret.yaml")));
    const { manifests, findings } = expectRendered(rendering);
    assert.doesNotMatch(JSON.stringify(rendering), /hunter2|aHVudGVyMg|987654/);
    assert.equal(manifests[0]?.sealed.length, 3);
    assert.deepEqual(
      findings.map(({ rule, path }) => `${rule} ${path.join("/")}`),
      ["secret-plaintext data/token", "secret-plaintext stringData/password", "schema stringData/pin"],
    );
  });

  it("drops type errors where Flux puts a value in later", async () => {
    const app = plainApp("flux.yaml");
    const strict = expectRendered(await fixture.engine.render(fixture.request(app)));
    assert.equal(strict.findings.length, 1);
    const lenient = expectRendered(await fixture.engine.render(fixture.request({ ...app, isSubstituted: true })));
    assert.deepEqual(lenient.findings, []);
  });

  it("follows a link inside the tree, and records the link and its target", async () => {
    const { manifests, trace } = expectRendered(await fixture.engine.render(fixture.request(kustomizeApp("link"))));
    assert.equal(manifests[0]?.resource.name, "real-web");
    const facts = factsOf(trace);
    assert.ok(facts.includes("entry link") && facts.includes("entry real/kustomization.yaml"), facts.join(", "));
  });

  for (const [path, kind] of [
    ["away", "outside-repository"],
    ["sub", "submodule"],
    ["lfs", "lfs"],
    ["nowhere", "render"],
  ] as const) {
    it(`fails with "${kind}" for the app ${path}, with a trace (T40)`, async () => {
      const { failure, trace } = expectFailure(await fixture.engine.render(fixture.request(kustomizeApp(path))));
      assert.equal(failure.kind, kind, failure.message);
      assert.ok(trace.length > 0);
    });
  }

  it("says at its level that a schema is missing", async () => {
    const app = plainApp("widget.yaml");
    const levels = async (missingSchema: "error" | "off"): Promise<string[]> => {
      const request = fixture.request(app, { missingSchema });
      return expectRendered(await fixture.engine.render(request)).findings.map(({ rule, level }) => `${rule} ${level}`);
    };
    assert.deepEqual(await levels("error"), ["schema-missing error"]);
    assert.deepEqual(await levels("off"), []);
  });

  it("takes a missing version of a built-in group for an error, whatever the level", async () => {
    const request = fixture.request(plainApp("gone.yaml"), { missingSchema: "off" });
    const { findings } = expectRendered(await fixture.engine.render(request));
    assert.deepEqual(
      findings.map(({ rule, level }) => [rule, level]),
      [["schema-missing", "error"]],
    );
  });

  it("validates a version that is not bundled with a schema location only, and lists what is bundled", async () => {
    const app = plainApp("plain/a.yaml");
    const old = { kubernetes: "1.20.0" };
    const { failure } = expectFailure(await fixture.engine.render(fixture.request(app, old)));
    assert.equal(failure.kind, "remote-input");
    assert.match(failure.message, /1\.20\.0 .*Bundled are \d/);
    const elsewhere = fixture.request(app, { ...old, schemaLocations: ["none/"] });
    const { findings } = expectRendered(await fixture.engine.render(elsewhere));
    assert.deepEqual(
      findings.map(({ rule, level }) => [rule, level]),
      [["schema-missing", "error"]],
    );
    assert.match(findings[0]?.message ?? "", /1\.20\.0 .*Bundled are \d/);
    const request = fixture.request(app, { ...old, schemaLocations: ["old/"] });
    assert.deepEqual(expectRendered(await fixture.engine.render(request)).findings, []);
  });

  it("validates with the CRDs of the side, and says when a version is not among them", async () => {
    const schema = {
      type: "object",
      properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
    };
    const render = async (version: string): Promise<{ findings: string[]; input: unknown }> => {
      const crds = crdSchemaOf("example.com", "Widget", version, schema);
      fixture.engine.prepare(crds);
      const request = fixture.request(plainApp("widget.yaml"), { crdSet: crds.id });
      const { findings, trace } = expectRendered(await fixture.engine.render(request));
      return {
        findings: findings.map(({ rule, level, path }) => `${rule} ${level} ${path.join(".")}`),
        input: trace.find(({ path }) => path === "crd:example.com/Widget"),
      };
    };
    const known = await render("v1");
    assert.deepEqual(known.findings.sort(), ["schema error spec.colour", "schema error spec.size"]);
    assert.deepEqual(known.input, { kind: "input", path: "crd:example.com/Widget", id: "digest v1" });
    assert.deepEqual((await render("v2")).findings, ["schema-missing error "]);
    assert.deepEqual((await render("v1")).findings.sort(), ["schema error spec.colour", "schema error spec.size"]);
  });

  it("validates with schemas of the repository, references included, and traces them", async () => {
    const location = "./schemas/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json";
    const request = fixture.request(plainApp("widget.yaml"), { schemaLocations: ["none/", location] });
    for (let round = 0; round < 2; round++) {
      const { findings, trace } = expectRendered(await fixture.engine.render(request));
      assert.deepEqual(
        findings.map(({ path }) => path),
        [["spec", "size"]],
      );
      const facts = factsOf(trace);
      for (const fact of [
        "entry schemas/widget_v1.json",
        "entry schemas/size.json",
        "absent none/v1.36.3-standalone-strict/widget-example-v1.json",
      ]) {
        assert.ok(facts.includes(fact), `${fact} in ${facts.join(", ")}`);
      }
    }
  });

  it("fails on a schema that does not compile, rather than skipping it", async () => {
    const schemaLocations = ["broken/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json"];
    const request = fixture.request(plainApp("widget.yaml"), { schemaLocations });
    const { failure } = expectFailure(await fixture.engine.render(request));
    assert.equal(failure.kind, "schema-compile");
    assert.match(failure.message, /broken\/widget_v1\.json/);
  });

  it("bounds output, documents and files, and says how to raise the bound", async () => {
    const { limits } = fixture.request(plainApp());
    for (const [limit, changes] of [
      ["outputMiB", { outputBytes: 100 }],
      ["documents", { documents: 0 }],
      ["files", { files: 2 }],
    ] as const) {
      const request = fixture.request(kustomizeApp("prod"), { limits: { ...limits, ...changes } });
      const { failure } = expectFailure(await fixture.engine.render(request));
      assert.equal(failure.kind, "limit");
      assert.match(failure.message, new RegExp(`limits\\.${limit}`));
    }
  });
});

describe("schemas fetched beforehand", () => {
  it("answer by address and are named by digest; what was not fetched is on record", async () => {
    const address = "https://schemas.test/widget_v1.json";
    const bytes = new SharedArrayBuffer(128);
    new Uint8Array(bytes).set(Buffer.from(JSON.stringify({ type: "object", required: ["spec"] }).padEnd(128)));
    const fixture = await createRenderFixture({
      "w.yaml": "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n",
    });
    try {
      const schemaLocations = ["https://schemas.test/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json"];
      const request = fixture.request(plainApp("w.yaml"), { schemaLocations });
      const first = expectRendered(await fixture.engine.render(request));
      assert.ok(first.trace.some((fact) => fact.path === `schema:${address}` && !("id" in fact && fact.id)));
      const fetched = new Map([[address, { kind: "found", digest: "a".repeat(64), bytes } as const]]);
      const { findings, trace } = expectRendered(await fixture.engine.render({ ...request, fetched }));
      assert.deepEqual(
        findings.map(({ path }) => path),
        [["spec"]],
      );
      const fact = trace.find(({ path }) => path === `schema:${address}`);
      assert.ok(fact?.kind === "input" && fact.id === "a".repeat(64));
    } finally {
      await fixture.close();
    }
  });
});
