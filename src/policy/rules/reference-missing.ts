import { quoteName } from "../../model/index.ts";
import { mayShareNamespace } from "../app-pods.ts";
import { bringsOtherObjects, mayMakeUnknownObjects } from "../custom-kinds.ts";
import { listTexts } from "../list-offers.ts";
import { claimTemplatesOf, listReferences, type Reference } from "../list-references.ts";
import { isConfiguredCreator, offersOf, type PartnerKind } from "../offers.ts";
import { containersOf, podTemplateOf } from "../pod-templates.ts";
import { allows, readRoleRules } from "../read-rbac.ts";
import { readList, readText } from "../read-value.ts";
import type { AppRule, PolicyFacts, PolicyObject, Wish } from "../rule.ts";

/**
 * `reference-missing`: pods name a ConfigMap, Secret, ServiceAccount or PersistentVolumeClaim that the app does not
 * have. Silent where something may make it: a controller's kind, one of the config, an operator's object that is named
 * alike or mentions it, a workload that gets its name as an argument, a role of the app that lets its pods create such
 * objects. Other apps that may be in the same cluster count alike, as far as what they bring is remembered with them.
 */
export const referenceMissing: AppRule = {
  scope: "app",
  id: "reference-missing",
  title: "References to objects that are missing",
  why: "A pod does not start while a ConfigMap, Secret, claim or service account that it names is missing.",
  fix: "Correct the name, add the object, mark the reference as optional, or name the kind that makes it in the config.",
  link: "https://kubernetes.io/docs/concepts/configuration/configmap/#using-configmaps",
  levels: { default: "off", baseline: "notice", strict: "warning" },
  most: "warning",
  isAnnotationEnough: true,
  asksOtherApps: true,
  since: "0.1.0",
  *check(objects, facts) {
    if (objects.some(bringsOtherObjects)) return;
    const app = readApp(objects, facts);
    const told = new Set<string>();
    for (const object of objects) {
      const { namespace } = object.manifest.resource;
      told.clear();
      for (const reference of listReferences(object)) {
        const { kind, name, path } = reference;
        const id = `${kind}/${name}`;
        if (told.has(id) || isThere(reference, namespace, app) || mayBeMade(reference, namespace, app)) continue;
        told.add(id);
        const wishes = listWishes(reference, namespace);
        if (facts.isOffered?.(wishes) === true) continue;
        const message = facts.wasOffered?.(wishes) === true ? tellGone(reference) : tell(reference, app);
        yield { manifest: object.manifest, path, message, key: JSON.stringify([kind, name]) };
      }
    }
  },
};

/** What is known of an app that references are looked up in. */
interface KnownApp {
  /** Namespaces in which there is an object, by `<kind>/<name>`. */
  readonly offers: ReadonlyMap<string, ReadonlySet<string>>;
  /** Namespaces in which a kind of the config may make anything. */
  readonly creatorNamespaces: readonly string[];
  /** Kinds that the app's own pods may create. */
  readonly selfMade: ReadonlySet<PartnerKind>;
  /** Names and texts of operators' objects. */
  readonly customNames: readonly string[];
  readonly customTexts: ReadonlySet<string>;
  /** Words in arguments and variables of all containers, where controllers are told what to make. */
  readonly argumentWords: ReadonlySet<string>;
  readonly claims: readonly { readonly prefix: string; readonly namespace: string }[];
  /** Generated names by `<kind>/<name without suffix>`. */
  readonly generated: ReadonlyMap<string, string>;
}

function readApp(objects: readonly PolicyObject[], facts: PolicyFacts): KnownApp {
  const offers = new Map<string, Set<string>>();
  for (const offer of objects.flatMap(offersOf)) {
    const id = `${offer.kind}/${offer.name}`;
    const namespaces = offers.get(id);
    if (namespaces === undefined) offers.set(id, new Set([offer.namespace]));
    else namespaces.add(offer.namespace);
  }
  const configured = objects.filter((object) => isConfiguredCreator(object, facts));
  const operators = objects.filter((object) => mayMakeUnknownObjects(object) && podTemplateOf(object) === undefined);
  return {
    offers,
    creatorNamespaces: [...new Set(configured.map(({ manifest }) => manifest.resource.namespace))],
    selfMade: readSelfMade(objects),
    customNames: operators.map(({ manifest }) => manifest.resource.name).filter((name) => name !== ""),
    customTexts: new Set(operators.flatMap((object) => listTexts(object.value))),
    argumentWords: new Set(objects.flatMap(listArguments).flatMap(splitWords)),
    claims: objects.flatMap(listClaimPrefixes),
    generated: new Map(
      [...offers.keys()].filter((id) => HASH_SUFFIX.test(id)).map((id) => [id.replace(HASH_SUFFIX, ""), id]),
    ),
  };
}

