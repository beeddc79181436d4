import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Manifest } from "../../../src/model/index.ts";
import {
  type ApiLifecycle,
  isRemovedApi,
  type RuleFacts,
  type Scope,
  validateManifests,
} from "../../../src/validate/index.ts";
import { makeManifest } from "./make-manifest.ts";

const lifecycles = new Map<string, ApiLifecycle>([
  ["batch/v1beta1/CronJob", { minors: [], deprecated: "1.21", removed: "1.25", replacement: "batch/v1/CronJob" }],
  [
    "extensions/v1beta1/PodSecurityPolicy",
    { minors: [], removed: "1.16", replacement: "policy/v1beta1/PodSecurityPolicy" },
  ],
  ["policy/v1beta1/PodSecurityPolicy", { minors: [], deprecated: "1.21", removed: "1.25" }],
  ["x.k8s.io/v1beta1/Near", { minors: ["1.36"], deprecated: "1.33", removed: "1.37", replacement: "x.k8s.io/v1/Near" }],
  ["x.k8s.io/v1beta1/Far", { minors: ["1.36"], deprecated: "1.33", removed: "1.39", replacement: "x.k8s.io/v1/Other" }],
  ["x.k8s.io/v1beta1/Later", { minors: ["1.36"], deprecated: "1.37", removed: "1.40" }],
]);

const scopes = new Map<string, Scope>([
  ["/Namespace", "cluster"],
  ["/Service", "namespaced"],
  ["/ConfigMap", "namespaced"],
  ["apps/Deployment", "namespaced"],
  ["apps/StatefulSet", "namespaced"],
  ["batch/CronJob", "namespaced"],
  ["rbac.authorization.k8s.io/ClusterRole", "cluster"],
  ["storage.k8s.io/CSIDriver", "cluster"],
]);

const facts: RuleFacts = {
  kubernetesVersion: "1.36.3",
  isVersionAssumed: false,
  lifecycles,
  scope: (group, kind) => scopes.get(`${group}/${kind}`),
  isSubstituted: false,
  removedCrds: new Set(),
};

function object(
  apiVersion: string,
  kind: string,
  metadata: Record<string, unknown>,
  rest: Record<string, unknown> = {},
): Manifest {
  return makeManifest({ apiVersion, kind, metadata, ...rest });
}

/** `rule level /path` for each finding. */
function check(manifests: readonly Manifest[], part: Partial<RuleFacts> = {}): readonly string[] {
  return validateManifests(manifests, { ...facts, ...part }).map(
    ({ rule, level, path }) => `${rule} ${level} /${path.join("/")}`,
  );
}

const configMap = (metadata: Record<string, unknown>) => object("v1", "ConfigMap", metadata);

