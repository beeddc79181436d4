import type { FieldPath } from "../model/index.ts";
import { containersOf, podTemplateOf } from "./pod-templates.ts";
import { isPlaceholder } from "./quote-name.ts";
import { readList, readText } from "./read-value.ts";
import type { PolicyObject } from "./rule.ts";

/** A container image reference in parts, completed as container runtimes complete it. */
export interface ImageName {
  /** `docker.io` where none is given. */
  readonly registry: string;
  /** Path below the registry, `library/` filled in. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Other names of the registry that is meant when none is given. */
const DOCKER_HUB = new Set(["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"]);

const REFERENCE = /^[A-Za-z0-9][\w.:/@+-]*$/u;
const DIGEST = /^[a-z0-9+.-]+:[0-9a-f]{32,}$/u;

/**
 * Reads an image reference by the rules of the runtimes (github.com/distribution/reference): what is before the first
 * slash is a registry when it has a dot or a port, or is `localhost`. Undefined for what is no reference.
 */
export function readImage(text: string): ImageName | undefined {
  if (text.length > 1024 || !REFERENCE.test(text)) return undefined;
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  if (digest !== undefined && !DIGEST.test(digest)) return undefined;
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  const { registry, repository } = completeName(hasTag ? named.slice(0, colon) : named);
  if (repository.split("/").some((part) => !/^[a-z0-9][a-z0-9._-]*$/u.test(part))) return undefined;
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !/^\w[\w.-]{0,127}$/u.test(tag)) return undefined;
  return { registry, repository, tag, digest };
}

function completeName(name: string): { readonly registry: string; readonly repository: string } {
  const { registry, path } = splitHost(name);
  const isOfficial = registry === "docker.io" && !path.includes("/");
  return { registry, repository: isOfficial ? `library/${path}` : path };
}

/**
 * Whether an image is below a registry (`ghcr.io`, `*.example.com`) or a prefix (`ghcr.io/acme`, `bitnami`), by whole
 * path segments, so that `ghcr.io/acme` does not hold `ghcr.io/acme-corp`. One word is an organisation of Docker Hub,
 * or an official image of it.
 */
export function isImageBelow(image: ImageName, prefix: string): boolean {
  const trimmed = prefix.trim().replace(/\/+$/u, "");
  if (trimmed === "") return false;
  const { registry, path } = splitHost(trimmed.includes("/") || !isHost(trimmed) ? trimmed : `${trimmed}/`);
  const isSameHost = registry.startsWith("*.")
    ? image.registry.endsWith(registry.slice(1))
    : image.registry === registry;
  if (!isSameHost) return false;
  if (path === "" || image.repository === path || image.repository.startsWith(`${path}/`)) return true;
  return image.registry === "docker.io" && image.repository === `library/${path}`;
}

function splitHost(name: string): { readonly registry: string; readonly path: string } {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  if (!isHost(first)) return { registry: "docker.io", path: name };
  const host = first.toLowerCase();
  return { registry: DOCKER_HUB.has(host) ? "docker.io" : host, path: name.slice(slash + 1) };
}

function isHost(text: string): boolean {
  return /[.:]/u.test(text) || text === "localhost";
}

/** An image that a resource runs or mounts. */
export interface UsedImage {
  readonly path: FieldPath;
  readonly text: string;
  /** What uses it, as messages name it: `container "web"`. */
  readonly user: { readonly type: "container" | "volume"; readonly name: string };
}

/**
 * The images of all containers and image volumes. Left out: what is filled in after rendering, and `auto`, which
 * Istio's injection replaces.
 */
export function listImages(object: PolicyObject): readonly UsedImage[] {
  const template = podTemplateOf(object);
  if (template === undefined) return [];
  const ofContainers = containersOf(object).map(({ path, name, container }) => {
    return { path: [...path, "image"], text: readText(container, "image"), type: "container" as const, name };
  });
  const ofVolumes = readList(template.spec, "volumes").map((volume, index) => ({
    path: [...template.path, "spec", "volumes", index, "image", "reference"],
    text: readText(volume, "image", "reference"),
    type: "volume" as const,
    name: readText(volume, "name") ?? `volumes[${index}]`,
  }));
  return [...ofContainers, ...ofVolumes].flatMap(({ path, text, type, name }) =>
    text === undefined || text === "" || text === "auto" || isPlaceholder(text)
      ? []
      : [{ path, text, user: { type, name } }],
  );
}
