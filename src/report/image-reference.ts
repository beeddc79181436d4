/** `registry:5000/shop/web:1.2` → the repository and what follows it (`:1.2`, `@sha256:…` or nothing). */
export function splitImage(reference: string): { readonly repository: string; readonly version: string } {
  const digest = reference.indexOf("@");
  const named = digest === -1 ? reference : reference.slice(0, digest);
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const end = colon === -1 ? named.length : colon;
  return { repository: reference.slice(0, end), version: reference.slice(end) };
}

/**
 * What changes about an image, in the fewest words: the repository once where only tag or digest move. `from` is
 * undefined for one that is added, `to` for one that is removed.
 */
export function describeImageChange(
  before: string | undefined,
  after: string | undefined,
): { readonly repository: string; readonly from: string | undefined; readonly to: string | undefined } {
  const old = before === undefined ? undefined : splitImage(before);
  const next = after === undefined ? undefined : splitImage(after);
  const repository = (next ?? old)?.repository ?? "";
  const isMoved = old !== undefined && next !== undefined && old.repository !== next.repository;
  const show = (image: typeof old, whole: string | undefined): string | undefined => {
    if (image === undefined) return undefined;
    return isMoved ? (whole ?? "") : image.version.replace(/^:/u, "") || "(no tag)";
  };
  return { repository, from: show(old, before), to: show(next, after) };
}