describe("invalid-name", () => {
  const refused = ["invalid-name error /metadata/name"];
  const long = "a".repeat(64);
  const cases: [string, string, string, string, boolean][] = [
    ["a subdomain", "v1", "ConfigMap", "a.b-c.1", true],
    ["upper case", "v1", "ConfigMap", "Web", false],
    ["an underscore", "v1", "ConfigMap", "a_b", false],
    ["an empty part", "v1", "ConfigMap", "a..b", false],
    ["a trailing line feed", "v1", "ConfigMap", "a\n", false],
    ["254 characters", "v1", "ConfigMap", "a".repeat(254), false],
    ["a long Deployment name", "apps/v1", "Deployment", long, true],
    ["a long StatefulSet name", "apps/v1", "StatefulSet", long, false],
    ["a Namespace with a dot", "v1", "Namespace", "a.b", false],
    ["a CronJob of 52 characters", "batch/v1", "CronJob", "a".repeat(52), true],
    ["a CronJob of 53 characters", "batch/v1", "CronJob", "a".repeat(53), false],
    ["a Service with a digit in front", "v1", "Service", "1a", true],
    ["a Service with a dot", "v1", "Service", "a.b", false],
    ["a role with colons and capitals", "rbac.authorization.k8s.io/v1", "ClusterRole", "system:Admin", true],
    ["a role with a slash", "rbac.authorization.k8s.io/v1", "ClusterRole", "a/b", false],
    ["a CSI driver in capitals", "storage.k8s.io/v1", "CSIDriver", "A.b", true],
    ["an unknown kind may allow more", "user.openshift.io/v1", "Group", "system:admins", true],
    ["an unknown kind with a slash", "user.openshift.io/v1", "Group", "a/b", false],
  ];
  for (const [name, apiVersion, kind, value, isAllowed] of cases) {
    it(`${name}: ${isAllowed ? "allowed" : "refused"}`, () => {
      assert.deepEqual(check([object(apiVersion, kind, { name: value })]), isAllowed ? [] : refused);
    });
  }

  it("a Service name with a digit in front was refused before 1.36", () => {
    assert.deepEqual(check([object("v1", "Service", { name: "1a" })], { kubernetesVersion: "1.35.4" }), refused);
  });
  it("a missing name is told by the engine", () => {
    assert.deepEqual(check([configMap({})]), []);
  });
  it("a prefix to generate names from may end in a dash and nothing worse", () => {
    assert.deepEqual(check([configMap({ generateName: "a-" })]), []);
    assert.deepEqual(check([configMap({ generateName: "A-" })]), ["invalid-name error /metadata/generateName"]);
  });
  it("what is substituted later is left alone", () => {
    const manifests = [configMap({ name: "${CLUSTER}-a", namespace: "${NS}", labels: { a: "${X:=y z}" } })];
    assert.deepEqual(check(manifests, { isSubstituted: true }), []);
    assert.equal(check(manifests).length, 3);
  });
  it("shows the name bounded and escaped", () => {
    const [finding] = validateManifests([configMap({ name: `A\u001b[31m${"b".repeat(500)}` })], facts);
    assert.match(finding?.message ?? "", /^Kubernetes refuses the ConfigMap name "A\\u001b\[31mb+…": /u);
    assert.ok((finding?.message ?? "").length < 300);
  });
});

describe("namespaces", () => {
  it("shows what would turn the text around it as a code", () => {
    const [first] = validateManifests([configMap({ name: "a\u202eb" })], facts);
    assert.match(first?.message ?? "", /"a\\u202eb"/u);
  });

  it("that cannot exist are refused", () => {
    assert.deepEqual(check([configMap({ name: "a", namespace: "a.b" })]), [
      "invalid-namespace error /metadata/namespace",
    ]);
    assert.deepEqual(check([configMap({ name: "a", namespace: "a" })]), []);
  });
  it("on objects that live in none are ignored", () => {
    const role = object("rbac.authorization.k8s.io/v1", "ClusterRole", { name: "a", namespace: "A" });
    assert.deepEqual(check([role]), ["ignored-namespace warning /metadata/namespace"]);
  });
});

