import type { ResourceId } from "../model/index.ts";

/** The layout of the schemas that kubeconform's default location has; meant where a location names only a directory. */
const DIRECTORY_TEMPLATE =
  "/{{ .NormalizedKubernetesVersion }}-standalone{{ .StrictSuffix }}/{{ .ResourceKind }}{{ .KindSuffix }}.json";

/**
 * The path or address at which a schema location (kubeconform's path templates) has the schema of a resource; a
 * location that does not end in `json` is a directory laid out as kubeconform's default one. The same expansion as in
 * kubeconform's registry (https://github.com/yannh/kubeconform/blob/master/pkg/registry/registry.go). Variables it
 * does not know are left as they stand, so that nothing is found there.
 */
export function expandSchemaLocation(location: string, resource: ResourceId, kubernetesVersion: string): string {
  const template = location.endsWith("json") ? location : `${location.replace(/\/+$/u, "")}${DIRECTORY_TEMPLATE}`;
  const { group, version, kind } = resource;
  const groupWord = (group === "" ? version : group).split(".")[0] ?? "";
  const suffix = group === "" ? "" : `-${version.toLowerCase()}`;
  const variables = new Map([
    ["NormalizedKubernetesVersion", kubernetesVersion === "master" ? "master" : `v${kubernetesVersion}`],
    ["StrictSuffix", "-strict"],
    ["ResourceKind", kind.toLowerCase()],
    ["ResourceAPIVersion", version],
    ["Group", group === "" ? version : group],
    ["KindSuffix", `-${groupWord.toLowerCase()}${suffix}`],
  ]);
  return template.replace(/\{\{-?\s*\.(\w+)\s*-?\}\}/gu, (text, name: string) => variables.get(name) ?? text);
}

export function isAddress(location: string): boolean {
  return /^https?:\/\//iu.test(location);
}

/** A path in the repository in the form that lookups know: without `./`, doubled slashes or one at the end. */
export function cleanPath(path: string): string {
  return path
    .split("/")
    .filter((step) => step !== "" && step !== ".")
    .join("/");
}
