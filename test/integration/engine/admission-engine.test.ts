import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createAdmissionEngine } from "../../../src/engine/admission-engine.ts";
import type { AdmissionEngine } from "../../../src/engine/admission-engine.ts";
import { compileEngines } from "../../../src/engine/engine-modules.ts";
import type { PolicyAnswer, PolicySubject } from "../../../src/model/index.ts";
import type { AdmissionInput, AdmissionSource } from "../../../src/pipeline/policy-ports.ts";

const LIMITS = { seconds: 30, answers: 100 };
const NOTHING: AdmissionSource = {
  policies: [],
  bindings: [],
  kyverno: [],
  exceptions: [],
  mutations: [],
  params: [],
  crds: [],
  namespaces: [],
};

function subject(object: object, sealed: readonly string[] = []): PolicySubject {
  return { json: JSON.stringify(object), sealed };
}

function policy(name: string, spec: object): PolicySubject {
  const resourceRules = [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"] }];
  return subject({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name },
    spec: { matchConstraints: { resourceRules }, ...spec },
  });
}

function binding(policyName: string, spec: object = {}): PolicySubject {
  return subject({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: `${policyName}-everywhere` },
    spec: { policyName, validationActions: ["Deny"], ...spec },
  });
}

function bound(validations: readonly object[], bindingSpec: object = {}, spec: object = {}): AdmissionSource {
  return { ...NOTHING, policies: [policy("p", { validations, ...spec })], bindings: [binding("p", bindingSpec)] };
}

const config = (data: object, namespace = "shop"): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", namespace },
  data,
});

function created(object: object, sealed: readonly string[] = []): AdmissionInput {
  const { kind } = object as { kind: string };
  return {
    object: subject(object, sealed),
    before: undefined,
    plural: `${kind.toLowerCase()}s`,
    isNamespaced: true,
  };
}

