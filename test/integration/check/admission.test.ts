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

describe("definitions without rules", () => {
  const LIMITS = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: limits.rules.example.com }
spec:
  group: rules.example.com
  scope: Cluster
  names: { kind: Limit, plural: limits }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, properties: { max: { type: integer, default: 3 } } } }
`;
  const UNRULED = CRD.replaceAll(/ +x-kubernetes-validations:\n.*\n/gu, "");
  const ABOUT_SHOPS = POLICY.replace("apiGroups: [apps]", "apiGroups: [example.com]").replace(
    "[deployments]",
    "[shops]",
  );

  it("give what policies look at its defaults, parameters too", async (t) => {
    const asked = ABOUT_SHOPS.replace("object.spec.replicas <= 5", "object.spec.size > params.max")
      .replace("string(object.spec.replicas)", "string(object.spec.size)")
      .replace("spec:\n  matchC", "spec:\n  paramKind: { apiVersion: rules.example.com/v1, kind: Limit }\n  matchC")
      .replace("validationActions:", "paramRef: { name: all, parameterNotFoundAction: Deny }, validationActions:");
    const limit = "apiVersion: rules.example.com/v1\nkind: Limit\nmetadata: { name: all }\n";
    const base = {
      ...{ "crds/shop.yaml": UNRULED, "crds/limit.yaml": LIMITS },
      "cluster/policy.yaml": `${asked}---\n${limit}`,
      "apps/one.yaml": shop("size: 9"),
    };
    const checked = await checkChange(t, base, { ...base, "apps/one.yaml": shop("name: a") });
    assert.deepEqual(told(checked), ["new error vap/few-replicas  at most 5 replicas, not 1"]);
    const right = await checkChange(t, base, { ...base, "apps/one.yaml": shop("size: 4") });
    assert.deepEqual(told(right), []);
  });

  it("whose status is a subresource let nobody set it, whether they have rules or not", async (t) => {
    const status = "            status: { type: object, x-kubernetes-preserve-unknown-fields: true }\n";
    const withStatus = (crd: string): string =>
      `${crd.replace("          properties:\n", `          properties:\n${status}`)}      subresources: { status: {} }\n`;
    const ruled = withStatus(CRD).replace(
      "          type: object\n",
      '          type: object\n          x-kubernetes-validations: [{ rule: "!has(self.status)", message: no status }]\n',
    );
    const written = `${shop("size: 1, max: 3, name: a")}status: { ready: "no" }\n`;
    const one = await checkChange(
      t,
      { "crds/shop.yaml": ruled },
      { "crds/shop.yaml": ruled, "apps/one.yaml": written },
    );
    assert.deepEqual(told(one), []);
    const asks = ABOUT_SHOPS.replace("object.spec.replicas <= 5", "object.status.ready == 'yes'").replace(
      /.*messageExpression.*\n/u,
      "",
    );
    const base = { "crds/shop.yaml": withStatus(UNRULED), "cluster/policy.yaml": asks };
    const judged = await checkChange(t, base, { ...base, "apps/one.yaml": written });
    assert.match(told(judged).join("\n"), /^new notice vap\/few-replicas .*depends on the cluster: object\.status/u);
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

  it("match custom resources by the plural that their definition says", async (t) => {
    const crd = CRD.replaceAll("shops", "shoppes").replace(/ +x-kubernetes-validations:\n.*\n/gu, "");
    const policy = POLICY.replace("apiGroups: [apps]", "apiGroups: [example.com]")
      .replace("[deployments]", "[shoppes]")
      .replaceAll("object.spec.replicas", "object.spec.size");
    const base = { "crds/shop.yaml": crd, "cluster/policy.yaml": policy, "apps/one.yaml": shop("size: 3") };
    const checked = await checkChange(t, base, { ...base, "apps/one.yaml": shop("size: 7") });
    assert.deepEqual(told(checked), ["new error vap/few-replicas  at most 5 replicas, not 7"]);
  });

  it("that cannot be used are named by file and line, definitions too", async (t) => {
    const broken = {
      "cluster/policy.yaml": POLICY.replace("object.spec.replicas <= 5", "object.spec.replicas"),
      "crds/shop.yaml": CRD.replace("self.size <= self.max", "self.size"),
    };
    const base = { ...broken, "apps/one.yaml": shop("size: 1"), "apps/web.yaml": deployment("replicas: 2") };
    const checked = await checkChange(t, base, { ...base, "apps/one.yaml": shop("size: 2") });
    assert.deepEqual(
      checked.report.findings.map(({ rule, file, line }) => [rule, file, line]),
      [
        ["policy-broken", "crds/shop.yaml", 27],
        ["policy-broken", "cluster/policy.yaml", 9],
      ],
    );
    assert.equal(checked.exitCode, 1);
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

/** A ValidatingPolicy of Kyverno about pods, or about `match`. */
const kyverno = (validation: string, more = ""): string => `apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: { name: pinned }
spec:
  ${more === "" ? "validationActions: [Deny]" : more}
  matchConstraints:
    resourceRules:
      - { apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods] }
  validations:
    - expression: ${JSON.stringify(validation)}
      message: another version
