import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { diffManifests } from "../../../src/diff/index.ts";
import type { FieldChange, ManifestValue } from "../../../src/model/index.ts";
import { NumberText } from "../../../src/model/index.ts";
import { usualListKeys } from "../../fakes/list-keys.ts";
import { buildManifests } from "../../fakes/manifests.ts";

function show(value: ManifestValue | undefined): string {
  if (value === undefined) return "-";
  if (value instanceof NumberText) return `#${value.text}`;
  if (value instanceof Map)
    return `{${[...(value as ReadonlyMap<string, ManifestValue>)].map(([key, item]) => `${key}: ${show(item)}`).join()}}`;
  if (Array.isArray(value)) return `[${value.map(show).join()}]`;
  return JSON.stringify(value);
}

function tell(fields: readonly FieldChange[]): string[] {
  return fields.map((field) => `${field.label}: ${show(field.before)} → ${show(field.after)}`).sort();
}

/** The fields that differ between two bodies put under one ConfigMap-like head of the given kind. */
function compare(head: string, before: string, after: string): string[] {
  const changes = diffManifests(buildManifests(`${head}\n${before}`), buildManifests(`${head}\n${after}`), {
    listKeys: usualListKeys,
  });
  return changes.flatMap((change) => tell(change.fields));
}

const DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}";
const CUSTOM = "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: web}";