function isThere({ kind, name }: Reference, namespace: string, app: KnownApp): boolean {
  if (kind === "ServiceAccount" && name === "default") return true;
  if (kind === "ConfigMap" && CLUSTER_CONFIG_MAPS.has(name)) return true;
  if ([...(app.offers.get(`${kind}/${name}`) ?? [])].some((own) => mayShareNamespace(own, namespace))) return true;
  return (
    kind === "PersistentVolumeClaim" &&
    app.claims.some(
      (claim) =>
        mayShareNamespace(claim.namespace, namespace) &&
        name.startsWith(claim.prefix) &&
        /^\d+$/u.test(name.slice(claim.prefix.length)),
    )
  );
}

/** Put into every namespace by the cluster, OpenShift, Istio or Linkerd. */
const CLUSTER_CONFIG_MAPS = new Set([
  "istio-ca-root-cert",
  "kube-root-ca.crt",
  "linkerd-identity-trust-roots",
  "openshift-service-ca.crt",
]);

function mayBeMade({ kind, name }: Reference, namespace: string, app: KnownApp): boolean {
  return (
    app.selfMade.has(kind) ||
    app.creatorNamespaces.some((own) => mayShareNamespace(own, namespace)) ||
    app.customTexts.has(name) ||
    app.customNames.some((custom) => name.includes(custom)) ||
    app.argumentWords.has(name)
  );
}

/** What another app may bring in place of the reference: the object, a controller that makes it, an operator's object. */
function listWishes({ kind, name }: Reference, namespace: string): readonly Wish[] {
  const claims = kind === "PersistentVolumeClaim" ? [[{ kind, namespace, name: name.replace(/\d+$/u, "#") }]] : [];
  const makers = ["", ...listParts(name)].map((part) => [{ kind: "Maker" as const, namespace, name: part }]);
  return [[{ kind, namespace, name }], ...claims, [{ kind: "Mention", namespace, name }], ...makers];
}

/** Segments that are looked at: names of real objects have few, and their runs grow with the square. */
const MOST_SEGMENTS = 8;

/** `a-b.c` is made by something called `a`, `b`, `c`, `a-b`, `b.c`, or so itself. */
function listParts(name: string): readonly string[] {
  const pieces = name.split(/([-.])/u, 2 * MOST_SEGMENTS - 1);
  const starts = pieces.flatMap((_, index) => (index % 2 === 0 ? [index] : []));
  return starts
    .flatMap((start) => starts.filter((end) => end >= start).map((end) => pieces.slice(start, end + 1).join("")))
    .filter((part) => part !== "");
}

const RESOURCES: readonly (readonly [PartnerKind, string])[] = [
  ["ConfigMap", "configmaps"],
  ["Secret", "secrets"],
  ["ServiceAccount", "serviceaccounts"],
  ["PersistentVolumeClaim", "persistentvolumeclaims"],
];

function readSelfMade(objects: readonly PolicyObject[]): ReadonlySet<PartnerKind> {
  const rules = objects.flatMap(readRoleRules);
  return new Set(
    RESOURCES.filter(([, resource]) => rules.some((rule) => allows(rule, "", resource, ["create"]))).map(
      ([kind]) => kind,
    ),
  );
}

/** Command lines and plain variables; references themselves are not among them. */
function listArguments(object: PolicyObject): readonly string[] {
  return containersOf(object).flatMap(({ container }) =>
    [
      ...readList(container, "command"),
      ...readList(container, "args"),
      ...readList(container, "env").map((item) => readText(item, "value") ?? null),
    ].filter((item) => typeof item === "string"),
  );
}

/** `--secret=name` and `--secret=namespace/name`; parts of file paths are no names. */
function splitWords(text: string): readonly string[] {
  return text.split(/[\s"',;=]+/u).flatMap((word) => {
    const [first = "", second, third] = word.split("/", 3);
    return first !== "" && second !== undefined && third === undefined ? [word, second] : [word];
  });
}

/** StatefulSets make claims by the names `<template>-<set>-<ordinal>`. */
function listClaimPrefixes(object: PolicyObject): KnownApp["claims"] {
  const { name, namespace } = object.manifest.resource;
  return [...claimTemplatesOf(object)].map((template) => ({ prefix: `${template}-${name}-`, namespace }));
}

/** kustomize ends the names of generated ConfigMaps and Secrets so (`encode` of sigs.k8s.io/kustomize/api/hasher). */
const HASH_SUFFIX = /-[2456789bcdfghkmt]{10}$/u;

function tell({ kind, name }: Reference, app: KnownApp): string {
  const generated = app.generated.get(`${kind}/${name}`)?.slice(kind.length + 1);
  if (generated !== undefined) {
    return `The app has no ${kind} ${quoteName(name)}, but ${quoteName(generated)}: kustomize did not rewrite this name. Put generator and workload into one kustomization, or turn the suffix off.`;
  }
  return `The app has no ${kind} ${quoteName(name)}. Correct the name, or add it; where something else makes it, say so in the config.`;
}

function tellGone({ kind, name }: Reference): string {
  return `No app has the ${kind} ${quoteName(name)} any more: until now another one brought it. Keep it there, or add it here.`;
}
