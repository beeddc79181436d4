import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cleanPath, expandSchemaLocation } from "../../../src/engine/schema-location.ts";

const deployment = { group: "apps", version: "v1", kind: "Deployment", namespace: "", name: "x" };
const pod = { group: "", version: "v1", kind: "Pod", namespace: "", name: "x" };
const issuer = { group: "cert-manager.io", version: "v1alpha2", kind: "ClusterIssuer", namespace: "", name: "x" };

// The expected paths are those of kubeconform's own test of its registry.
const cases: [string, typeof pod, string, string][] = [
  ["https://s.test", deployment, "1.16.0", "https://s.test/v1.16.0-standalone-strict/deployment-apps-v1.json"],
  ["https://s.test", pod, "1.16.0", "https://s.test/v1.16.0-standalone-strict/pod-v1.json"],
  ["https://s.test/", pod, "master", "https://s.test/master-standalone-strict/pod-v1.json"],
  ["schemas/", issuer, "1.16.0", "schemas/v1.16.0-standalone-strict/clusterissuer-cert-manager-v1alpha2.json"],
  [
    "schemas/{{.Group}}/{{ .ResourceKind }}_{{- .ResourceAPIVersion -}}.json",
    issuer,
    "1.16.0",
    "schemas/cert-manager.io/clusterissuer_v1alpha2.json",
  ],
  ["{{ .Unknown }}.json", pod, "1.16.0", "{{ .Unknown }}.json"],
];

describe("a schema location", () => {
  for (const [location, resource, version, expected] of cases) {
    it(`${location} for ${resource.kind} is ${expected}`, () => {
      assert.equal(expandSchemaLocation(location, resource, version), expected);
    });
  }

  it("keeps a kind from writing itself into the template", () => {
    const hostile = { ...pod, kind: "{{ .Group }}$&" };
    assert.equal(expandSchemaLocation("s/{{ .ResourceKind }}.json", hostile, "1.16.0"), "s/{{ .group }}$&.json");
  });

  it("is cleaned without hiding that it climbs", () => {
    assert.equal(cleanPath("./schemas//x/"), "schemas/x");
    assert.equal(cleanPath("schemas/../../x"), "schemas/../../x");
  });
});