const cases: readonly { title: string; head?: string; before: string; after: string; fields: readonly string[] }[] = [
  {
    title: "a scalar",
    before: "spec: {replicas: 2}",
    after: "spec: {replicas: 3}",
    fields: ["spec.replicas: #2 → #3"],
  },
  { title: "key order", before: "spec: {a: 1, b: 2}", after: "spec: {b: 2, a: 1}", fields: [] },
  {
    title: "keys with dots and odd characters",
    before: "spec: {}",
    after: 'spec: {"a.b/c": x, "x\\u202ey": z}',
    fields: ['spec["a.b/c"]: - → "x"', 'spec["x\\u202ey"]: - → "z"'],
  },
  { title: "a number and a text", before: "spec: {a: 1}", after: 'spec: {a: "1"}', fields: ['spec.a: #1 → "1"'] },
  {
    title: "an integer and a fraction",
    before: "spec: {a: 1}",
    after: "spec: {a: 1.0}",
    fields: ["spec.a: #1 → #1.0"],
  },
  { title: "two spellings of one fraction", before: "spec: {a: 1.50}", after: "spec: {a: 15e-1}", fields: [] },
  {
    title: "integers that are one double",
    before: "spec: {a: 9007199254740992}",
    after: "spec: {a: 9007199254740993}",
    fields: ["spec.a: #9007199254740992 → #9007199254740993"],
  },
  {
    title: "two spellings of one quantity in resources",
    before: "spec: {resources: {limits: {cpu: 1, memory: 1Gi}}}",
    after: "spec: {resources: {limits: {cpu: 1000m, memory: 1024Mi}}}",
    fields: [],
  },
  {
    title: "the same spellings elsewhere",
    before: "spec: {limit: 1Gi}",
    after: "spec: {limit: 1024Mi}",
    fields: ['spec.limit: "1Gi" → "1024Mi"'],
  },
  { title: "null and absent in a built-in kind", before: "spec: {a: null}", after: "spec: {}", fields: [] },
  {
    title: "null and absent in a custom resource",
    head: CUSTOM,
    before: "spec: {a: null}",
    after: "spec: {}",
    fields: ["spec.a: null → -"],
  },
  {
    title: "null and absent among free keys",
    head: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}",
    before: "data: {a: null}",
    after: "data: {}",
    fields: ["data.a: null → -"],
  },
  { title: "null in a list", before: "spec: {a: [null, x]}", after: "spec: {a: [x]}", fields: ["spec.a[0]: null → -"] },
  {
    title: "a mapping that turns into a list",
    before: "spec: {a: {b: 1}}",
    after: "spec: {a: [1]}",
    fields: ["spec.a: {b: #1} → [#1]"],
  },
  {
    title: "items of a list map in another order",
    before: "spec: {containers: [{name: a, image: a}, {name: b, image: b}]}",
    after: "spec: {containers: [{name: b, image: b}, {name: a, image: x}]}",
    fields: ['spec.containers[name=a].image: "a" → "x"'],
  },
  {
    title: "an item of a list map that comes and one that goes",
    before: "spec: {volumes: [{name: a}]}",
    after: "spec: {volumes: [{name: b}]}",
    fields: ['spec.volumes[name=a]: {name: "a"} → -', 'spec.volumes[name=b]: - → {name: "b"}'],
  },
  {
    title: "two keys, one with its default",
    before: "spec: {ports: [{containerPort: 53, protocol: UDP}, {containerPort: 53}]}",
    after: "spec: {ports: [{containerPort: 53, name: dns}, {containerPort: 53, protocol: UDP}]}",
    fields: ['spec.ports[containerPort=53,protocol=TCP].name: - → "dns"'],
  },
  {
    title: "one key twice",
    before: "spec: {containers: [{name: a, image: x}, {name: a, image: y}]}",
    after: "spec: {containers: [{name: a, image: x}, {name: a, image: z}]}",
    fields: ['spec.containers[name=a#2].image: "y" → "z"'],
  },
  {
    title: "init containers in another order",
    before: "spec: {initContainers: [{name: a}, {name: b}]}",
    after: "spec: {initContainers: [{name: b}, {name: a}]}",
    fields: ['spec.initContainers (order): ["name=a","name=b"] → ["name=b","name=a"]'],
  },
  {
    title: "plain variables in another order",
    before: "spec: {env: [{name: A, value: a}, {name: B, value: b}]}",
    after: "spec: {env: [{name: B, value: b}, {name: A, value: a}]}",
    fields: [],
  },
  {
    title: "variables that use each other in another order",
    before: 'spec: {env: [{name: A, value: a}, {name: B, value: "$(A)"}]}',
    after: 'spec: {env: [{name: B, value: "$(A)"}, {name: A, value: a}]}',
    fields: ['spec.env (order): ["name=A","name=B"] → ["name=B","name=A"]'],
  },
  {
    title: "a set in another order",
    before: "metadata: {finalizers: [a, b]}",
    after: "metadata: {finalizers: [b, a]}",
    fields: [],
    head: "apiVersion: v1\nkind: Thing",
  },
  {
    title: "a set with another item",
    head: "apiVersion: v1\nkind: Thing",
    before: "metadata: {finalizers: [a, b]}",
    after: "metadata: {finalizers: [c, b]}",
    fields: ['metadata.finalizers[]: "a" → -', 'metadata.finalizers[]: - → "c"'],
  },
  {
    title: "a list nothing is known of, by a usual key",
    head: CUSTOM,
    before: "spec: {steps: [{name: a, run: x}, {name: b, run: y}]}",
    after: "spec: {steps: [{name: b, run: z}, {name: a, run: x}]}",
    fields: ['spec.steps (order): ["name=a","name=b"] → ["name=b","name=a"]', 'spec.steps[name=b].run: "y" → "z"'],
  },
  {
    title: "a list of scalars with one put in front",
    before: "spec: {args: [a, b, c]}",
    after: "spec: {args: [x, a, b, c]}",
    fields: ['spec.args[0]: - → "x"'],
  },
  {
    title: "a list of scalars in another order",
    before: "spec: {args: [a, b]}",
    after: "spec: {args: [b, a]}",
    fields: ['spec.args[0]: "a" → -', 'spec.args[1]: - → "a"'],
  },
  {
    title: "one of several mappings without a key",
    before: "spec: {rules: [{x: 1}, {x: 2, y: 1}, {x: 3}]}",
    after: "spec: {rules: [{x: 1}, {x: 2, y: 2}, {x: 3}]}",
    fields: ["spec.rules[1].y: #1 → #2"],
  },
  {
    title: "empty labels and none",
    head: "apiVersion: v1\nkind: Thing",
    before: "metadata: {labels: {}}",
    after: "metadata: {}",
    fields: [],
  },
  {
    title: "an empty mapping that means something",
    before: "spec: {emptyDir: {}}",
    after: "spec: {}",
    fields: ["spec.emptyDir: {} → -"],
  },
  {
    title: "a key named __proto__",
    before: "spec: {__proto__: {a: 1}}",
    after: "spec: {__proto__: {a: 2}}",
    fields: ["spec.__proto__.a: #1 → #2"],
  },
  {
    title: "a key named constructor that comes",
    before: "spec: {}",
    after: "spec: {constructor: x}",
    fields: ['spec.constructor: - → "x"'],
  },
];

describe("comparing two versions of a resource", () => {
  for (const { title, head, before, after, fields } of cases) {
    it(`${title}: ${fields.length === 0 ? "no change" : fields.join("; ")}`, () => {
      assert.deepEqual(compare(head ?? DEPLOYMENT, before, after), [...fields].sort());
    });
  }

  it("gives paths by the head's index, by the base's for an item that is gone", () => {
    const [change] = diffManifests(
      buildManifests(`${DEPLOYMENT}\nspec: {volumes: [{name: gone}, {name: a, x: 1}]}`),
      buildManifests(`${DEPLOYMENT}\nspec: {volumes: [{name: new}, {name: b}, {name: a, x: 2}]}`),
      { listKeys: usualListKeys },
    );
    const paths = new Map(change?.fields.map((field) => [field.label, field.path]));
    assert.deepEqual(paths.get("spec.volumes[name=gone]"), ["spec", "volumes", 0]);
    assert.deepEqual(paths.get("spec.volumes[name=a].x"), ["spec", "volumes", 2, "x"]);
  });
});
