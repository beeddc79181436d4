import type { ImageChange, ManifestValue } from "../model/index.ts";
import { findPodSpecs, listContainers } from "./find-pod-specs.ts";
import { parseImage } from "./parse-image.ts";
import { readText } from "./read-field.ts";

/**
 * The containers whose image differs between two sides of a resource, in the head's order, those that are gone last.
 * Two spellings of one image (`nginx:1.27`, `docker.io/library/nginx:1.27`) are no change. A container is named by its
 * name alone where that is unique in the resource.
 */
export function summarizeImages(
  before: ManifestValue | undefined,
  after: ManifestValue | undefined,
): readonly ImageChange[] {
  const [olds, nexts] = [readImages(before), readImages(after)];
  const places = new Set([...nexts.keys(), ...olds.keys()]);
  const names = [...places].map((place) => (nexts.get(place) ?? olds.get(place))?.name ?? "");
  const uses = new Map<string, number>();
  for (const name of names) uses.set(name, (uses.get(name) ?? 0) + 1);
  return [...places].flatMap((place, index) => {
    const [old, next] = [olds.get(place)?.image, nexts.get(place)?.image];
    if (isSameImage(old, next)) return [];
    const name = names[index] ?? "";
    return [{ container: uses.get(name) === 1 ? name : place.slice(1), before: old, after: next }];
  });
}

function readImages(root: ManifestValue | undefined): ReadonlyMap<string, { name: string; image: string }> {
  const images = new Map<string, { name: string; image: string }>();
  for (const { place, spec } of findPodSpecs(root)) {
    for (const container of listContainers(spec)) {
      const image = readText(container.value, "image");
      if (image !== undefined)
        images.set(`${place}/${container.sort}/${container.name}`, { name: container.name, image });
    }
  }
  return images;
}

function isSameImage(before: string | undefined, after: string | undefined): boolean {
  if (before === after) return true;
  if (before === undefined || after === undefined) return false;
  const [old, next] = [parseImage(before), parseImage(after)];
  return old.repository === next.repository && old.tag === next.tag && old.digest === next.digest;
}
