import { quoteName } from "./quote-text.ts";

const PLAIN_KEY = /^[A-Za-z_$][\w$-]*$/u;
const PLAIN_ITEM = /^[\w./:@-]{1,80}$/u;

/** A label grown by a key: `spec` + `replicas` is `spec.replicas`, a key with dots or odd characters is quoted. */
export function labelKey(label: string, key: string): string {
  if (!PLAIN_KEY.test(key)) return `${label}[${quoteName(key, 200)}]`;
  return label === "" ? key : `${label}.${key}`;
}

/** What stands between the brackets for an item told apart by keys: `name=web`, `containerPort=80,protocol=TCP`. */
export function describeItem(keys: readonly (readonly [key: string, value: string])[]): string {
  return keys.map(([key, value]) => `${key}=${PLAIN_ITEM.test(value) ? value : quoteName(value)}`).join(",");
}
