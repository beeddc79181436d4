import type { ManifestValue } from "../model/index.ts";
import { findPodSpecs, listContainers } from "./find-pod-specs.ts";
import { parseImage } from "./parse-image.ts";
import { readText } from "./read-field.ts";

/** One container's image, in parts that are equal for two spellings of one image. */
export interface ContainerImage {
  readonly container: string;
  /** Complete: registry and `library/` filled in. */
  readonly repository: string;
  /** The digest where there is one, which is the content; else the repository with its tag. */
  readonly content: string;
}

/** The images that run in a resource, wherever its pod templates stand. */
export function listImages(root: ManifestValue | undefined): readonly ContainerImage[] {
  return findPodSpecs(root).flatMap(({ spec }) =>
    listContainers(spec).flatMap(({ name, value }) => {
      const image = readText(value, "image");
      if (image === undefined) return [];
      const { repository, tag, digest } = parseImage(image);
      const named = repository.replace(/^docker\.io\/(?:library\/(?=[^/]*$))?/u, "");
      return [{ container: name, repository, content: digest ?? `${named}:${tag ?? "latest"}` }];
    }),
  );
}
