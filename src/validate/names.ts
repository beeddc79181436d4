/** Says what a name has to be like, or undefined when it is like that. */
export type NameCheck = (name: string) => string | undefined;

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/u;
const QUALIFIED = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/u;

/** RFC 1123 label. */
export function checkLabel(name: string): string | undefined {
  if (name.length <= 63 && LABEL.test(name)) return undefined;
  return 'use at most 63 lower-case letters, digits and "-", starting and ending with a letter or digit';
}

/** RFC 1035 label: what Service names were until Kubernetes 1.36. */
export function checkLabel1035(name: string): string | undefined {
  if (name.length <= 63 && LABEL.test(name) && !/^[0-9]/u.test(name)) return undefined;
  return 'use at most 63 lower-case letters, digits and "-", starting with a letter and ending with a letter or digit';
}

/** RFC 1123 subdomain: labels with dots between. */
export function checkSubdomain(name: string): string | undefined {
  if (name.length <= 253 && name.split(".").every((label) => LABEL.test(label))) return undefined;
  return 'use at most 253 lower-case letters, digits, "-" and ".", each part starting and ending with a letter or digit';
}

/** What can stand in the path of a URL. */
export function checkPathSegment(name: string): string | undefined {
  return name === "." || name === ".." || /[/%]/u.test(name)
    ? 'it cannot be "." or ".." nor hold "/" or "%"'
    : undefined;
}

/** Keys of labels and annotations: a name, with or without a domain in front. */
export function checkQualifiedName(key: string): string | undefined {
  const slash = key.indexOf("/");
  const name = key.slice(slash + 1);
  const isPrefixed = slash >= 0;
  if (isPrefixed && checkSubdomain(key.slice(0, slash)) !== undefined)
    return "the part before / has to be a domain name";
  if (name.length <= 63 && QUALIFIED.test(name)) return undefined;
  const what = isPrefixed ? "after the / " : "";
  return `${what}use at most 63 letters, digits, "-", "_" and ".", starting and ending with a letter or digit`;
}

export function checkLabelValue(value: string): string | undefined {
  if (value === "" || (value.length <= 63 && QUALIFIED.test(value))) return undefined;
  return 'use at most 63 letters, digits, "-", "_" and ".", starting and ending with a letter or digit';
}