describe("labels and annotations", () => {
  const at = "/metadata/labels";
  const cases: [string, Record<string, unknown>, readonly string[]][] = [
    ["usual ones", { "app.kubernetes.io/name": "Web_1.a", a: "" }, []],
    ["a space in a value", { a: "b c" }, [`invalid-label error ${at}/a`]],
    ["64 characters", { a: "b".repeat(64) }, [`invalid-label error ${at}/a`]],
    ["a dash at the end", { a: "b-" }, [`invalid-label error ${at}/a`]],
    ["two slashes", { "a/b/c": "" }, [`invalid-label error ${at}/a/b/c`]],
    ["an empty key", { "": "x" }, [`invalid-label error ${at}/`]],
    ["an empty prefix", { "/a": "x" }, [`invalid-label error ${at}//a`]],
    ["an upper-case prefix", { "A.b/a": "x" }, [`invalid-label error ${at}/A.b/a`]],
    ["numbers are for the schema check", { a: 1, b: null }, []],
    [
      "__proto__ is a key like any other",
      JSON.parse('{"__proto__":"x"}') as Record<string, unknown>,
      [`invalid-label error ${at}/__proto__`],
    ],
  ];
  for (const [name, labels, expected] of cases) {
    it(name, () => {
      assert.deepEqual(check([configMap({ name: "a", labels })]), expected);
    });
  }
  it("are looked at in pod templates of Kubernetes' own kinds", () => {
    const template = { metadata: { labels: { a: "b c" } } };
    const path = "spec/template/metadata/labels/a";
    assert.deepEqual(check([object("apps/v1", "Deployment", { name: "a" }, { spec: { template } })]), [
      `invalid-label error /${path}`,
    ]);
    const cron = { spec: { jobTemplate: { spec: { template } } } };
    assert.deepEqual(check([object("batch/v1", "CronJob", { name: "a" }, cron)]), [
      "invalid-label error /spec/jobTemplate/spec/template/metadata/labels/a",
    ]);
    assert.deepEqual(check([object("x.dev/v1", "Any", { name: "a" }, { spec: { template } })]), []);
  });
  it("annotation keys are refused, in whatever case", () => {
    assert.deepEqual(check([configMap({ name: "a", annotations: { "Example.COM/a": "any thing" } })]), []);
    assert.deepEqual(check([configMap({ name: "a", annotations: { "a b": "" } })]), [
      "invalid-annotation error /metadata/annotations/a b",
    ]);
  });
  it("annotations have a size", () => {
    assert.deepEqual(check([configMap({ name: "a", annotations: { a: "b".repeat(256 * 1024) } })]), [
      "invalid-annotation error /metadata/annotations",
    ]);
    assert.deepEqual(check([configMap({ name: "a", annotations: { a: "b".repeat(256 * 1024 - 1) } })]), []);
  });
});

describe("duplicate-resource", () => {
  const error = ["duplicate-resource error /metadata/name"];
  const hook = (...events: string[]) =>
    makeManifest({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }, {}, events);
  const cases: [string, readonly Manifest[], readonly string[]][] = [
    ["twice the same", [configMap({ name: "a" }), configMap({ name: "a" })], error],
    [
      "three times tells two",
      [configMap({ name: "a" }), configMap({ name: "a" }), configMap({ name: "a" })],
      [...error, ...error],
    ],
    ["two names", [configMap({ name: "a" }), configMap({ name: "b" })], []],
    ["two namespaces", [configMap({ name: "a", namespace: "x" }), configMap({ name: "a", namespace: "y" })], []],
    ["two kinds", [configMap({ name: "a" }), object("v1", "Service", { name: "a" })], []],
    [
      "two versions of one kind",
      [object("x.dev/v1", "A", { name: "a" }), object("x.dev/v2", "A", { name: "a" })],
      error,
    ],
    ["two groups", [object("x.dev/v1", "A", { name: "a" }), object("y.dev/v1", "A", { name: "a" })], []],
    ["generated names", [configMap({ generateName: "a-" }), configMap({ generateName: "a-" })], []],
    ["hooks of different events", [hook("pre-install"), hook("pre-upgrade")], []],
    ["hooks that share an event", [hook("pre-install", "pre-upgrade"), hook("pre-upgrade")], error],
    [
      "a hook and a resource of the release",
      [configMap({ name: "a" }), hook("pre-install")],
      ["duplicate-resource warning /metadata/name"],
    ],
  ];
  for (const [name, manifests, expected] of cases) {
    it(name, () => {
      assert.deepEqual(check(manifests), expected);
    });
  }
  it("a namespace does not tell cluster-scoped objects apart", () => {
    const found = check([
      object("v1", "Namespace", { name: "a", namespace: "x" }),
      object("v1", "Namespace", { name: "a" }),
    ]);
    assert.ok(found.includes(error[0] ?? ""));
  });
  it("names the file of the first one and stands in the second", () => {
    const manifest = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
    const [finding] = validateManifests(
      [makeManifest(manifest, { file: "x.yaml" }), makeManifest(manifest, { file: "y.yaml" })],
      facts,
    );
    assert.equal(finding?.file, "y.yaml");
    assert.match(finding.message, /first in x\.yaml/u);
  });
});

