import type { Manifest, ResourceId } from "../model/index.ts";

/** What a resource does where objects come into a cluster. `unasked` ones refuse or change objects, and are not asked. */
export type AdmissionRole = "policy" | "binding" | "kyverno policy" | "exception" | "mutation" | "unasked";

const ROLES: ReadonlyMap<string, AdmissionRole> = new Map<string, AdmissionRole>([
  ["admissionregistration.k8s.io/ValidatingAdmissionPolicy", "policy"],
  ["admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding", "binding"],
  ["admissionregistration.k8s.io/MutatingAdmissionPolicy", "mutation"],
  ["admissionregistration.k8s.io/MutatingAdmissionPolicyBinding", "mutation"],
  ["policies.kyverno.io/ValidatingPolicy", "kyverno policy"],
  ["policies.kyverno.io/NamespacedValidatingPolicy", "kyverno policy"],
  ["policies.kyverno.io/PolicyException", "exception"],
  ["policies.kyverno.io/MutatingPolicy", "mutation"],
  ["policies.kyverno.io/NamespacedMutatingPolicy", "mutation"],
  ["policies.kyverno.io/ImageValidatingPolicy", "unasked"],
  ["policies.kyverno.io/NamespacedImageValidatingPolicy", "unasked"],
  ["kyverno.io/ClusterPolicy", "unasked"],
  ["kyverno.io/Policy", "unasked"],
]);

/** Undefined for what has none. */
export function roleInAdmission({ group, kind }: Pick<ResourceId, "group" | "kind">): AdmissionRole | undefined {
  return ROLES.get(`${group}/${kind}`);
}

/** The rule by which what a policy says is called; undefined for what is no policy that is asked. */
export function admissionRuleOf({ group, kind, namespace, name }: ResourceId): string | undefined {
  const role = roleInAdmission({ group, kind });
  if (role === "policy") return `vap/${name}`;
  if (role !== "kyverno policy") return undefined;
  return kind === "ValidatingPolicy" ? `kyverno/${name}` : `kyverno/${namespace}/${name}`;
}

/** Policies named in a note; there may be hundreds. */
const NAMED = 5;

/** What is in the tree and not applied: one sentence, or none. */
export function noteUnapplied(manifests: readonly Manifest[]): readonly string[] {
  const names = manifests.flatMap(({ resource }) => {
    const role = roleInAdmission(resource);
    const isUnapplied = role === "unasked" || (role === "mutation" && !resource.kind.endsWith("Binding"));
    return isUnapplied ? [`${resource.kind} ${resource.name}`] : [];
  });
  const unique = [...new Set(names)].sort();
  if (unique.length === 0) return [];
  const more = unique.length > NAMED ? ` and ${unique.length - NAMED} more` : "";
  return [`Not applied, so what they change or refuse is not seen here: ${unique.slice(0, NAMED).join(", ")}${more}.`];
}
