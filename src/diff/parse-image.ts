/** A container image reference in parts. `repository` is complete: registry and `library/` filled in. */
export interface ImageReference {
  readonly repository: string;
  /** `latest` where neither tag nor digest is given, as the container runtime reads it. */
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/**
 * Reads an image reference by the rules of the container runtimes (github.com/distribution/reference): the part
 * before the first slash is a registry when it has a dot or a port, or is `localhost`. Never fails: what is no valid
 * reference comes back as a repository of that text.
 */
export function parseImage(text: string): ImageReference {
  const [named = "", digest] = text.split("@", 2);
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  const tag = hasTag ? named.slice(colon + 1) : digest === undefined ? "latest" : undefined;
  return { repository: completeRepository(hasTag ? named.slice(0, colon) : named), tag, digest };
}

function completeRepository(name: string): string {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  if (first === "index.docker.io") return completeRepository(`docker.io/${name.slice(slash + 1)}`);
  if (first === "docker.io" && !name.slice(slash + 1).includes("/"))
    return `docker.io/library/${name.slice(slash + 1)}`;
  if (/[.:]/u.test(first) || first === "localhost") return name;
  return slash < 0 ? `docker.io/library/${name}` : `docker.io/${name}`;
}