describe("removed and deprecated APIs", () => {
  const cases: [string, string, string, Partial<RuleFacts>, readonly string[], RegExp | undefined][] = [
    [
      "removed",
      "batch/v1beta1",
      "CronJob",
      {},
      ["api-removed error /apiVersion"],
      /removed in Kubernetes 1\.25\. Use batch\/v1\.$/u,
    ],
    [
      "removed, version assumed",
      "batch/v1beta1",
      "CronJob",
      { isVersionAssumed: true },
      ["api-removed warning /apiVersion"],
      /1\.36 is assumed/u,
    ],
    [
      "still there in an older target",
      "batch/v1beta1",
      "CronJob",
      { kubernetesVersion: "1.22" },
      ["api-deprecated notice /apiVersion"],
      /since Kubernetes 1\.21 and is removed in 1\.25/u,
    ],
    ["not yet deprecated", "batch/v1beta1", "CronJob", { kubernetesVersion: "1.20" }, [], undefined],
    [
      "the minor before removal",
      "batch/v1beta1",
      "CronJob",
      { kubernetesVersion: "1.24" },
      ["api-removed-next warning /apiVersion"],
      /the next minor/u,
    ],
    [
      "replaced by what is gone too",
      "extensions/v1beta1",
      "PodSecurityPolicy",
      {},
      ["api-removed error /apiVersion"],
      /Nothing replaces it\.$/u,
    ],
    [
      "replaced by what is there in the target",
      "extensions/v1beta1",
      "PodSecurityPolicy",
      { kubernetesVersion: "1.20" },
      ["api-removed error /apiVersion"],
      /Use policy\/v1beta1\.$/u,
    ],
    [
      "removed in the next minor",
      "x.k8s.io/v1beta1",
      "Near",
      {},
      ["api-removed-next warning /apiVersion"],
      /Use x\.k8s\.io\/v1\.$/u,
    ],
    [
      "replaced by another kind",
      "x.k8s.io/v1beta1",
      "Far",
      {},
      ["api-deprecated notice /apiVersion"],
      /Use Other x\.k8s\.io\/v1\.$/u,
    ],
    ["deprecated later", "x.k8s.io/v1beta1", "Later", {}, [], undefined],
    ["unknown", "x.dev/v1", "Any", {}, [], undefined],
  ];
  for (const [name, apiVersion, kind, part, expected, message] of cases) {
    it(name, () => {
      const manifests = [object(apiVersion, kind, { name: "a" })];
      assert.deepEqual(check(manifests, part), expected);
      if (message) assert.match(validateManifests(manifests, { ...facts, ...part })[0]?.message ?? "", message);
    });
  }
  it("isRemovedApi tells which missing schemas are explained", () => {
    const cronJob = { group: "batch", version: "v1beta1", kind: "CronJob" };
    assert.equal(isRemovedApi(cronJob, "1.36.3", lifecycles), true);
    assert.equal(isRemovedApi(cronJob, "1.24", lifecycles), false);
    assert.equal(isRemovedApi({ ...cronJob, version: "v9" }, "1.36.3", lifecycles), false);
    assert.equal(isRemovedApi(cronJob, "latest", lifecycles), false);
  });
});

describe("crd-removed", () => {
  it("an object whose CRD only the base has", () => {
    const manifests = [object("x.dev/v1", "Ship", { name: "a" }), object("x.dev/v1", "Boat", { name: "a" })];
    assert.deepEqual(check(manifests, { removedCrds: new Set(["x.dev/Ship"]) }), ["crd-removed error /kind"]);
  });
});

describe("validateManifests", () => {
  it("never throws", () => {
    const metadata = fc.record(
      { name: fc.jsonValue(), namespace: fc.jsonValue(), labels: fc.jsonValue(), annotations: fc.jsonValue() },
      { requiredKeys: [] },
    );
    const manifest = fc
      .record({ metadata: fc.oneof(metadata, fc.jsonValue()), spec: fc.jsonValue() })
      .map((value) =>
        makeManifest({ apiVersion: "apps/v1", kind: "Deployment", ...value, metadata: value.metadata ?? {} }),
      );
    fc.assert(fc.property(fc.array(manifest), (manifests) => Array.isArray(validateManifests(manifests, facts))));
  });
});
