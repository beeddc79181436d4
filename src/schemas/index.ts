export { crdListKeys } from "./list-keys.ts";
export { type KubernetesSchemas, loadKubernetesSchemas, readBundledVersions } from "./load-kubernetes-schemas.ts";
export { QUANTITY_PATTERN } from "./make-standalone.ts";
export { readServedKinds } from "./served-kinds.ts";
export { type PickedVersion, pickVersion } from "./pick-version.ts";
