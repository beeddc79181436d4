import type { ManifestValue, Risk } from "../../model/index.ts";
import { quoteName } from "../quote-text.ts";
import { readAnnotation, readField, readItems, readText, readTexts } from "../read-field.ts";
import { kindOf, listSome } from "./subject.ts";
import type { RiskSubject } from "./subject.ts";

const REACH = ["ClusterIP", "NodePort", "LoadBalancer"];

/** A Service that can be reached from further outside than before. */
export function assessServiceExposure({ resource, before, after }: RiskSubject): readonly Risk[] {
  if (kindOf(resource) !== "/Service" || after === undefined) return [];
  return [
    ...describeType(before, after),
    ...describeExternalIps(before, after),
    ...describeSourceRanges(before, after),
  ];
}

function describeType(before: ManifestValue | undefined, after: ManifestValue): readonly Risk[] {
  const reach = (value: ManifestValue | undefined) => REACH.indexOf(readText(value, "spec", "type") ?? "ClusterIP");
  if (reach(after) > Math.max(reach(before), 0)) {
    return [exposed("medium", `Is reachable from outside the cluster as ${REACH[reach(after)] ?? ""}.`)];
  }
  const isOpened = reach(after) === 2 && isInternal(before) && !isInternal(after);
  return isOpened ? [exposed("high", "Its load balancer is no longer internal.")] : [];
}

const INTERNAL: readonly (readonly [key: string, value: string])[] = [
  ["service.beta.kubernetes.io/aws-load-balancer-internal", "true"],
  ["service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"],
  ["service.beta.kubernetes.io/azure-load-balancer-internal", "true"],
  ["networking.gke.io/load-balancer-type", "internal"],
  ["cloud.google.com/load-balancer-type", "internal"],
];

function isInternal(value: ManifestValue | undefined): boolean {
  return INTERNAL.some(([key, word]) => readAnnotation(value, key)?.toLowerCase() === word);
}

function describeExternalIps(before: ManifestValue | undefined, after: ManifestValue): readonly Risk[] {
  const added = listNew(before, after, "spec", "externalIPs");
  return added.length === 0 ? [] : [exposed("high", `Answers on the external address ${listSome(added)}.`)];
}

function describeSourceRanges(before: ManifestValue | undefined, after: ManifestValue): readonly Risk[] {
  if (before === undefined || readText(after, "spec", "type") !== "LoadBalancer") return [];
  const path = ["spec", "loadBalancerSourceRanges"] as const;
  if (readItems(before, ...path).length === 0) return [];
  if (readItems(after, ...path).length === 0)
    return [exposed("high", "Its load balancer accepts every source address.")];
  const added = listNew(before, after, ...path);
  return added.length === 0 ? [] : [exposed("medium", `Its load balancer also accepts ${listSome(added)}.`)];
}

function listNew(
  before: ManifestValue | undefined,
  after: ManifestValue,
  ...path: readonly string[]
): readonly string[] {
  const old = new Set(readTexts(before, ...path));
  return readTexts(after, ...path).flatMap((text) => (old.has(text) ? [] : [quoteName(text)]));
}

function exposed(level: Risk["level"], message: string): Risk {
  return { id: "service-exposed", level, message };
}

/** Hosts that an Ingress or a Gateway API route answers for and did not before. */
export function assessHosts({ resource, before, after }: RiskSubject): readonly Risk[] {
  const readHosts = HOST_READERS.get(kindOf(resource));
  if (readHosts === undefined || after === undefined) return [];
  const old = new Set(readHosts(before));
  const added = [...new Set(readHosts(after))].filter((host) => !old.has(host));
  if (added.length === 0) return [];
  const names = listSome(added.map((host) => (host === "" ? "every host" : quoteName(host))));
  return [{ id: "host-exposed", level: "medium", message: `Answers for ${names}.` }];
}

type HostReader = (value: ManifestValue | undefined) => readonly string[];

const readIngressHosts: HostReader = (value) => {
  const hosts = readItems(value, "spec", "rules").map((rule) => readText(rule, "host") ?? "");
  return readField(value, "spec", "defaultBackend") === undefined ? hosts : [...hosts, ""];
};
const readRouteHosts: HostReader = (value) => readTexts(value, "spec", "hostnames");
const readListenerHosts: HostReader = (value) =>
  readItems(value, "spec", "listeners").map((listener) => readText(listener, "hostname") ?? "");

const HOST_READERS: ReadonlyMap<string, HostReader> = new Map([
  ["networking.k8s.io/Ingress", readIngressHosts],
  ["extensions/Ingress", readIngressHosts],
  ["gateway.networking.k8s.io/HTTPRoute", readRouteHosts],
  ["gateway.networking.k8s.io/GRPCRoute", readRouteHosts],
  ["gateway.networking.k8s.io/TLSRoute", readRouteHosts],
  ["gateway.networking.k8s.io/Gateway", readListenerHosts],
]);
