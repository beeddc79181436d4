import { quoteName, type FieldPath, type ManifestMap, type ManifestValue } from "../../model/index.ts";
import { isPlaceholder } from "../quote-name.ts";
import { isMap, readInteger, readList, readMap, readText, readValue } from "../read-value.ts";
import type { Claim, ClaimRule, PolicyObject } from "../rule.ts";

/**
 * `ingress-collision`: two resources that certainly end up in one cluster want the requests of the same host and path,
 * at the same Ingress class or the same Gateway. Left out: rules without a host (every load balancer has its own),
 * canaries, and what tells requests apart by more than host and path.
 */
export const ingressCollision: ClaimRule = {
  scope: "repository",
  kinds: new Set(["networking.k8s.io/Ingress", "extensions/Ingress", "gateway.networking.k8s.io/HTTPRoute"]),
  id: "ingress-collision",
  title: "Hosts claimed twice",
  why: "When two resources claim a host and path, one of them gets the requests of the other, and which one can change.",
  fix: "Give one of them another host or path, or remove it.",
  link: "https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-rules",
  levels: { default: "error", baseline: "error", strict: "error" },
  isAnnotationEnough: false,
  since: "0.1.0",
  claims(object) {
    const claims = object.manifest.resource.kind === "Ingress" ? ingressClaims(object) : routeClaims(object);
    // One resource may say the same thing twice; it collides with others only.
    return [...new Map(claims.map((claim) => [claim.key, claim])).values()];
  },
};

const CLASS_ANNOTATION = "kubernetes.io/ingress.class";

/** Annotations by which controllers split the requests of one host and path. */
const SPLITTING =
  /^(traefik\.ingress\.kubernetes\.io\/router\.entrypoints|konghq\.com\/(headers\..+|methods|protocols|snis)|(alb\.ingress\.kubernetes\.io\/(conditions\..+|group\.name|listen-ports|scheme)))$/u;

function ingressClaims({ value }: PolicyObject): readonly Claim[] {
  const annotations = readMap(value, "metadata", "annotations");
  if (isCanary(annotations)) return [];
  const className = readText(value, "spec", "ingressClassName") ?? readText(annotations, CLASS_ANNOTATION) ?? "";
  const splits = [...(annotations ?? [])]
    .filter(([key]) => SPLITTING.test(key))
    .map(([key, text]) => [key, show(text)]);
  return readList(value, "spec", "rules").flatMap((rule, index) => {
    const host = readHost(readValue(rule, "host"));
    if (host === undefined) return [];
    return readList(rule, "http", "paths").flatMap((item, place): Claim[] => {
      if (!isMap(item)) return [];
      const path = item.get("path") ?? "/";
      if (typeof path !== "string" || isPlaceholder(path)) return [];
      const type = readText(item, "pathType") ?? "ImplementationSpecific";
      const key = JSON.stringify(["ingress", className, host, type, trimPath(path, type), splits]);
      const at: FieldPath = ["spec", "rules", index, "http", "paths", place];
      const ofClass = className === "" ? "" : ` (class ${quoteName(className)})`;
      const what = `Path ${quoteName(path)} of host ${quoteName(host)}${ofClass}`;
      return [{ key, path: item.has("path") ? [...at, "path"] : at, what }];
    });
  });
}

/** ingress-nginx and others take a share of another Ingress's requests on purpose. */
function isCanary(annotations: ManifestMap | undefined): boolean {
  return [...(annotations ?? [])].some(([key, text]) => /\/canary$/u.test(key) && text === "true");
}

/** A prefix is matched by whole segments, so a slash at its end says nothing. */
function trimPath(path: string, type: string): string {
  return type === "Exact" ? path : path.replace(/(?<=.)\/$/u, "");
}

/** What charts made by `helm create` have until somebody writes a host: they are rendered, and nobody deploys them. */
const SAMPLE_HOST = "chart-example.local";

/** Lower-case; undefined for none, for a placeholder and for what is no text. */
function readHost(value: ManifestValue | undefined): string | undefined {
  if (typeof value !== "string" || value === "" || value === SAMPLE_HOST || isPlaceholder(value)) return undefined;
  return value.toLowerCase();
}

/**
 * Routes of one Gateway share hosts by design and are told apart by their matches, so a claim is a host with a match.
 * Without a namespace it is not known which Gateway is meant.
 */
function routeClaims({ manifest, value }: PolicyObject): readonly Claim[] {
  const hosts = readList(value, "spec", "hostnames").flatMap((item, index) => {
    const host = readHost(item);
    return host === undefined ? [] : [{ host, index }];
  });
  const parents = readList(value, "spec", "parentRefs").flatMap((item) =>
    readParent(item, manifest.resource.namespace),
  );
  const matches = readList(value, "spec", "rules").flatMap(readMatches);
  return [...combine(parents, hosts, matches)];
}

/** More than any route has; the product of three long lists would not end. */
const MOST_CLAIMS = 5000;

function* combine(
  parents: readonly Parent[],
  hosts: readonly { readonly host: string; readonly index: number }[],
  matches: readonly RouteMatch[],
): Iterable<Claim> {
  let left = MOST_CLAIMS;
  for (const parent of parents) {
    for (const { host, index } of hosts) {
      for (const match of matches) {
        if (left-- <= 0) return;
        yield {
          key: JSON.stringify(["route", parent.key, host, match.key]),
          path: ["spec", "hostnames", index],
          what: `Path ${quoteName(match.path)} of host ${quoteName(host)} (Gateway ${quoteName(parent.name)})`,
        };
      }
    }
  }
}

interface Parent {
  readonly key: string;
  readonly name: string;
}

function readParent(value: ManifestValue, ownNamespace: string): readonly Parent[] {
  const name = readText(value, "name");
  const namespace = readText(value, "namespace") ?? ownNamespace;
  if (name === undefined || namespace === "" || isPlaceholder(name)) return [];
  const [group, kind] = [readText(value, "group") ?? "gateway.networking.k8s.io", readText(value, "kind") ?? "Gateway"];
  const key = [group, kind, namespace, name, readText(value, "sectionName") ?? "", readInteger(value, "port") ?? 0];
  return [{ key: JSON.stringify(key), name }];
}

interface RouteMatch {
  readonly key: string;
  readonly path: string;
}

/** A rule without matches takes everything below `/`. */
function readMatches(rule: ManifestValue): readonly RouteMatch[] {
  if (!isMap(rule)) return [];
  const matches = readList(rule, "matches");
  if (matches.length === 0) return [{ key: JSON.stringify(["PathPrefix", "/", []]), path: "/" }];
  return matches.filter(isMap).map((match) => {
    const type = readText(match, "path", "type") ?? "PathPrefix";
    const path = readText(match, "path", "value") ?? "/";
    const rest = [...match].filter(([key]) => key !== "path").map(([key, item]) => [key, show(item)]);
    return { key: JSON.stringify([type, trimPath(path, type === "PathPrefix" ? "" : "Exact"), rest]), path };
  });
}

/** A value as text, for comparing. */
function show(value: ManifestValue): string {
  return JSON.stringify(value, (_key, item: unknown) => (item instanceof Map ? [...(item as ManifestMap)] : item));
}
