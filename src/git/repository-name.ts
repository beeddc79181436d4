/**
 * `owner/repository` of a remote's URL, whatever its form; undefined for a local path and anything odd. Credentials
 * and host are never part of it.
 */
export function nameFromRemote(url: string): string | undefined {
  const [, path] =
    /^(?:https?|ssh|git|git\+ssh):\/\/[^/]+\/(.+)$/u.exec(url) ??
    /^(?:[^/@:]+@)?[^/:@]{2,}:(?!\/\/)(.+)$/u.exec(url) ??
    [];
  if (path === undefined) return undefined;
  const name = path
    .replace(/[?#].*$/u, "")
    .replace(/^\/+|\/+$/gu, "")
    .replace(/\.git$/u, "");
  return /^[\w.~-]+(?:\/[\w.~-]+)+$/u.test(name) ? name : undefined;
}
