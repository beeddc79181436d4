import type { Manifest, ManifestValue } from "../model/index.ts";
import { decodeManifest } from "../model/index.ts";

/** Reads a manifest's values. */
export type OpenManifest = (manifest: Manifest) => ManifestValue;

// Deeper than any schema nests, and shallow enough for recursion over it on a default stack.
const MAX_DEPTH = 500;

/**
 * Makes a reader that decodes each manifest once at most. What nests deeper than 500 levels becomes one text, so that
 * recursion over the values is bounded; it still differs when the manifest does.
 */
export function createOpenManifest(): OpenManifest {
  const opened = new WeakMap<Manifest, ManifestValue>();
  return (manifest) => {
    const found = opened.get(manifest) ?? decodeManifest({ json: boundDepth(manifest), sealed: manifest.sealed });
    if (typeof found === "object" && found !== null) opened.set(manifest, found);
    return found;
  };
}

function boundDepth(manifest: Manifest): string {
  const { json } = manifest;
  const parts: string[] = [];
  let [depth, copied, start] = [0, 0, 0];
  for (let index = 0; index < json.length; index += 1) {
    const character = json[index];
    if (character === '"') index = findStringEnd(json, index);
    else if (character === "[" || character === "{") {
      depth += 1;
      if (depth === MAX_DEPTH + 1) start = index;
    } else if (character === "]" || character === "}") {
      depth -= 1;
      if (depth !== MAX_DEPTH) continue;
      parts.push(json.slice(copied, start), describeDepths(json.slice(start, index + 1), manifest));
      copied = index + 1;
    }
  }
  return parts.length === 0 ? json : parts.join("") + json.slice(copied);
}

/** The index of the quote that ends the string begun at `start`. */
function findStringEnd(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (end > 0 && isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end < 0 ? json.length : end;
}

function isEscaped(json: string, index: number): boolean {
  let slashes = 0;
  while (json[index - 1 - slashes] === "\\") slashes += 1;
  return slashes % 2 === 1;
}

// A sealed value down there is a null in the JSON: the digest stands for it.
function describeDepths(json: string, manifest: Manifest): string {
  return JSON.stringify(manifest.sealed.length === 0 ? json : `${json} (sealed, ${manifest.digest})`);
}
