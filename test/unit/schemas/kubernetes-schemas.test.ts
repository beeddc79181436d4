import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Ajv } from "ajv";
import type { ResourceId } from "../../../src/model/index.ts";
import { crdListKeys, loadKubernetesSchemas, pickVersion, readBundledVersions } from "../../../src/schemas/index.ts";

const directory = join(import.meta.dirname, "../../../schemas/kubernetes");
const schemas = loadKubernetesSchemas(directory, "1.36.3");

/** Errors as `<path> <keyword>`, sorted; ajv reads these schemas alike, as they use nothing that draft 7 changed. */
function check(group: string, version: string, kind: string, manifest: Record<string, unknown>): readonly string[] {
  const text = schemas.standalone(group, version, kind);
  assert.ok(text, `no schema for ${kind}`);
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false, logger: false });
  const validate = ajv.compile(JSON.parse(text) as object);
  validate({ apiVersion: group === "" ? version : `${group}/${version}`, kind, ...manifest });
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.keyword}`).sort();
}

function deployment(container: Record<string, unknown>, spec: Record<string, unknown> = {}): Record<string, unknown> {
  const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "web", ...container }] } };
  return { metadata: { name: "web" }, spec: { selector: { matchLabels: { a: "b" } }, template, ...spec } };
}

describe("standalone schemas", () => {
  const container = "/spec/template/spec/containers/0";
  const cases: [name: string, manifest: Record<string, unknown>, errors: readonly string[]][] = [
    ["a plain deployment", deployment({ image: "nginx" }), []],
    ["an unknown field", deployment({ imge: "nginx" }), [`${container} additionalProperties`]],
    ["a mistyped metadata key", { ...deployment({}), metadata: { name: "x", lables: {} } }, ["/metadata additionalProperties"]],
    ["a string for an integer", deployment({}, { replicas: "2" }), ["/spec/replicas type"]],
    ["a number beyond int32", deployment({}, { replicas: 3_000_000_000 }), ["/spec/replicas maximum"]],
    ["null for an optional field", deployment({ command: null, resources: null }, { replicas: null }), []],
    ["null for a required field", deployment({}, { selector: null }), ["/spec/selector type"]],
    ["null for a required list", deployment({}, { template: { spec: { containers: null } } }), [
      "/spec/template/spec/containers type",
    ]],
    ["null in a list of strings", deployment({ args: [null] }), []],
    ["null in a list of things with required fields", deployment({ env: [null] }), [`${container}/env/0 type`]],
    ["a null label", { ...deployment({}), metadata: { name: "x", labels: { a: null } } }, []],
    ["a number as a label", { ...deployment({}), metadata: { labels: { a: 1 } } }, ["/metadata/labels/a type"]],
    ["int-or-string as both", deployment({ livenessProbe: { httpGet: { port: "web" } }, ports: [{ containerPort: 80 }] }), []],
    ["int-or-string as neither", deployment({ livenessProbe: { httpGet: { port: true } } }), [
      `${container}/livenessProbe/httpGet/port type`,
    ]],
    ["quantities", deployment({ resources: { limits: { cpu: 2, memory: "1.5Gi", storage: "1e3", x: ".5", y: " 1k " } } }), []],
    ["a quantity in the wrong case", deployment({ resources: { limits: { memory: "1gi" } } }), [
      `${container}/resources/limits/memory pattern`,
    ]],
    ["a boolean as a quantity", deployment({ resources: { limits: { memory: true } } }), [
      `${container}/resources/limits/memory type`,
    ]],
    ["a missing required field", deployment({}, { template: { spec: {} } }), ["/spec/template/spec required"]],
    ["an empty status", { ...deployment({}), status: {} }, []],
    ["an unknown field of the status", { ...deployment({}), status: { x: 1 } }, ["/status additionalProperties"]],
    ["another apiVersion", { ...deployment({}), apiVersion: "apps/v2" }, ["/apiVersion enum"]],
  ];
  for (const [name, manifest, errors] of cases) {
    it(name, () => {
      assert.deepEqual(check("apps", "v1", "Deployment", manifest), errors);
    });
  }

  it("do not ask for the fields that a status requires, which the API server drops", () => {
    const status = { metadata: { name: "x" }, spec: { maxReplicas: 1, scaleTargetRef: { kind: "D", name: "x" } }, status: {} };
    assert.deepEqual(check("autoscaling", "v2", "HorizontalPodAutoscaler", status), []);
    const [error] = check("autoscaling", "v2", "HorizontalPodAutoscaler", { ...status, spec: { maxReplicas: 1 } });
    assert.equal(error, "/spec required");
  });

  it("check the schemas inside CRDs, which refer to themselves", () => {
    const crd = (schema: unknown) => ({
      metadata: { name: "as.x.dev" },
      spec: {
        group: "x.dev",
        names: { plural: "as", kind: "A" },
        scope: "Namespaced",
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    });
    const good = {
      type: "object",
      properties: { list: { type: "array", items: { type: "string", enum: [1, null, "a"] }, default: { any: 1 } } },
      additionalProperties: true,
      "x-kubernetes-preserve-unknown-fields": true,
    };
    assert.deepEqual(check("apiextensions.k8s.io", "v1", "CustomResourceDefinition", crd(good)), []);
    const at = "/spec/versions/0/schema/openAPIV3Schema/properties/list";
    const bad = (list: unknown) =>
      check("apiextensions.k8s.io", "v1", "CustomResourceDefinition", crd({ properties: { list } }));
    assert.deepEqual(bad({ tpe: "string" }), [`${at} additionalProperties`]);
    assert.deepEqual(bad({ items: { tpe: "string" } }), [`${at}/items additionalProperties`]);
    assert.deepEqual(bad({ items: [{ tpe: "string" }] }), [`${at}/items/0 additionalProperties`]);
    assert.deepEqual(bad({ additionalProperties: { tpe: 1 } }), [`${at}/additionalProperties additionalProperties`]);
    assert.deepEqual(bad({ additionalProperties: "yes" }), [`${at}/additionalProperties type`]);
  });

  it("leave raw extensions open", () => {
    const revision = { metadata: { name: "x" }, revision: 1, data: { any: { thing: [1] } } };
    assert.deepEqual(check("apps", "v1", "ControllerRevision", revision), []);
  });

  it("hold only what the kind reaches", () => {
    const text = schemas.standalone("", "v1", "ConfigMap") ?? "";
    assert.ok(text.length < 4000, `${text.length} characters`);
    assert.ok(!text.includes("PodSpec"));
  });

  it("exist for every kind of every bundled version, and are self-contained", () => {
    for (const version of readBundledVersions(directory)) {
      const minor = version.split(".").slice(0, 2).join(".");
      const bundled = loadKubernetesSchemas(directory, version);
      const apis = [...bundled.lifecycles].filter(([, api]) => api.minors.includes(minor));
      assert.ok(apis.length > 90, `${apis.length} APIs in ${minor}`);
      for (const [id] of apis) {
        const [group = "", apiVersion = "", kind = ""] = id.split("/");
        const text = bundled.standalone(group, apiVersion, kind);
        assert.ok(text, id);
        const { definitions } = JSON.parse(text) as { definitions: object };
        for (const [, name = ""] of text.matchAll(/"#\/definitions\/([^"]+)"/gu)) assert.ok(Object.hasOwn(definitions, name));
      }
    }
  });

  it("do not exist for what the version does not have", () => {
    assert.equal(schemas.standalone("extensions", "v1beta1", "Deployment"), undefined);
    assert.equal(schemas.standalone("", "v1", "__proto__"), undefined);
    assert.equal(schemas.standalone("apps", "v1", "constructor"), undefined);
  });
});

describe("built-in groups, scopes and lifecycles", () => {
  it("knows groups of today and of long ago", () => {
    for (const group of ["", "apps", "extensions", "rbac.authorization.k8s.io", "apiregistration.k8s.io"]) {
      assert.ok(schemas.hasGroup(group), group);
    }
    for (const group of ["gateway.networking.k8s.io", "x.dev", "__proto__"]) assert.ok(!schemas.hasGroup(group), group);
  });

  it("tells namespaced from cluster-scoped kinds", () => {
    const scopes = [["", "Namespace"], ["", "Pod"], ["policy", "Eviction"], ["x.dev", "A"]].map(
      ([group = "", kind = ""]) => schemas.scope(group, kind),
    );
    assert.deepEqual(scopes, ["cluster", "namespaced", "namespaced", undefined]);
  });

  it("knows when an API went and what replaced it", () => {
    const { removed, replacement } = schemas.lifecycles.get("batch/v1beta1/CronJob") ?? {};
    assert.deepEqual([removed, replacement], ["1.25", "batch/v1/CronJob"]);
    assert.equal(schemas.lifecycles.get("policy/v1beta1/PodSecurityPolicy")?.removed, "1.25");
  });
});

describe("list keys", () => {
  const pod = { group: "", version: "v1", kind: "Pod", namespace: "", name: "" };
  const cases: [string, Partial<ResourceId>, (string | number)[], readonly string[] | undefined][] = [
    ["a keyed list", {}, ["spec", "containers"], ["name"]],
    ["a keyed list inside a list", {}, ["spec", "containers", 0, "ports"], ["containerPort", "protocol"]],
    ["a set of scalars", {}, ["metadata", "finalizers"], []],
    ["an atomic list", {}, ["spec", "containers", 0, "args"], undefined],
    ["not a list", {}, ["spec"], undefined],
    ["an unknown field", {}, ["spec", "constructor", "containers"], undefined],
    ["a removed API, by what replaced it", { group: "extensions", version: "v1beta1", kind: "Deployment" }, ["spec", "template", "spec", "containers"], ["name"]],
    ["an unknown kind", { group: "x.dev", kind: "A" }, ["spec", "containers"], undefined],
  ];
  for (const [name, resource, path, keys] of cases) {
    it(name, () => {
      assert.deepEqual(schemas.listKeys({ ...pod, ...resource }, path), keys);
    });
  }

  it("of a CRD", () => {
    const schema = {
      properties: {
        rules: { type: "array", items: { type: "object" }, "x-kubernetes-list-map-keys": ["id"] },
        tags: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
        maps: { additionalProperties: { type: "array", "x-kubernetes-list-map-keys": ["k"] } },
      },
    };
    const a = { group: "x.dev", kind: "A", plural: "as", isNamespaced: true, digest: "", statusVersions: [], versions: new Map([["v1", JSON.stringify(schema)]]) };
    const keys = crdListKeys({ id: "", byKind: new Map([["x.dev/A", a]]) });
    const resource = { ...pod, group: "x.dev", kind: "A" };
    assert.deepEqual(keys(resource, ["rules"]), ["id"]);
    assert.deepEqual(keys(resource, ["tags"]), []);
    assert.deepEqual(keys(resource, ["maps", "any"]), ["k"]);
    assert.equal(keys(resource, ["toString"]), undefined);
    assert.equal(keys({ ...resource, version: "v2" }, ["rules"]), undefined);
  });
});

describe("pickVersion", () => {
  const bundled = ["1.33.13", "1.36.3"];
  const picked: [string | undefined, string, boolean][] = [
    [undefined, "1.36.3", true],
    ["1.33", "1.33.13", false],
    ["v1.33.1", "1.33.13", false],
    ["1.36.3+k3s1", "1.36.3", false],
  ];
  for (const [asked, version, isAssumed] of picked) {
    it(`${asked ?? "nothing"} picks ${version}`, () => {
      assert.deepEqual(pickVersion(bundled, asked), { kind: "bundled", version, isAssumed });
    });
  }
  it("an older minor is not bundled, and the message lists what is", () => {
    const answer = pickVersion(bundled, "1.3");
    assert.ok(answer.kind === "not-bundled");
    assert.equal(answer.minor, "1.3");
    assert.match(answer.message, /1\.33\.13, 1\.36\.3/u);
  });
  it("something else is no version", () => {
    const answer = pickVersion(bundled, "latest");
    assert.ok(answer.kind === "not-bundled");
    assert.equal(answer.minor, undefined);
    assert.match(answer.message, /not a Kubernetes version/u);
  });
});
