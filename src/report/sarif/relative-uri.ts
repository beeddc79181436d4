/** A path of the repository as a relative URI (RFC 3986): every segment percent-encoded, never read as a scheme. */
export function toRelativeUri(path: string): string {
  if (path === "") return ".";
  return path.toWellFormed().split("/").map(encodeURIComponent).join("/");
}
