import { type FieldPath, decodeManifest } from "../../../../src/model/index.ts";
import type {
  AppRule,
  ClaimRule,
  ObjectRule,
  PolicyFacts,
  PolicyHit,
  PolicyObject,
} from "../../../../src/policy/rule.ts";
import { askOthers, partnersOf } from "../../../../src/policy/partners.ts";
import { referenceMissing } from "../../../../src/policy/rules/reference-missing.ts";
import { makeManifest } from "../../validate/make-manifest.ts";

const FACTS: PolicyFacts = { kubernetes: "1.36.3", environment: undefined, creators: new Set() };

/** A resource as rules see it, from an object literal. */
export function makeObject(value: Record<string, unknown>, hooks: readonly string[] = []): PolicyObject {
  const manifest = makeManifest(value, {}, hooks);
  const decoded = decodeManifest(manifest);
  if (!(decoded instanceof Map)) throw new Error("a resource is a mapping");
  return { manifest, value: decoded };
}

/** From JSON text, for keys that a literal cannot have (`__proto__`). */
export function parseObject(text: string): PolicyObject {
  return makeObject(JSON.parse(text) as Record<string, unknown>);
}

/** The hits as `field: message`, the field dotted. */
export function runRule(
  rule: ObjectRule | AppRule,
  objects: readonly PolicyObject[],
  options: Record<string, readonly string[]> = {},
  facts: Partial<PolicyFacts> = {},
): string[] {
  return listHits(rule, objects, options, facts).map(({ path, message }) => `${dotted(path)}: ${message}`);
}

export function listHits(
  rule: ObjectRule | AppRule,
  objects: readonly PolicyObject[],
  options: Record<string, readonly string[]> = {},
  facts: Partial<PolicyFacts> = {},
): PolicyHit[] {
  const [known, given] = [{ ...FACTS, ...facts }, new Map(Object.entries(options))];
  if (rule.scope === "app") return [...rule.check(objects, known, given)];
  return objects.flatMap((object) => [...rule.check(object, known, given)]);
}

/** Facts of an app beside another one that has these resources. */
export function besides(
  others: readonly PolicyObject[],
  creators: readonly string[] = [],
): Pick<PolicyFacts, "isOffered" | "creators"> {
  const facts = { ...FACTS, creators: new Set(creators) };
  const kinds = new Map([[referenceMissing.id, referenceMissing]]);
  const config = { preset: "strict" as const, rules: new Map() };
  const { offers } = partnersOf(
    others.map(({ manifest }) => manifest),
    facts,
    kinds,
    config,
  );
  const offerersOf = (key: string) =>
    offers.flatMap(([known, namespace]) =>
      known === key ? [{ app: "other", namespace, environment: undefined }] : [],
    );
  return { creators: facts.creators, isOffered: askOthers({ id: "own", environment: undefined }, offerersOf) };
}

/** The claims as `field: what`. */
export function runClaims(rule: ClaimRule, object: PolicyObject): string[] {
  return [...rule.claims(object)].map(({ path, what }) => `${dotted(path)}: ${what}`);
}

export function dotted(path: FieldPath): string {
  return path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
}

/** A Deployment with one container, and whatever else its pod has. */
export function makeDeployment(
  container: Record<string, unknown>,
  { spec = {}, pod = {}, name = "web" }: { spec?: object; pod?: object; name?: string } = {},
): PolicyObject {
  return makeObject({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      ...spec,
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, ...container }], ...pod } },
    },
  });
}

/**
 * Resources of every kind with shapes that no schema allows. Rules say what they like of them and never throw.
 */
export function makeHostile(): PolicyObject[] {
  const kinds = [
    ["apps/v1", "Deployment"],
    ["v1", "Pod"],
    ["v1", "Service"],
    ["v1", "Secret"],
    ["batch/v1", "CronJob"],
    ["policy/v1", "PodDisruptionBudget"],
    ["networking.k8s.io/v1", "NetworkPolicy"],
    ["networking.k8s.io/v1", "Ingress"],
    ["gateway.networking.k8s.io/v1", "HTTPRoute"],
    ["autoscaling/v2", "HorizontalPodAutoscaler"],
    ["keda.sh/v1alpha1", "ScaledObject"],
    ["rbac.authorization.k8s.io/v1", "ClusterRole"],
    ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding"],
    ["external-secrets.io/v1", "ExternalSecret"],
    ["example.com/v1", "Thing"],
  ];
  const things = ["[]", "7", "null", '"text"', '{"__proto__":{"a":"b"}}', '[null,7,"x",[],{"__proto__":1}]', "true"];
  const fields = ["spec", "rules", "roleRef", "subjects", "data"];
  const deep = (thing: string) =>
    `{"selector":${thing},"podSelector":${thing},"template":{"metadata":{"labels":${thing}},"spec":{"containers":${thing},"volumes":${thing},"initContainers":${thing},"serviceAccountName":${thing},"securityContext":${thing}}},"rules":${thing},"parentRefs":${thing},"hostnames":${thing},"scaleTargetRef":${thing},"replicas":${thing},"target":${thing}}`;
  const container = (thing: string) =>
    `{"template":{"metadata":{"labels":{"__proto__":"a","app":${thing}}},"spec":{"containers":[{"name":${thing},"image":${thing},"env":${thing},"envFrom":${thing},"ports":${thing},"securityContext":${thing},"resources":${thing}},{"env":[{"valueFrom":${thing}}],"envFrom":[{"configMapRef":${thing}}],"ports":[${thing}],"securityContext":{"capabilities":{"add":${thing}}}}],"volumes":[{"configMap":${thing},"hostPath":${thing},"projected":{"sources":${thing}}}]}}}`;
  return kinds.flatMap(([apiVersion = "", kind = ""]) =>
    things.flatMap((thing) => [
      ...fields.map((field) =>
        parseObject(`{"apiVersion":"${apiVersion}","kind":"${kind}","metadata":{"name":7},"${field}":${thing}}`),
      ),
      parseObject(
        `{"apiVersion":"${apiVersion}","kind":"${kind}","metadata":{"name":${thing},"labels":${thing},"annotations":${thing}}}`,
      ),
      ...[deep(thing), container(thing)].map((spec) =>
        parseObject(`{"apiVersion":"${apiVersion}","kind":"${kind}","metadata":{"name":"a"},"spec":${spec}}`),
      ),
      parseObject(
        `{"apiVersion":"${apiVersion}","kind":"${kind}","metadata":{"name":"a"},"rules":[{"apiGroups":${thing},"resources":${thing},"verbs":${thing}}]}`,
      ),
    ]),
  );
}