`;

const OTHER_VERSION = "object.spec.containers.all(c, !c.image.endsWith(':1.0.0'))";

describe("ValidatingPolicies of Kyverno", () => {
  const change = async (
    t: Parameters<typeof checkChange>[0],
    policies: Readonly<Record<string, string>>,
  ): Promise<CheckedChange> => {
    return await checkChange(t, policies, { ...policies, "apps/web.yaml": deployment("replicas: 2") });
  };

  it("about pods refuse what would make such pods", async (t) => {
    const refused = await change(t, { "cluster/pinned.yaml": kyverno(OTHER_VERSION) });
    assert.match(told(refused).join("\n"), /^new error kyverno\/pinned .*another version/u);
    assert.equal(refused.exitCode, 1);
    const warned = await change(t, { "cluster/pinned.yaml": kyverno(OTHER_VERSION, "validationActions: [Warn]") });
    assert.match(told(warned).join("\n"), /^new warning kyverno\/pinned /u);
    assert.equal(warned.exitCode, 0);
    const off = "evaluation: { admission: { enabled: false } }";
    assert.deepEqual(told(await change(t, { "cluster/pinned.yaml": kyverno(OTHER_VERSION, off) })), []);
  });

  it("that look at what Git does not have depend on the cluster, by the library's name", async (t) => {
    const asks = kyverno("resource.Get('v1', 'configmaps', 'a', 'b').data.image == 'x'");
    const checked = await change(t, { "cluster/pinned.yaml": asks });
    assert.match(
      told(checked).join("\n"),
      /notice kyverno\/pinned .*depends on the cluster: Kyverno's library resource/u,
    );
    assert.equal(checked.exitCode, 0);
  });

  it("refuse nothing for certain that an exception of the repository may let pass", async (t) => {
    const exception = `apiVersion: policies.kyverno.io/v1
kind: PolicyException
metadata: { name: web, namespace: policies }
spec: { policyRefs: [{ kind: ValidatingPolicy, name: pinned }] }
`;
    const checked = await change(t, {
      "cluster/pinned.yaml": kyverno(OTHER_VERSION),
      "cluster/exception.yaml": exception,
    });
    assert.match(told(checked).join("\n"), /notice kyverno\/pinned .*the PolicyException policies\/web/u);
    assert.equal(checked.exitCode, 0);
  });

  it("that do not compile let nothing pass", async (t) => {
    const checked = await change(t, { "cluster/pinned.yaml": kyverno("objct.spec == 1") });
    assert.equal(checked.report.findings[0]?.rule, "policy-broken");
    assert.match(checked.report.findings[0].message, /ValidatingPolicy\/pinned: spec\.validations\[0\]/u);
    assert.equal(checked.exitCode, 1);
  });
});

describe("policies that are not applied", () => {
  const mutation = (expression: string): string => `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: { name: scale }
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules:
      - { apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments] }
  mutations:
    - { patchType: ApplyConfiguration, applyConfiguration: { expression: ${JSON.stringify(expression)} } }
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: { name: scale }
spec: { policyName: scale }
`;

  it("leave a refusal open where they may change the field, and certain elsewhere", async (t) => {
    const judge = async (expression: string): Promise<CheckedChange> => {
      const base = {
        "cluster/policy.yaml": POLICY,
        "cluster/mutation.yaml": mutation(expression),
        "apps/web.yaml": deployment("replicas: 2"),
      };
      return await checkChange(t, base, { ...base, "apps/web.yaml": deployment("replicas: 9") });
    };
    const open = await judge("Object{spec: Object.spec{replicas: 3}}");
    assert.match(told(open).join("\n"), /notice vap\/few-replicas .*what the MutatingAdmissionPolicy scale changes/u);
    assert.equal(open.exitCode, 0);
    const certain = await judge('Object{metadata: Object.metadata{labels: {"a": "b"}}}');
    assert.match(told(certain).join("\n"), /^new error vap\/few-replicas /u);
    assert.equal(certain.exitCode, 1);
  });

  it("are named once in the report", async (t) => {
    const old = "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: { name: old }\nspec: { rules: [] }\n";
    const base = {
      "cluster/a.yaml": mutation("Object{}"),
      "cluster/b.yaml": old,
      "apps/web.yaml": deployment("replicas: 2"),
    };
    const { report } = await checkChange(t, base, { ...base, "apps/web.yaml": deployment("replicas: 3") });
    const notes = report.notes.filter((note) => note.includes("Not applied"));
    assert.deepEqual(notes, [
      "Not applied, so what they change or refuse is not seen here: ClusterPolicy old, MutatingAdmissionPolicy scale.",
    ]);
    const off = { ...base, ".github/drydock.yaml": "version: 1\npolicy: { admission: false }\n" };
    const quiet = await checkChange(t, off, { ...off, "apps/web.yaml": deployment("replicas: 3") });
    assert.ok(!quiet.report.notes.join().includes("Not applied"));
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
