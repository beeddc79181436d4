import type { ManifestMap, ManifestValue, Risk } from "../../model/index.ts";
import type { Container } from "../find-pod-specs.ts";
import { findPodSpecs, listContainers } from "../find-pod-specs.ts";
import { quoteName, tellAmount } from "../quote-text.ts";
import { isTrue, readField, readItems, readText, readTexts } from "../read-field.ts";
import { listSome } from "./subject.ts";
import type { RiskSubject } from "./subject.ts";

/** Something a pod may do to its node, or a guard it does without. Compared by `key`, told by `words`. */
interface Power {
  readonly key: string;
  readonly id: "host-access" | "privilege-gained" | "hardening-dropped";
  readonly level: Risk["level"];
  readonly words: string;
  /** A guard that was never there is no news: counts only for what existed before. */
  readonly isLossOnly: boolean;
}

/** Privilege and host access that pods of this resource get and did not have. */
export function assessPodSecurity({ before, after }: RiskSubject): readonly Risk[] {
  const olds = collectPowers(before);
  const gained = [...collectPowers(after).values()].filter((power) => !olds.has(power.key));
  const places = listPlaces(before);
  const news = gained.filter((power) => !power.isLossOnly || places.has(placeOf(power)));
  return (["host-access", "privilege-gained", "hardening-dropped"] as const).flatMap((id) => describe(id, news));
}

function describe(id: Power["id"], news: readonly Power[]): readonly Risk[] {
  const powers = news.filter((power) => power.id === id);
  if (powers.length === 0) return [];
  const level = powers.some((power) => power.level === "high") ? "high" : "medium";
  const words = listSome([...new Set(powers.map((power) => power.words))], 4);
  const start = {
    "host-access": "Gains access to the node",
    "privilege-gained": "Gains privileges",
    "hardening-dropped": "Drops a guard",
  };
  return [{ id, level, message: `${start[id]}: ${words}.` }];
}

// The place of a power is its key up to the last tab; neither names nor paths of valid objects hold one, and where
// a hostile one does, the worst is a guard told as dropped.
function placeOf(power: Power): string {
  return power.key.slice(0, power.key.lastIndexOf("\t"));
}

function listPlaces(root: ManifestValue | undefined): ReadonlySet<string> {
  const pods = findPodSpecs(root);
  return new Set([
    ...pods.map((pod) => pod.place),
    ...pods.flatMap((pod) => listContainers(pod.spec).map((container) => containerPlace(pod.place, container))),
  ]);
}

function containerPlace(pod: string, container: Container): string {
  return `${pod}\t${container.name}`;
}

function collectPowers(root: ManifestValue | undefined): ReadonlyMap<string, Power> {
  const powers = findPodSpecs(root).flatMap(({ place, spec }) => [
    ...listPodPowers(place, spec),
    ...listContainers(spec).flatMap((container) =>
      listContainerPowers(containerPlace(place, container), container, spec),
    ),
  ]);
  return new Map(powers.map((power) => [power.key, power]));
}

function listPodPowers(place: string, spec: ManifestMap): readonly Power[] {
  const shared = ["hostNetwork", "hostPID", "hostIPC"].filter((key) => isTrue(spec, key));
  const paths = readItems(spec, "volumes").flatMap((volume) => readText(volume, "hostPath", "path") ?? []);
  return [
    ...shared.map((key) => power(place, "host-access", "high", key)),
    ...paths.map((path) => power(place, "host-access", "high", `host path ${quoteName(path)}`)),
  ];
}

// Capabilities with which a container can leave its sandbox or meddle with the node's network.
const GRAVE_CAPABILITIES = new Set([
  "ALL",
  "SYS_ADMIN",
  "SYS_PTRACE",
  "SYS_MODULE",
  "SYS_RAWIO",
  "NET_ADMIN",
  "BPF",
  "DAC_READ_SEARCH",
]);

function listContainerPowers(place: string, container: Container, spec: ManifestMap): readonly Power[] {
  const own = readField(container.value, "securityContext");
  const of = ` in container ${quoteName(container.name)}`;
  const capabilities = readTexts(own, "capabilities", "add").map((name) => name.replace(/^CAP_/u, ""));
  const ports = readItems(container.value, "ports").flatMap((port) => readText(port, "hostPort") ?? []);
  return [
    ...(isTrue(own, "privileged") ? [power(place, "privilege-gained", "high", `privileged${of}`)] : []),
    ...capabilities.map((name) =>
      power(
        place,
        "privilege-gained",
        GRAVE_CAPABILITIES.has(name) ? "high" : "medium",
        `capability ${quoteName(name)}${of}`,
      ),
    ),
    ...ports
      .filter((port) => port !== "0")
      .map((port) => power(place, "host-access", "medium", `host port ${tellAmount(port)}${of}`)),
    ...listUserPowers(place, of, own, readField(spec, "securityContext")),
    ...listMissingGuards(place, of, own, readField(spec, "securityContext")),
  ];
}

/** A container's security context is laid over its pod's, field by field. */
function listUserPowers(
  place: string,
  of: string,
  own: ManifestValue | undefined,
  pod: ManifestValue | undefined,
): readonly Power[] {
  const effective = (...path: readonly string[]) => readText(own, ...path) ?? readText(pod, ...path);
  const found: Power[] = [];
  if (effective("runAsUser") === "0") found.push(power(place, "privilege-gained", "medium", `runs as root${of}`));
  if (effective("seccompProfile", "type") === "Unconfined") {
    found.push(power(place, "privilege-gained", "medium", `no seccomp profile${of}`));
  }
  if (effective("appArmorProfile", "type") === "Unconfined") {
    found.push(power(place, "privilege-gained", "medium", `no AppArmor profile${of}`));
  }
  if (readText(own, "procMount") === "Unmasked")
    found.push(power(place, "privilege-gained", "high", `unmasked /proc${of}`));
  if (readField(own, "allowPrivilegeEscalation") === true) {
    found.push(power(place, "privilege-gained", "medium", `allowPrivilegeEscalation${of}`));
  }
  return found;
}

function listMissingGuards(
  place: string,
  of: string,
  own: ManifestValue | undefined,
  pod: ManifestValue | undefined,
): readonly Power[] {
  const missing: string[] = [];
  if ((readText(own, "runAsNonRoot") ?? readText(pod, "runAsNonRoot")) !== "true") missing.push("runAsNonRoot: true");
  if (readField(own, "allowPrivilegeEscalation") === undefined) missing.push("allowPrivilegeEscalation: false");
  if (!isTrue(own, "readOnlyRootFilesystem")) missing.push("readOnlyRootFilesystem: true");
  if (!readTexts(own, "capabilities", "drop").includes("ALL")) missing.push("capabilities.drop: [ALL]");
  return missing.map((guard) => ({
    ...power(place, "hardening-dropped", "medium", `${guard}${of}`),
    isLossOnly: true,
  }));
}

function power(place: string, id: Power["id"], level: Power["level"], words: string): Power {
  return { key: `${place}\t${words}`, id, level, words, isLossOnly: false };
}
