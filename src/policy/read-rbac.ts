import { isMap, readList } from "./read-value.ts";
import type { PolicyObject } from "./rule.ts";

export const RBAC_GROUP = "rbac.authorization.k8s.io";

/** One entry of a role's `rules`; anything in its lists that is no text is left out. */
export interface RoleRule {
  readonly index: number;
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Empty for every object. */
  readonly names: readonly string[];
  readonly urls: readonly string[];
}

/** The rules of a Role or ClusterRole; none for other kinds. */
export function readRoleRules({ manifest, value }: PolicyObject): readonly RoleRule[] {
  const { group, kind } = manifest.resource;
  if (group !== RBAC_GROUP || (kind !== "Role" && kind !== "ClusterRole")) return [];
  return readList(value, "rules").flatMap((rule, index) => {
    if (!isMap(rule)) return [];
    const texts = (key: string) => readList(rule, key).filter((item) => typeof item === "string");
    return [
      {
        index,
        groups: texts("apiGroups"),
        resources: texts("resources"),
        verbs: texts("verbs"),
        names: texts("resourceNames"),
        urls: texts("nonResourceURLs"),
      },
    ];
  });
}

/** Whether a rule of a role allows one of the verbs on a resource (`secrets`, `pods/exec`) of an API group. */
export function allows(rule: RoleRule, group: string, resource: string, verbs: readonly string[]): boolean {
  const [, subresource] = resource.split("/");
  const names = ["*", resource, ...(subresource === undefined ? [] : [`*/${subresource}`])];
  return (
    (rule.groups.includes("*") || rule.groups.includes(group)) &&
    rule.resources.some((name) => names.includes(name)) &&
    rule.verbs.some((verb) => verb === "*" || verbs.includes(verb))
  );
}
