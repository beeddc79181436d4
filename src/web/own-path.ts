const OWN = "http://own.invalid";

/**
 * A path on this server that a visitor may be sent to: `to` if it is one, else `/`. It is checked as a browser reads it,
 * after dots are resolved: `/.//example.com` leads elsewhere too.
 */
export function toOwnPath(to: string | undefined): string {
  if (to === undefined || to.length > 1000 || !/^\/[\x21-\x5b\x5d-\x7e]*$/u.test(to)) return "/";
  const { origin, pathname, search } = new URL(`${OWN}${to}`);
  if (origin !== OWN || pathname.startsWith("//") || pathname.startsWith("/sign-")) return "/";
  return `${pathname}${search}`;
}
