import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it, type TestContext } from "node:test";
import { startServer, type FakeServer } from "../../fakes/http-server.ts";
import { checkChange, type CheckedChange } from "./check-change.ts";

type Files = Readonly<Record<string, string>>;

const TEMPLATE = "{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json";

function schemaOf(sizeType: string): string {
  const spec = { type: "object", additionalProperties: false, properties: { size: { type: sizeType } } };
  return JSON.stringify({ type: "object", properties: { spec } });
}

function widget(name: string, size: number | string, kind = "Widget"): string {
  return `apiVersion: example.com/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\nspec:\n  size: ${size}\n`;
}

function withLocations(...locations: readonly string[]): Files {
  return { ".github/drydock.yaml": `version: 1\nkubernetes:\n  schemaLocations: ${JSON.stringify(locations)}\n` };
}

function rulesOf({ report }: CheckedChange): readonly string[] {
  return report.findings.map(({ rule, level, isNew, path }) => `${isNew ? "new" : "known"} ${level} ${rule} ${path}`);
}

describe("schemas of a folder of the repository", () => {
  it("judge the apps that use them again when they change, and only those", async (t) => {
    const apps = { "a/w.yaml": widget("a", 1), "b/g.yaml": widget("b", 1, "Gadget") };
    const base: Files = {
      ...withLocations(`schemas/${TEMPLATE}`),
      ...apps,
      "schemas/example.com/widget_v1.json": schemaOf("integer"),
      "schemas/example.com/gadget_v1.json": schemaOf("integer"),
    };
    const head = { ...base, "schemas/example.com/widget_v1.json": schemaOf("string") };
    const check = await checkChange(t, base, head);
    assert.deepEqual(rulesOf(check), ["new error schema /spec/size"]);
    assert.deepEqual(
      check.report.apps.map(({ id }) => id),
      ["plain:a/"],
    );
    assert.equal(check.exitCode, 1);
  });

  it("judge again when a schema comes where there was none, and when it goes", async (t) => {
    const without: Files = { ...withLocations(`./schemas/${TEMPLATE}`), "a/w.yaml": widget("a", "big") };
    const withSchema = { ...without, "schemas/example.com/widget_v1.json": schemaOf("integer") };
    assert.deepEqual(rulesOf(await checkChange(t, without, withSchema)), ["new error schema /spec/size"]);
    assert.deepEqual(rulesOf(await checkChange(t, withSchema, without)), ["new notice schema-missing "]);
  });

  it("fail the app that needs one that does not compile, and name the file", async (t) => {
    const base: Files = { ...withLocations(`schemas/${TEMPLATE}`), "a/w.yaml": widget("a", 1) };
    const check = await checkChange(t, base, { ...base, "schemas/example.com/widget_v1.json": '{"type": "no type"}' });
    const failure = check.failure("plain:a/");
    assert.equal(failure.kind, "schema-compile");
    assert.match(failure.message, /schemas\/example\.com\/widget_v1\.json/);
    assert.equal(failure.file, "schemas/example.com/widget_v1.json");
    assert.equal(check.exitCode, 1);
  });
});