describe("admission engine", () => {
  let engine: AdmissionEngine;
  const directory = join(import.meta.dirname, "../../../engines/dist");
  before(() => {
    const modules = compileEngines(directory, []);
    engine = createAdmissionEngine({ module: () => modules.get("admission") });
  });
  after(() => engine.close());

  const judge = async (source: AdmissionSource, ...inputs: AdmissionInput[]): Promise<readonly PolicyAnswer[]> => {
    const { id, problems } = await engine.loadAdmission(source);
    assert.deepEqual(problems, []);
    const outcomes = await engine.evaluateAdmission(id, inputs, LIMITS);
    return outcomes.flatMap((outcome) => (outcome.kind === "judged" ? outcome.answers : assert.fail()));
  };
  const effects = async (source: AdmissionSource, ...inputs: AdmissionInput[]): Promise<readonly string[]> =>
    (await judge(source, ...inputs)).map(({ effect, message }) => `${effect}: ${message}`);

  it("gives what a policy refuses the effect that its binding asks for", async () => {
    const source = (action: string): AdmissionSource =>
      bound([{ expression: "size(object.data) < 1", message: "Leave it empty" }], { validationActions: [action] });
    const input = created(config({ a: "b" }));
    assert.deepEqual(await judge(source("Deny"), input), [
      { rule: "vap/p", effect: "deny", message: "Leave it empty", path: [] },
    ]);
    assert.deepEqual(await effects(source("Warn"), input), ["warn: Leave it empty"]);
    assert.deepEqual(await effects(source("Audit"), input), ["unknown: This would be audited: Leave it empty"]);
  });

  it("names the policy and the field of what does not compile, and goes on with the others", async () => {
    const broken = policy("bad", { validations: [{ expression: "true" }, { expression: "object.spec.(" }] });
    const notBoolean = policy("number", { validations: [{ expression: "1 + 1" }] });
    const good = bound([{ expression: "false", message: "no" }]);
    const source = {
      ...good,
      policies: [broken, notBoolean, ...good.policies],
      bindings: [binding("bad"), binding("number"), ...good.bindings],
    };
    const { id, problems } = await engine.loadAdmission(source);
    assert.deepEqual(
      problems.map(({ subject, message }) => `${subject} ${message.split("\n")[0] ?? ""}`),
      [
        "ValidatingAdmissionPolicy/bad spec.validations[1].expression: compilation failed: ERROR: <input>:1:13: Syntax error: no viable alternative at input '.('",
        "ValidatingAdmissionPolicy/number spec.validations[0].expression: must evaluate to bool but got int",
      ],
    );
    const [outcome] = await engine.evaluateAdmission(id, [created(config({}))], LIMITS);
    assert.equal(outcome?.kind === "judged" ? outcome.answers[0]?.message : undefined, "no");
  });

  it("T44: does not decide what depends on a secret value", async () => {
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", namespace: "shop" },
      data: { key: null },
    };
    const input = created(secret, ["/data/key"]);
    const about = (expression: string): Promise<readonly string[]> => effects(bound([{ expression }]), input);
    assert.deepEqual(await about("object.data.key == 'YQ=='"), [
      "unknown: This depends on the cluster: object.data.key.",
    ]);
    assert.deepEqual(await about("'key' in object.data && object.type == 'Opaque'"), []);
    assert.deepEqual(await about("object.data.key == 'YQ==' && false"), [
      "deny: failed expression: object.data.key == 'YQ==' && false",
    ]);
  });

  it("takes parameters from the repository, and those that are not there for unknown", async () => {
    const source = (parameterNotFoundAction: string): AdmissionSource => ({
      ...bound(
        [{ expression: "object.data.size == params.data.size", message: "Another size" }],
        { paramRef: { name: "settings", namespace: "policies", parameterNotFoundAction } },
        { paramKind: { apiVersion: "v1", kind: "ConfigMap" } },
      ),
    });
    const input = created(config({ size: "1" }));
    const known = { ...source("Deny"), params: [subject(config({ size: "2" }, "policies"))] };
    assert.deepEqual(await effects(known, input), ["deny: Another size"]);
    assert.deepEqual(await effects(source("Deny"), input), [
      "unknown: This depends on the cluster: params (ConfigMap policies/settings).",
    ]);
  });

  it("decides a policy that refuses whatever a missing parameter is", async () => {
    const source = bound(
      [{ expression: "object.data.size == '2' && params.data.size == '2'", message: "Not two" }],
      { paramRef: { name: "settings", namespace: "policies", parameterNotFoundAction: "Deny" } },
      { paramKind: { apiVersion: "v1", kind: "ConfigMap" } },
    );
    assert.deepEqual(await effects(source, created(config({ size: "1" }))), ["deny: Not two"]);
  });

  it("knows the labels of namespaces in the repository, and of others their name", async () => {
    const refuse = (selector: object): AdmissionSource =>
      bound([{ expression: "false", message: "no" }], { matchResources: { namespaceSelector: selector } });
    const input = created(config({}));
    const byTeam = refuse({ matchLabels: { team: "a" } });
    const shop = subject({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: { team: "a" } } });
    assert.deepEqual(await effects({ ...byTeam, namespaces: [shop] }, input), ["deny: no"]);
    assert.deepEqual(await effects(byTeam, input), [
      "unknown: This depends on the cluster: namespaceObject.metadata.labels.",
    ]);
    const named = (operator: string): AdmissionSource =>
      refuse({ matchExpressions: [{ key: "kubernetes.io/metadata.name", operator, values: ["shop"] }] });
    assert.deepEqual(await effects(named("NotIn"), input), []);
    assert.deepEqual(await effects(named("In"), input), ["deny: no"]);
    const nowhere = created({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" } });
    assert.deepEqual(await effects(named("In"), nowhere), [
      "unknown: This depends on the cluster: namespaceObject.metadata.labels.",
    ]);
  });

  it("lets a policy pass that may not apply and would not refuse", async () => {
    const source = bound([{ expression: "true" }], {
      matchResources: { namespaceSelector: { matchLabels: { a: "b" } } },
    });
    assert.deepEqual(await effects(source, created(config({}))), []);
  });

  it("judges custom resources by the rules of their definition, with defaults and the object before", async () => {
    const rule = { rule: "self >= oldSelf", message: "only up" };
    const spec = {
      type: "object",
      properties: { size: { type: "integer", default: 1, "x-kubernetes-validations": [rule] } },
    };
    const crd = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "widgets.example.com" },
      spec: {
        group: "example.com",
        names: { kind: "Widget", plural: "widgets" },
        scope: "Namespaced",
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: "object", properties: { spec } } },
          },
        ],
      },
    };
    const source = { ...NOTHING, crds: [JSON.stringify(crd)] };
    assert.deepEqual((await engine.loadAdmission(source)).kinds, ["example.com/Widget"]);
    const widget = (fields: object): object => ({
      apiVersion: "example.com/v1",
      kind: "Widget",
      metadata: { name: "w", namespace: "shop" },
      spec: fields,
    });
    const update = { ...created(widget({})), before: subject(widget({ size: 2 })) };
    assert.deepEqual(await judge(source, created(widget({})), update), [
      { rule: "crd-rule", effect: "deny", message: "only up", path: ["spec", "size"] },
    ]);
  });

  it("refuses what costs too much as the API server does, and the other objects are judged", async () => {
    const items = Array.from({ length: 200 }, (_, index) => `key${index}`);
    const expression = "object.data.all(a, object.data.all(b, object.data.all(c, a + b + c != '')))";
    const large = config(Object.fromEntries(items.map((key) => [key, key])));
    assert.deepEqual(await effects(bound([{ expression }]), created(large), created(config({ a: "b" }))), [
      `deny: expression '${expression}' resulted in error: operation cancelled: actual cost limit exceeded`,
    ]);
  });

  it("bounds the answers of each rule, says how many are left out, and hides no other rule behind them", async () => {
    const many = Array.from({ length: 7 }, (_, index) => ({ expression: "false", message: `no ${index}` }));
    const [first, second] = [bound(many), bound([{ expression: "false", message: "of another" }])];
    const names = first.policies.map(({ json }) => (JSON.parse(json) as { metadata: { name: string } }).metadata.name);
    const renamed = (subjects: typeof second.policies) =>
      subjects.map(({ json, sealed }) => ({ sealed, json: json.replaceAll(`"${names[0] ?? ""}"`, '"zz-other"') }));
    const { id } = await engine.loadAdmission({
      ...first,
      policies: [...first.policies, ...renamed(second.policies)],
      bindings: [
        ...first.bindings,
        ...renamed(second.bindings).map(({ json, sealed }, index) => ({
          sealed,
          json: json.replace(/("metadata":\{"name":)"[^"]*"/u, `$1"other-binding-${index}"`),
        })),
      ],
    });
    const [outcome] = await engine.evaluateAdmission(id, [created(config({}))], { seconds: 30, answers: 3 });
    const answers = outcome?.kind === "judged" ? outcome.answers : [];
    assert.deepEqual(
      answers.map(({ message }) => message),
      ["no 0", "no 1", "no 2", "There are 4 more results of this rule for this resource.", "of another"],
    );
    assert.deepEqual(
      answers.map(({ effect, rest }) => `${effect} ${rest ?? 0}`),
      ["deny 0", "deny 0", "deny 0", "deny 4", "deny 0"],
    );
    assert.equal(new Set(answers.map(({ rule }) => rule)).size, 2);
  });

  it("T37: takes keys such as __proto__ for keys", async () => {
    const source = bound([{ expression: "object.data['__proto__'] == 'x' && object.data.size() == 2" }]);
    const json =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"b"},"data":{"__proto__":"x","constructor":"y"}}';
    const input = { ...created(config({})), object: { json, sealed: [] } };
    assert.deepEqual(await effects(source, input), []);
  });

  it("passes nothing that it cannot read", async () => {
    const answers = await judge(bound([{ expression: "true" }]), created({ kind: "ConfigMap", data: 7 }));
    assert.deepEqual(
      answers.map(({ effect }) => effect),
      ["unknown"],
    );
  });

  it("rejects a set that was not loaded", async () => {
    await assert.rejects(engine.evaluateAdmission("none", [], LIMITS), /were not loaded/u);
  });
});
