import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkChange, configMap, type CheckedChange } from "./check-change.ts";

// flowcontrol.apiserver.k8s.io/v1beta3 is served up to Kubernetes 1.31, resource.k8s.io/v1beta2 from 1.33 on and
// resource.k8s.io/v1 from 1.34 on.
const DEVICE_CLASS = "apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: gpu}\nspec: {}\n";
const TWO_ENVIRONMENTS = `version: 1
environments:
  staging: {paths: ["apps/staging"], kubernetesVersion: "1.36"}
  prod: {paths: ["apps/prod"], kubernetesVersion: "1.33"}
`;

function rulesOf({ report }: CheckedChange): readonly string[] {
  return report.findings.map(({ rule, level, apps }) => `${level} ${rule} ${apps.join(" ")}`);
}

describe("the Kubernetes version of an app", () => {
  it("is that of its environment: an API that only one of two has is an error in the other", async (t) => {
    const base = {
      ".github/drydock.yaml": TWO_ENVIRONMENTS,
      "apps/staging/c.yaml": configMap("c"),
      "apps/prod/c.yaml": configMap("c"),
    };
    const head = { ...base, "apps/staging/d.yaml": DEVICE_CLASS, "apps/prod/d.yaml": DEVICE_CLASS };
    const check = await checkChange(t, base, head);
    assert.deepEqual(rulesOf(check), ["error schema-missing plain:apps/prod/"]);
    assert.match(check.report.findings[0]?.message ?? "", /Kubernetes 1\.33\.\d+ has no DeviceClass/);
    assert.deepEqual(
      check.report.versions.kubernetes.map((version) => version.replace(/\.\d+$/u, "")),
      ["1.33", "1.36"],
    );
    assert.deepEqual(check.report.notes, []);
  });

  it("is that of the flag for every app, whatever the config says", async (t) => {
    const base = { ".github/drydock.yaml": TWO_ENVIRONMENTS, "apps/prod/c.yaml": configMap("c") };
    const check = await checkChange(
      t,
      base,
      { ...base, "apps/prod/d.yaml": DEVICE_CLASS },
      { kubernetesVersion: "1.35" },
    );
    assert.deepEqual(rulesOf(check), []);
    assert.deepEqual(
      check.report.versions.kubernetes.map((version) => version.replace(/\.\d+$/u, "")),
      ["1.35"],
    );
  });

  it("is that of the app before that of its environment, and said when some have none", async (t) => {
    const config = `${TWO_ENVIRONMENTS}apps: [{path: apps/prod, kubernetesVersion: "1.34"}]\n`;
    const base = { ".github/drydock.yaml": config, "apps/prod/c.yaml": configMap("c"), "other/c.yaml": configMap("c") };
    const head = { ...base, "apps/prod/d.yaml": DEVICE_CLASS, "other/d.yaml": DEVICE_CLASS };
    const check = await checkChange(t, base, head);
    assert.deepEqual(rulesOf(check), []);
    assert.deepEqual(
      check.report.versions.kubernetes.map((version) => version.replace(/\.\d+$/u, "")),
      ["1.34", "1.36"],
    );
    assert.match(
      check.report.notes.join("\n"),
      /No Kubernetes version is configured for some apps: they are judged by 1\.36/,
    );
  });

  it("is assumed when nothing says it", async (t) => {
    const check = await checkChange(t, { "a/c.yaml": configMap("c") }, { "a/c.yaml": configMap("c", "a: c") });
    assert.match(check.report.notes.join("\n"), /No Kubernetes version is configured: apps are judged by 1\.36\.\d+/);
  });
});

describe("a Kubernetes version that is not bundled", () => {
  const schema = JSON.stringify({ properties: { data: { properties: { a: { type: "string", maxLength: 1 } } } } });
  const config = 'version: 1\nkubernetes:\n  version: "1.28"\n';

  it("is judged by a schema location that has it", async (t) => {
    const base = {
      ".github/drydock.yaml": `${config}  schemaLocations: [schemas]\n`,
      "schemas/v1.28.0-standalone-strict/configmap-v1.json": schema,
      "a/c.yaml": configMap("c"),
    };
    const check = await checkChange(t, base, { ...base, "a/c.yaml": configMap("c", "a: too-long") });
    assert.deepEqual(rulesOf(check), ["error schema plain:a/"]);
    assert.deepEqual(check.report.versions.kubernetes, ["1.28.0"]);
    const service = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {}\n";
    const partly = await checkChange(t, base, { ...base, "a/s.yaml": service });
    assert.deepEqual(rulesOf(partly), ["error schema-missing plain:a/"]);
    assert.match(partly.report.findings[0]?.message ?? "", /Bundled are 1\.33\.\d+, .*1\.36/);
  });

  it("without a location leaves its apps unchecked and lists what is bundled", async (t) => {
    const base = { ".github/drydock.yaml": config, "a/c.yaml": configMap("c") };
    const check = await checkChange(t, base, { ...base, "a/c.yaml": configMap("c", "a: c") });
    const { kind, effect, message } = check.failure("plain:a/");
    assert.deepEqual([kind, effect], ["remote-input", "not-checked"]);
    assert.match(message, /No schemas for Kubernetes 1\.28\.0 are bundled.*Bundled are 1\.33\.\d+, .*1\.36\.\d+;/);
    assert.equal(check.exitCode, 2);
  });

  it("as a flag is a usage error that lists what is bundled, unless a location has it", async (t) => {
    const base = { "a/c.yaml": configMap("c") };
    const head = { "a/c.yaml": configMap("c", "a: too-long") };
    const flag = { kubernetesVersion: "1.28.3" };
    await assert.rejects(checkChange(t, base, head, flag), {
      name: "UsageError",
      message: /1\.28.*1\.33\.\d+, .*1\.36/,
    });
    await assert.rejects(checkChange(t, base, head, { kubernetesVersion: "newest" }), { name: "UsageError" });
    const located = {
      ".github/drydock.yaml": "version: 1\nkubernetes: {schemaLocations: [schemas]}\n",
      "schemas/v1.28.3-standalone-strict/configmap-v1.json": schema,
    };
    const check = await checkChange(t, { ...located, ...base }, { ...located, ...head }, flag);
    assert.deepEqual(rulesOf(check), ["error schema plain:a/"]);
    assert.deepEqual(check.report.versions.kubernetes, ["1.28.3"]);
  });
});
