import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkChange, type CheckedChange } from "./check-change.ts";

const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: shops.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { kind: Shop, plural: shops, singular: shop, listKind: ShopList }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                size: { type: integer, default: 1 }
                max: { type: integer }
                name:
                  type: string
                  maxLength: 60
                  x-kubernetes-validations:
                    - { rule: "self == oldSelf", message: "name cannot change" }
              x-kubernetes-validations:
                - { rule: "self.size <= self.max", message: "size is above max" }
`;

const shop = (spec: string): string =>
  `apiVersion: example.com/v1\nkind: Shop\nmetadata: { name: one, namespace: shop }\nspec: { ${spec} }\n`;

const POLICY = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: few-replicas }
spec:
  matchConstraints:
    resourceRules:
      - { apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments] }
  validations:
    - expression: object.spec.replicas <= 5
      messageExpression: "'at most 5 replicas, not ' + string(object.spec.replicas)"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: few-replicas }
spec: { policyName: few-replicas, validationActions: [Deny] }
`;

const deployment = (spec: string, pod = ""): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  ${spec}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      ${pod === "" ? "restartPolicy: Always" : pod}
      containers: [{ name: web, image: "registry.example/web:1.0.0" }]
`;

function told({ report }: CheckedChange): readonly string[] {
  return report.findings.map(({ rule, level, isNew, path, message }) => {
    return `${isNew ? "new" : "known"} ${level} ${rule} ${path} ${message}`;
  });
}

describe("validation rules of CRDs", () => {
  it("refuse what the API server would refuse, with defaults filled in first", async (t) => {
    const base = { "crds/shop.yaml": CRD, "apps/one.yaml": shop("size: 1, max: 3, name: a") };
    const wrong = await checkChange(t, base, { ...base, "apps/one.yaml": shop("size: 4, max: 3, name: a") });
    assert.equal(wrong.exitCode, 1);
    assert.match(told(wrong).join("\n"), /^new error crd-rule \/spec .*size is above max/u);
    const defaulted = await checkChange(t, base, { ...base, "apps/one.yaml": shop("max: 0, name: a") });
    assert.match(told(defaulted).join("\n"), /size is above max/u);
    const right = await checkChange(t, base, { ...base, "apps/one.yaml": shop("max: 1, name: a") });
    assert.deepEqual(told(right), []);
  });

  it("compare with the object before the change where they speak of it", async (t) => {
    const base = { "crds/shop.yaml": CRD, "apps/one.yaml": shop("max: 3, name: a") };
    const changed = await checkChange(t, base, { ...base, "apps/one.yaml": shop("max: 3, name: b") });
    assert.match(told(changed).join("\n"), /^new error crd-rule \/spec\/name .*name cannot change/u);
    const created = await checkChange(t, { "crds/shop.yaml": CRD }, base);
    assert.deepEqual(told(created), []);
  });
});

describe("ValidatingAdmissionPolicies of the repository", () => {
  it("refuse what the cluster would refuse", async (t) => {
    const base = { "cluster/policy.yaml": POLICY, "apps/web.yaml": deployment("replicas: 2") };
    const checked = await checkChange(t, base, { ...base, "apps/web.yaml": deployment("replicas: 9") });
    assert.match(told(checked).join("\n"), /^new error vap\/few-replicas .*at most 5 replicas, not 9/u);
    assert.equal(checked.exitCode, 1);
  });

  it("T34: are the base's, and switched off only by the base's config", async (t) => {
    const base = { "cluster/policy.yaml": POLICY, "apps/web.yaml": deployment("replicas: 2") };
    const removed = await checkChange(t, base, { "apps/web.yaml": deployment("replicas: 9") });
    assert.match(told(removed).join("\n"), /vap\/few-replicas/u);
    const off = "version: 1\npolicy: { admission: false }\n";
    const quiet = { ...base, ".github/drydock.yaml": off };
    const checked = await checkChange(t, quiet, { ...quiet, "apps/web.yaml": deployment("replicas: 9") });
    assert.deepEqual(told(checked), []);
  });

  it("that depend on what only the cluster knows say so, and neither pass nor fail", async (t) => {
    const asks = POLICY.replace("object.spec.replicas <= 5", "namespaceObject.metadata.labels.tier == 'web'");
    const base = { "cluster/policy.yaml": asks, "apps/web.yaml": deployment("replicas: 2") };
    const checked = await checkChange(t, base, { ...base, "apps/web.yaml": deployment("replicas: 3") });
    assert.match(told(checked).join("\n"), /notice vap\/few-replicas .*depends on/iu);
    assert.equal(checked.exitCode, 0);
  });

  it("that do not compile let nothing pass, but for the change that mends them", async (t) => {
    const broken = POLICY.replace("object.spec.replicas <= 5", "object.spec.replicas <=");
    const base = { "cluster/policy.yaml": broken, "apps/web.yaml": deployment("replicas: 2") };
    const blocked = await checkChange(t, base, { ...base, "apps/web.yaml": deployment("replicas: 3") });
    assert.equal(blocked.report.findings[0]?.rule, "policy-broken");
    assert.equal(blocked.exitCode, 1);
    const mended = await checkChange(t, base, { ...base, "cluster/policy.yaml": POLICY });
    assert.equal(mended.exitCode, 0, JSON.stringify(mended.report.findings));
    assert.match(mended.report.notes.join("\n"), /This change mends them/u);
  });
});

describe("Pod Security Standards", () => {
  it("judge pods by upstream's checks under the presets that ask for them", async (t) => {
    const baseline = {
      ".github/drydock.yaml": "version: 1\npolicy: { preset: baseline, rules: { resources-missing: off } }\n",
    };
    const base = { ...baseline, "apps/web.yaml": deployment("replicas: 2") };
    const head = { ...base, "apps/web.yaml": deployment("replicas: 2", "hostNetwork: true") };
    const checked = await checkChange(t, base, head);
    const rules = new Set(checked.report.findings.filter(({ isNew }) => isNew).map(({ rule }) => rule));
    assert.ok(rules.has("pod-security-baseline"), [...rules].join());
    assert.equal(checked.exitCode, 1);
  });
});

describe("policies in Rego that are broken on the base", () => {
  it("are mended by a change that is judged by its own", async (t) => {
    const base = { "apps/web.yaml": deployment("replicas: 2"), "policy/main.rego": "package main\ndeny[" };
    const rego = 'package main\nimport rego.v1\ndeny contains "no" if input.spec.replicas > 5\n';
    const mended = await checkChange(t, base, { ...base, "policy/main.rego": rego });
    assert.equal(mended.exitCode, 0, JSON.stringify(mended.report.findings));
    const worse = { "policy/main.rego": rego, "apps/web.yaml": deployment("replicas: 9") };
    const both = await checkChange(t, base, worse);
    assert.match(told(both).join("\n"), /^new error rego\/main\/deny/u);
  });
});
