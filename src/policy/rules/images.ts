import { quoteName } from "../../model/index.ts";
import { isTestHook } from "../pod-templates.ts";
import { type ImageName, isImageBelow, listImages, readImage, type UsedImage } from "../read-image.ts";
import type { ObjectRule, PolicyHit, PolicyObject } from "../rule.ts";

/** `image-tag`: the tag is `latest`, or there is neither tag nor digest. */
export const imageTag: ObjectRule = {
  scope: "object",
  id: "image-tag",
  title: "Images without a fixed tag",
  why: "What `latest` names changes without a commit: nodes run different versions of it, and a rollback brings nothing back.",
  fix: "Give the image a version tag, or a digest.",
  link: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
  levels: { default: "off", baseline: "warning", strict: "error" },
  isAnnotationEnough: true,
  since: "0.1.0",
  check: (object) =>
    isTestHook(object)
      ? []
      : judgeImages(object, (image, used) => {
          if (image.digest !== undefined || (image.tag !== undefined && image.tag !== "latest")) return undefined;
          const what = image.tag === undefined ? "has no tag, which means latest" : "has the tag latest";
          return `${describe(used)} ${what}. Give it a version tag or a digest.`;
        }),
};

/** `image-digest`: there is no digest. Its option `exempt` lists registries and prefixes that need none. */
export const imageDigest: ObjectRule = {
  scope: "object",
  id: "image-digest",
  title: "Images without a digest",
  why: "A tag can be moved to another image at any time; only a digest names what was tested and reviewed.",
  fix: "Add the digest to the image: name:tag@sha256:…",
  link: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
  levels: { default: "off", baseline: "off", strict: "warning" },
  isAnnotationEnough: true,
  since: "0.1.0",
  options: ["exempt"],
  check: (object, _facts, options) => {
    const exempt = options.get("exempt") ?? [];
    if (isTestHook(object)) return [];
    return judgeImages(object, (image, used) =>
      image.digest !== undefined || exempt.some((prefix) => isImageBelow(image, prefix))
        ? undefined
        : `${describe(used)} has no digest. Add it: name:tag@sha256:…`,
    );
  },
};

/**
 * `image-registry`: the image comes from none of the registries and prefixes of the option `allowed`; says nothing
 * where the option is not set. What is no image reference is from none of them.
 */
export const imageRegistry: ObjectRule = {
  scope: "object",
  id: "image-registry",
  title: "Images from other registries",
  why: "Who controls a registry controls what runs: images belong to registries that are scanned and kept.",
  fix: "Use an image of an allowed registry, or copy it to one.",
  link: "https://kubernetes.io/docs/concepts/security/security-checklist/#images",
  levels: { default: "off", baseline: "error", strict: "error" },
  isAnnotationEnough: false,
  since: "0.1.0",
  options: ["allowed"],
  check: (object, _facts, options) => {
    const allowed = options.get("allowed") ?? [];
    if (allowed.length === 0) return [];
    return listImages(object).flatMap((used): PolicyHit[] => {
      const image = readImage(used.text);
      if (image !== undefined && allowed.some((prefix) => isImageBelow(image, prefix))) return [];
      const source = image === undefined ? used.text.slice(0, 300) : `${image.registry}/${image.repository}`;
      const why = image === undefined ? "is no image reference" : `comes from ${quoteName(image.registry)}`;
      const message = `${describe(used)} ${why}. Use an image of an allowed registry: ${describeAllowed(allowed)}.`;
      // Another image of a registry that is not allowed is a new finding, another tag is not.
      const key = JSON.stringify([used.user.type, used.user.name, source]);
      return [{ manifest: object.manifest, path: used.path, message, key }];
    });
  },
};

function judgeImages(
  object: PolicyObject,
  judge: (image: ImageName, used: UsedImage) => string | undefined,
): readonly PolicyHit[] {
  return listImages(object).flatMap((used) => {
    const image = readImage(used.text);
    const message = image === undefined ? undefined : judge(image, used);
    return message === undefined ? [] : [{ manifest: object.manifest, path: used.path, message }];
  });
}

function describe({ user, text }: UsedImage): string {
  return `Image ${quoteName(text)} of ${user.type} ${quoteName(user.name)}`;
}

function describeAllowed(allowed: readonly string[]): string {
  const shown = allowed.slice(0, 5).map(quoteName).join(", ");
  return allowed.length > 5 ? `${shown}, …` : shown;
}
