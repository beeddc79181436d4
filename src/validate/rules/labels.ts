import { quoteName, type FieldPath, type Manifest, type RawFinding } from "../../model/index.ts";
import { checkLabelValue, checkQualifiedName } from "../names.ts";
import { type PlainObject, readAllMetadata, readObject } from "../read-metadata.ts";
import { findAt, isPlaceholder, type RuleFacts } from "../rule.ts";

/** Keys and values together, in bytes (`TotalAnnotationSizeLimitB` of apimachinery). */
const MAX_ANNOTATIONS = 256 * 1024;

/** Groups whose `spec.template` is known to be a pod template. */
const TEMPLATED_GROUPS = new Set(["", "apps", "batch"]);

/**
 * `invalid-label` and `invalid-annotation`: keys, and values of labels, that the API server refuses, on the object
 * and on its pod templates. Values of a wrong type are for the schema check.
 */
export function checkLabels(manifests: readonly Manifest[], facts: RuleFacts): readonly RawFinding[] {
  return manifests.flatMap((manifest) =>
    readAllMetadata(manifest, TEMPLATED_GROUPS.has(manifest.resource.group)).flatMap(([path, metadata]) => [
      ...checkLabelMap(manifest, [...path, "labels"], readObject(metadata, ["labels"]), facts),
      ...checkAnnotations(manifest, [...path, "annotations"], readObject(metadata, ["annotations"]), facts),
    ]),
  );
}

function checkLabelMap(
  manifest: Manifest,
  path: FieldPath,
  labels: PlainObject | undefined,
  facts: RuleFacts,
): readonly RawFinding[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => {
    const keyProblem = isPlaceholder(key, facts) ? undefined : checkQualifiedName(key);
    const hasValue = typeof value === "string" && !isPlaceholder(value, facts);
    const valueProblem = hasValue ? checkLabelValue(value) : undefined;
    const tell = (message: string) => findAt(manifest, "invalid-label", "error", [...path, key], message);
    return [
      ...(keyProblem === undefined ? [] : [tell(`Kubernetes refuses the label key ${quoteName(key)}: ${keyProblem}.`)]),
      ...(valueProblem === undefined
        ? []
        : [
            tell(
              `Kubernetes refuses the value ${quoteName(String(value))} of label ${quoteName(key)}: ${valueProblem}.`,
            ),
          ]),
    ];
  });
}

function checkAnnotations(
  manifest: Manifest,
  path: FieldPath,
  annotations: PlainObject | undefined,
  facts: RuleFacts,
): readonly RawFinding[] {
  const entries = Object.entries(annotations ?? {});
  const tell = (at: FieldPath, message: string) => findAt(manifest, "invalid-annotation", "error", at, message);
  const findings = entries.flatMap(([key]) => {
    // Kubernetes looks at annotation keys as if they were lower-case.
    const problem = isPlaceholder(key, facts) ? undefined : checkQualifiedName(key.toLowerCase());
    return problem === undefined
      ? []
      : [tell([...path, key], `Kubernetes refuses the annotation key ${quoteName(key)}: ${problem}.`)];
  });
  const bytes = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
  if (bytes <= MAX_ANNOTATIONS) return findings;
  return [
    ...findings,
    tell(path, `The annotations are ${bytes} bytes together; Kubernetes takes at most ${MAX_ANNOTATIONS}.`),
  ];
}

function byteLength(value: unknown): number {
  return typeof value === "string" ? Buffer.byteLength(value) : 0;
}
