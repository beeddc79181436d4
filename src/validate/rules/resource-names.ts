import { quoteName, type Manifest, type RawFinding } from "../../model/index.ts";
import { checkLabel, checkLabel1035, checkPathSegment, checkSubdomain, type NameCheck } from "../names.ts";
import { readMetadata } from "../read-metadata.ts";
import { findAt, isPlaceholder, minorOf, type RuleFacts } from "../rule.ts";

const RBAC = "rbac.authorization.k8s.io";

/**
 * Kinds whose names are not DNS subdomains, by `pkg/apis/<group>/validation` of Kubernetes. Kinds whose names have a
 * form of their own (an IP address, a signer's path) are only held to what a URL can carry.
 */
const CHECKS = new Map<string, NameCheck>([
  ["/Namespace", checkLabel],
  ["apps/StatefulSet", checkLabel],
  ["batch/CronJob", checkCronJobName],
  [
    "storage.k8s.io/CSIDriver",
    (name) => (name.length > 63 ? "use at most 63 characters" : checkSubdomain(name.toLowerCase())),
  ],
  [`${RBAC}/Role`, checkPathSegment],
  [`${RBAC}/RoleBinding`, checkPathSegment],
  [`${RBAC}/ClusterRole`, checkPathSegment],
  [`${RBAC}/ClusterRoleBinding`, checkPathSegment],
  ["apiregistration.k8s.io/APIService", checkPathSegment],
  ["certificates.k8s.io/CertificateSigningRequest", checkPathSegment],
  ["certificates.k8s.io/ClusterTrustBundle", checkPathSegment],
  ["internal.apiserver.k8s.io/StorageVersion", checkPathSegment],
  ["networking.k8s.io/IPAddress", checkPathSegment],
]);

/** The first minor whose Service names may start with a digit (feature gate RelaxedServiceNameValidation, beta). */
const RELAXED_SERVICE_NAMES = 36;

/** `invalid-name`: names, and prefixes to generate names from, that the API server refuses. */
export function checkResourceNames(manifests: readonly Manifest[], facts: RuleFacts): readonly RawFinding[] {
  return manifests.flatMap((manifest) => checkName(manifest, facts) ?? checkGenerateName(manifest, facts) ?? []);
}

function checkName(manifest: Manifest, facts: RuleFacts): RawFinding | undefined {
  const { kind, name } = manifest.resource;
  if (name === "" || isPlaceholder(name, facts)) return undefined;
  const problem = findNameCheck(manifest, facts)(name);
  if (problem === undefined) return undefined;
  const message = `Kubernetes refuses the ${kind} name ${quoteName(name)}: ${problem}.`;
  return findAt(manifest, "invalid-name", "error", ["metadata", "name"], message);
}

/** A trailing dash is all right in a prefix: more follows. */
function checkGenerateName(manifest: Manifest, facts: RuleFacts): RawFinding | undefined {
  if (manifest.resource.name !== "") return undefined;
  const prefix = readMetadata(manifest)["generateName"];
  if (typeof prefix !== "string" || prefix === "" || isPlaceholder(prefix, facts)) return undefined;
  const problem = findNameCheck(manifest, facts)(prefix.replace(/-$/u, "a"));
  if (problem === undefined) return undefined;
  const message = `Kubernetes refuses the generateName ${quoteName(prefix)}: ${problem}.`;
  return findAt(manifest, "invalid-name", "error", ["metadata", "generateName"], message);
}

function findNameCheck({ resource }: Manifest, facts: RuleFacts): NameCheck {
  const { group, kind } = resource;
  if (group === "" && kind === "Service") {
    return (minorOf(facts.kubernetesVersion) ?? 0) >= RELAXED_SERVICE_NAMES ? checkLabel : checkLabel1035;
  }
  // Of kinds that nothing is known of, an aggregated API server may allow more than Kubernetes itself.
  const usual = facts.scope(group, kind) === undefined ? checkPathSegment : checkSubdomain;
  return CHECKS.get(`${group}/${kind}`) ?? usual;
}

/** The controller appends 11 characters to name its Jobs, whose names become labels. */
function checkCronJobName(name: string): string | undefined {
  return name.length > 52 ? "use at most 52 characters" : checkSubdomain(name);
}
