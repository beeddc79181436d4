import type { Risk } from "../../model/index.ts";
import { isTrue, readText, readTexts } from "../read-field.ts";
import { findKeeper } from "./deletion.ts";
import { kindOf, listSome } from "./subject.ts";
import type { RiskSubject } from "./subject.ts";
import { quoteName } from "../quote-text.ts";

/** Finalizers that are gone: deletion no longer waits for the clean-up they stood for. */
export function assessFinalizers({ before, after, action }: RiskSubject): readonly Risk[] {
  if (action !== "changed") return [];
  const left = new Set(readTexts(after, "metadata", "finalizers"));
  const gone = readTexts(before, "metadata", "finalizers").filter((name) => !left.has(name));
  if (gone.length === 0) return [];
  const names = listSome(gone.map((name) => quoteName(name)));
  return [{ id: "finalizer-removed", level: "medium", message: `Loses the finalizer ${names}.` }];
}

/** An annotation that kept the object from being pruned is gone. */
export function assessKeeper({ before, after, action }: RiskSubject): readonly Risk[] {
  const keeper = action === "changed" ? findKeeper(before) : undefined;
  if (keeper === undefined || findKeeper(after) !== undefined) return [];
  return [{ id: "protection-removed", level: "medium", message: `${keeper} no longer protects it from deletion.` }];
}

const PRUNE_SWITCHES: ReadonlyMap<string, readonly string[]> = new Map([
  ["argoproj.io/Application", ["spec", "syncPolicy", "automated", "prune"]],
  ["argoproj.io/ApplicationSet", ["spec", "template", "spec", "syncPolicy", "automated", "prune"]],
  ["kustomize.toolkit.fluxcd.io/Kustomization", ["spec", "prune"]],
]);

/** An Argo CD or Flux object that begins to delete what is no longer in git. */
export function assessPrune({ resource, before, after, action }: RiskSubject): readonly Risk[] {
  const path = PRUNE_SWITCHES.get(kindOf(resource));
  if (action !== "changed" || path === undefined || !isTrue(after, ...path) || isTrue(before, ...path)) return [];
  return [{ id: "prune-enabled", level: "high", message: "Begins to delete what is no longer in git (prune: true)." }];
}

const PSS = "pod-security.kubernetes.io/enforce";
const STRICTNESS = ["privileged", "baseline", "restricted"];

/** A Namespace that enforces a laxer Pod Security Standard than before. */
export function assessPodSecurityLevel({ resource, before, after, action }: RiskSubject): readonly Risk[] {
  if (kindOf(resource) !== "/Namespace" || action !== "changed") return [];
  const rank = (value: typeof before) => STRICTNESS.indexOf(readText(value, "metadata", "labels", PSS) ?? "privileged");
  if (rank(after) >= rank(before)) return [];
  const message = `Enforces Pod Security "${STRICTNESS[Math.max(rank(after), 0)] ?? ""}" instead of "${STRICTNESS[rank(before)] ?? ""}".`;
  return [{ id: "pod-security-lowered", level: "high", message }];
}
