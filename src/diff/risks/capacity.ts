import type { FieldChange, Risk } from "../../model/index.ts";
import { compareQuantities, parseQuantity } from "../quantity.ts";
import { tellAmount } from "../quote-text.ts";
import { isTrue, readField, readText } from "../read-field.ts";
import { kindOf } from "./subject.ts";
import type { RiskSubject } from "./subject.ts";

/** A claim, or a claim template in any kind, that asks for less storage than before: no provisioner can do that. */
export function assessVolumeShrink({ fields, action }: RiskSubject): readonly Risk[] {
  if (action !== "changed") return [];
  return fields.filter(isStorageSize).flatMap((field) => {
    const [from, to] = [readText(field.before), readText(field.after)];
    if (from === undefined || to === undefined || !isLess(to, from)) return [];
    const message = `${field.label} shrinks from ${tellAmount(from)} to ${tellAmount(to)}: volumes cannot shrink.`;
    return [{ id: "volume-shrink", level: "high" as const, message }];
  });
}

function isStorageSize({ path }: FieldChange): boolean {
  if (path.at(-1) === "storage") return path.at(-2) === "requests";
  // Operators take the size of a volume as `storage.size`, `volume.size` or `persistence.size`.
  const parent = path.at(-2);
  return path.at(-1) === "size" && (parent === "storage" || parent === "volume" || parent === "persistence");
}

function isLess(to: string, from: string): boolean {
  const [next, old] = [parseQuantity(to), parseQuantity(from)];
  return next !== undefined && old !== undefined && compareQuantities(next, old) < 0;
}

/** Replicas set to zero where there were some; absent means one. */
export function assessScaleDown({ before, after, action }: RiskSubject): readonly Risk[] {
  if (action !== "changed" || readText(after, "spec", "replicas") !== "0") return [];
  const from = readText(before, "spec", "replicas") ?? "1";
  if (from === "0") return [];
  return [{ id: "scaled-to-zero", level: "high", message: `Is scaled from ${tellAmount(from)} to 0 replicas.` }];
}

const SUSPENDABLE = new Set([
  "batch/CronJob",
  "batch/Job",
  "kustomize.toolkit.fluxcd.io/Kustomization",
  "helm.toolkit.fluxcd.io/HelmRelease",
]);

/** Work that no longer runs, or an agent that no longer reconciles. */
export function assessSuspension({ resource, before, after, action }: RiskSubject): readonly Risk[] {
  if (action !== "changed" || !SUSPENDABLE.has(kindOf(resource)) || readField(after, "spec") === undefined) return [];
  if (!isTrue(after, "spec", "suspend") || isTrue(before, "spec", "suspend")) return [];
  return [{ id: "suspended", level: "medium", message: "Is suspended: it no longer runs until that is taken back." }];
}
