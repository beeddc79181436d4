import type { FieldPath } from "../model/index.ts";
import { isMap, readList, readMap, readText } from "./read-value.ts";
import type { PolicyFacts, PolicyObject } from "./rule.ts";

/** Kinds that pods refer to by name. */
export type PartnerKind = "ConfigMap" | "Secret" | "ServiceAccount" | "PersistentVolumeClaim";

/**
 * Something that is there once an object is applied: the object itself, what a controller makes of it, or what others
 * find it by (`list-offers.ts`).
 */
export interface Offer {
  readonly kind: PartnerKind | "NetworkPolicy" | "PodDisruptionBudget" | "Pod" | "Service" | "Maker" | "Mention";
  /** Empty where it is the app's own, or any. */
  readonly namespace: string;
  /** The object's name; what selects or is selected goes by a label (`app=web`), empty where by none. */
  readonly name: string;
}

const PARTNERS: readonly PartnerKind[] = ["ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim"];

/** Controllers' kinds with the names of the Secrets that they make: paths, the first one that is set counts. */
const SECRET_NAMES: ReadonlyMap<string, readonly FieldPath[]> = new Map<string, readonly FieldPath[]>([
  [
    "bitnami.com/SealedSecret",
    [
      ["spec", "template", "metadata", "name"],
      ["metadata", "name"],
    ],
  ],
  ["cert-manager.io/Certificate", [["spec", "secretName"]]],
  ["onepassword.com/OnePasswordItem", [["metadata", "name"]]],
  ["secrets.hashicorp.com/HCPVaultSecretsApp", [["spec", "destination", "name"]]],
  ["secrets.hashicorp.com/VaultDynamicSecret", [["spec", "destination", "name"]]],
  ["secrets.hashicorp.com/VaultPKISecret", [["spec", "destination", "name"]]],
  ["secrets.hashicorp.com/VaultStaticSecret", [["spec", "destination", "name"]]],
]);

/** Kinds that make objects in namespaces of their choice. */
const SPREADING: ReadonlyMap<string, readonly FieldPath[]> = new Map<string, readonly FieldPath[]>([
  [
    "external-secrets.io/ClusterExternalSecret",
    [
      ["spec", "externalSecretSpec", "target", "name"],
      ["spec", "externalSecretName"],
      ["metadata", "name"],
    ],
  ],
  ["trust.cert-manager.io/Bundle", [["metadata", "name"]]],
]);

/** Kinds of which is known what they make. `creators` of the config are beside these. */
export const BUILT_IN_CREATORS: ReadonlySet<string> = new Set([
  ...SECRET_NAMES.keys(),
  ...SPREADING.keys(),
  "external-secrets.io/ExternalSecret",
  "isindir.github.com/SopsSecret",
  "secrets-store.csi.x-k8s.io/SecretProviderClass",
]);

/** Whether the config says that objects of this kind make others, nobody knows which. */
export function isConfiguredCreator({ manifest }: PolicyObject, facts: Pick<PolicyFacts, "creators">): boolean {
  const kind = `${manifest.resource.group}/${manifest.resource.kind}`;
  return facts.creators.has(kind) && !BUILT_IN_CREATORS.has(kind);
}

/** What an object brings for pods to refer to by name. */
export function offersOf(object: PolicyObject): readonly Offer[] {
  const { group, kind, namespace } = object.manifest.resource;
  const own = readText(object.value, "metadata", "name") ?? "";
  const partner = group === "" ? PARTNERS.find((name) => name === kind) : undefined;
  if (partner !== undefined) return [{ kind: partner, namespace: isCopied(object) ? "" : namespace, name: own }];
  return [...madeByController(object), ...madeByAnnotation(object)];
}

function madeByController({ manifest, value }: PolicyObject): readonly Offer[] {
  const { group, kind, namespace } = manifest.resource;
  const id = `${group}/${kind}`;
  const secrets = (names: readonly (string | undefined)[]): readonly Offer[] =>
    names.flatMap((name) => (name === undefined ? [] : [{ kind: "Secret", namespace, name }]));
  if (id === "external-secrets.io/ExternalSecret") {
    const name = readText(value, "spec", "target", "name") ?? readText(value, "metadata", "name") ?? "";
    const made = readText(value, "spec", "target", "manifest", "kind") === "ConfigMap" ? "ConfigMap" : "Secret";
    return [{ kind: made, namespace, name }];
  }
  if (id === "secrets-store.csi.x-k8s.io/SecretProviderClass") {
    return secrets(readList(value, "spec", "secretObjects").map((item) => readText(item, "secretName")));
  }
  if (id === "isindir.github.com/SopsSecret") {
    return secrets(readList(value, "spec", "secretTemplates").map((item) => readText(item, "name")));
  }
  const first = (paths: readonly FieldPath[] = []) =>
    paths.map((path) => readText(value, ...path)).find((name) => name !== undefined && name !== "");
  const spread = first(SPREADING.get(id));
  if (spread === undefined) return secrets([first(SECRET_NAMES.get(id))]);
  return (["ConfigMap", "Secret"] as const).map((made) => ({ kind: made, namespace: "", name: spread }));
}

/** Annotations by which controllers make Secrets: cert-manager's of Ingresses, OpenShift's of Services. */
function madeByAnnotation({ manifest, value }: PolicyObject): readonly Offer[] {
  const { namespace } = manifest.resource;
  const annotations = annotationsOf(value);
  const isIssued = [...annotations.keys()].some((key) => /^(cert-manager\.io|kubernetes\.io\/tls-acme)/u.test(key));
  const tls = isIssued ? readList(value, "spec", "tls").map((item) => readText(item, "secretName")) : [];
  const serving = annotations.get("service.beta.openshift.io/serving-cert-secret-name");
  return [...tls, serving].flatMap((name) => (name === undefined ? [] : [{ kind: "Secret", namespace, name }]));
}

/** Reflector and replicators copy ConfigMaps and Secrets to other namespaces. */
function isCopied({ value }: PolicyObject): boolean {
  return [...annotationsOf(value).keys()].some((key) => /reflector|replicator|kubed|config-syncer/u.test(key));
}

function annotationsOf(value: PolicyObject["value"]): ReadonlyMap<string, string> {
  const annotations = readMap(value, "metadata", "annotations");
  if (!isMap(annotations)) return new Map();
  return new Map([...annotations].flatMap(([key, text]) => (typeof text === "string" ? [[key, text] as const] : [])));
}
