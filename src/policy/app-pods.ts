import { bringsOtherObjects, mayMakeUnknownPods } from "./custom-kinds.ts";
import { type LabelSet, type Match, meets, meetsAll, NO_LABELS, readLabels, type Requirement } from "./match-labels.ts";
import { isConfiguredCreator } from "./offers.ts";
import { podTemplateOf } from "./pod-templates.ts";
import { readValue } from "./read-value.ts";
import type { PolicyFacts, PolicyObject } from "./rule.ts";

/** Something with labels that a selector can select. */
export interface Selectable {
  readonly object: PolicyObject;
  /** Empty where the manifest leaves it to whoever applies it. */
  readonly namespace: string;
  readonly labels: LabelSet;
}

/**
 * Whether two objects of one app may live in one namespace. A manifest without one goes to the app's own, which the
 * manifest does not tell.
 */
export function mayShareNamespace(a: string, b: string): boolean {
  return a === b || a === "" || b === "";
}

/** The pods that an app's objects make, as selectors see them. */
export function podsOf(objects: readonly PolicyObject[]): readonly Selectable[] {
  return objects.flatMap((object) => {
    const template = podTemplateOf(object);
    if (template === undefined) return [];
    const labels = readLabels(readValue(template.pod, "metadata", "labels"));
    return [{ object, namespace: object.manifest.resource.namespace, labels: addGivenLabels(object, labels) }];
  });
}

/** Knative labels the pods of a Service with its name and more. */
function addGivenLabels({ manifest }: PolicyObject, labels: LabelSet): LabelSet {
  return manifest.resource.group === "serving.knative.dev" ? { ...labels, isOpen: true } : labels;
}

/** Whether objects of this app may lead to pods that it does not show: then none is missing for certain. */
export function hasUnknownPods(objects: readonly PolicyObject[], facts: Pick<PolicyFacts, "creators">): boolean {
  return objects.some(
    (object) =>
      mayMakeUnknownPods(object) ||
      bringsOtherObjects(object) ||
      (isConfiguredCreator(object, facts) && podTemplateOf(object) === undefined),
  );
}

/**
 * Finds what selectors select among very many objects: those with the label of the selector's first plain condition
 * are looked at, and those of whose labels not all are known.
 */
export class SelectableIndex {
  readonly all: readonly Selectable[];
  readonly #byLabel = new Map<string, Selectable[]>();
  readonly #unclear: Selectable[] = [];
  readonly #namespaces: ReadonlySet<string>;

  constructor(all: readonly Selectable[]) {
    this.all = all;
    this.#namespaces = new Set(all.map((item) => item.namespace));
    for (const item of all) {
      const isUnclear = item.labels.isOpen || [...item.labels.pairs.values()].includes(undefined);
      if (isUnclear) this.#unclear.push(item);
      for (const [key, value] of item.labels.pairs) {
        if (value === undefined || isUnclear) continue;
        const label = JSON.stringify([key, value]);
        const list = this.#byLabel.get(label);
        if (list === undefined) this.#byLabel.set(label, [item]);
        else list.push(item);
      }
    }
  }

  /** Whether there is something in just this namespace, so that it is not all elsewhere. */
  hasNamespace(namespace: string): boolean {
    return this.#namespaces.has(namespace);
  }

  /** Whether something in the namespace is selected; `unclear` where that cannot be known. */
  match(requirements: readonly Requirement[] | undefined, namespace: string): Match {
    let best: Match = "no";
    for (const item of this.#candidates(requirements)) {
      if (!mayShareNamespace(item.namespace, namespace)) continue;
      const match = meetsAll(requirements, item.labels);
      if (match === "yes") return "yes";
      if (match === "unclear") best = "unclear";
    }
    return best;
  }

  /** Labels set while a pod runs are in no template, so a selector with only such conditions is tried on everything. */
  #candidates(requirements: readonly Requirement[] | undefined): readonly Selectable[] {
    for (const requirement of requirements ?? []) {
      const { key, operator, values } = requirement;
      if (operator !== "In" || values.length !== 1 || meets(requirement, NO_LABELS) !== "no") continue;
      return [...(this.#byLabel.get(JSON.stringify([key, values[0]])) ?? []), ...this.#unclear];
    }
    return this.all;
  }
}
