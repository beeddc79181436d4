import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readServedKinds } from "../../../src/schemas/index.ts";

const SCHEMAS = join(import.meta.dirname, "..", "..", "..", "schemas", "kubernetes");

test("readServedKinds names what a cluster of that version has, and nothing that is gone or off", () => {
  const kinds = readServedKinds(SCHEMAS, "1.34.2");
  for (const kind of ["v1/Pod", "apps/v1/Deployment", "networking.k8s.io/v1/Ingress", "resource.k8s.io/v1/DeviceClass"]) {
    assert.ok(kinds.includes(kind), kind);
  }
  for (const kind of ["policy/v1beta1/PodDisruptionBudget", "extensions/v1beta1/Ingress", "v1/APIGroup"]) {
    assert.ok(!kinds.includes(kind), kind);
  }
  assert.ok(kinds.every((kind) => !/alpha|beta/u.test(kind)));
});

test("readServedKinds tells versions apart", () => {
  assert.ok(!readServedKinds(SCHEMAS, "1.33.0").includes("resource.k8s.io/v1/DeviceClass"));
  assert.deepEqual(readServedKinds(SCHEMAS, "1.19.0"), []);
});