describe("schemas of an address", () => {
  const serve = (t: TestContext, schemas: Readonly<Record<string, string>>): Promise<FakeServer> =>
    startServer(
      t,
      Object.fromEntries(Object.entries(schemas).map(([kind, text]) => [`/example.com/${kind}_v1.json`, text])),
    );

  it("are fetched from an allowed host, judge both sides, and are named by digest", async (t) => {
    const schema = schemaOf("integer");
    const server = await serve(t, { widget: schema });
    const base: Files = { ...withLocations(`${server.origin}/${TEMPLATE}`), "a/w.yaml": widget("a", "old") };
    const head = { ...base, "a/w.yaml": `${widget("a", "old")}  colour: red\n` };
    const check = await checkChange(t, base, head, { allowHost: [server.origin] });
    assert.deepEqual(rulesOf(check), ["new error schema /spec/colour", "known error schema /spec/size"]);
    const digest = createHash("sha256").update(schema).digest("hex");
    assert.ok(check.report.notes.includes(`Schema ${server.origin}/example.com/widget_v1.json: sha256 ${digest}`));
    assert.deepEqual(server.asked, ["/example.com/widget_v1.json"]);
  });

  it("say the same from a warm cache, and are fetched again: a result that used one is not kept", async (t) => {
    const server = await serve(t, { widget: schemaOf("integer"), gadget: schemaOf("integer") });
    const base: Files = {
      ...withLocations(`${server.origin}/${TEMPLATE}`),
      "a/w.yaml": widget("a", 1),
      "b/g.yaml": widget("b", 1, "Gadget"),
    };
    const check = await checkChange(t, base, { ...base, "a/w.yaml": widget("a", 2) }, { allowHost: [server.origin] });
    const cold = await check.print("markdown");
    assert.equal(await check.print("markdown"), cold);
    assert.equal(check.report.notes.filter((note) => note.startsWith("Schema ")).length, 1);
    assert.ok(server.asked.filter((path) => path.includes("widget")).length >= 3);
  });

  it("follow references between schemas, and the locations in their order", async (t) => {
    const server = await startServer(t, {
      "/second/widget_v1.json": JSON.stringify({ properties: { spec: { $ref: "parts/spec.json" } } }),
      "/second/parts/spec.json": JSON.stringify({ properties: { size: { type: "integer" } } }),
    });
    const kinds = "{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json";
    const base: Files = {
      ...withLocations(`${server.origin}/first/${kinds}`, `${server.origin}/second/${kinds}`),
      "a/w.yaml": widget("a", 1),
    };
    const head = { ...base, "a/w.yaml": widget("a", "big") };
    const check = await checkChange(t, base, head, { allowHost: [server.origin] });
    assert.deepEqual(rulesOf(check), ["new error schema /spec/size"]);
    assert.deepEqual(server.asked, ["/first/widget_v1.json", "/second/widget_v1.json", "/second/parts/spec.json"]);
  });

  it("are missing, and no more, where the server says so", async (t) => {
    const server = await serve(t, {});
    const base: Files = { ...withLocations(`${server.origin}/${TEMPLATE}`), "a/w.yaml": widget("a", 1) };
    const head = { ...base, "b/w.yaml": widget("b", 1) };
    const check = await checkChange(t, base, head, { allowHost: [server.origin] });
    assert.deepEqual(rulesOf(check), ["new notice schema-missing "]);
    assert.equal(check.exitCode, 0);
  });

  it("T41: are not fetched from a host that is not allowed: the app could not be checked", async (t) => {
    const server = await serve(t, { widget: schemaOf("integer") });
    const base: Files = {
      ...withLocations(`${server.origin}/${TEMPLATE}`),
      "a/w.yaml": widget("a", 1),
      "c/c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: b}\n",
      "untouched/w.yaml": widget("u", 1),
    };
    const head = {
      ...base,
      "a/w.yaml": widget("a", 2),
      "c/c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: c}\n",
    };
    const check = await checkChange(t, base, head);
    assert.deepEqual(server.asked, []);
    assert.equal(check.exitCode, 2);
    const { kind, effect, message } = check.failure("plain:a/");
    assert.deepEqual([kind, effect], ["remote-input", "not-checked"]);
    assert.match(message, /--allow-host http:\/\/127\.0\.0\.1:\d+ allows it/);
    assert.equal(check.failure("plain:untouched/").effect, "passes");
    assert.equal(check.app("plain:c/").status, "changed");
    assert.equal(await check.print("json"), await check.print("json"));
  });

  it("are asked for again once they can be reached, with the same cache", async (t) => {
    let isUp = false;
    const server = await startServer(t, {
      "/widget_v1.json": (_request, response) => void response.writeHead(isUp ? 200 : 503).end(schemaOf("integer")),
    });
    const base: Files = {
      ...withLocations(`${server.origin}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json`),
      "a/w.yaml": widget("a", 1),
      "untouched/w.yaml": widget("u", 1),
    };
    const head = { ...base, "a/w.yaml": widget("a", 2) };
    const check = await checkChange(t, base, head, { allowHost: [server.origin] });
    assert.match(check.failure("plain:a/").message, /status 503/);
    assert.equal(check.exitCode, 2);
    isUp = true;
    const { outcome, apps } = JSON.parse(await check.print("json")) as CheckedChange["report"];
    assert.equal(outcome.exitCode, 0);
    assert.deepEqual(
      apps.map(({ id, status }) => [id, status]),
      [["plain:a/", "changed"]],
    );
  });

  it("T41: are accepted by a line of the config, never silently", async (t) => {
    const server = await serve(t, {});
    const config = `version: 1\nkubernetes: {schemaLocations: ["${server.origin}/${TEMPLATE}"]}\naccept: [{apps: "plain:*", reason: remote-input}]\n`;
    const base: Files = { ".github/drydock.yaml": config, "a/w.yaml": widget("a", 1) };
    const check = await checkChange(t, base, { ...base, "a/w.yaml": widget("a", 2) });
    assert.equal(check.exitCode, 0);
    assert.match(check.report.outcome.title, /1 (app )?not checked/);
  });

  it("are a usage error when the host is none", async (t) => {
    const base: Files = { "a/w.yaml": widget("a", 1) };
    await assert.rejects(checkChange(t, base, {}, { allowHost: ["*"] }), {
      name: "UsageError",
      message: /"\*" is not a host/,
    });
  });
});
