/**
 * A Kubernetes quantity as an exact product: `digits × 10^exponent × 1024^kibi`. Never a double: 2^53 bytes is 9 PB,
 * and `0.1` has none.
 */
export interface Quantity {
  readonly digits: bigint;
  readonly exponent: number;
  readonly kibi: number;
}

const FORM = /^([+-]?)(\d{1,60})?(?:\.(\d{0,60}))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d{1,3})?$/u;
const DECIMAL = new Map([
  ["n", -9],
  ["u", -6],
  ["m", -3],
  ["k", 3],
  ["M", 6],
  ["G", 9],
  ["T", 12],
  ["P", 15],
  ["E", 18],
]);
const BINARY = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** Reads `10Gi`, `1.5`, `100m`, `1e3`; undefined for anything else. */
export function parseQuantity(text: string): Quantity | undefined {
  const [matched, sign, whole = "", fraction = "", suffix = ""] = FORM.exec(text) ?? [];
  if (matched === undefined || whole + fraction === "") return undefined;
  const digits = BigInt(`${whole}${fraction}`) * (sign === "-" ? -1n : 1n);
  const scale = DECIMAL.get(suffix) ?? (/^[eE][+-]?\d/u.test(suffix) ? Number(suffix.slice(1)) : 0);
  return { digits, exponent: scale - fraction.length, kibi: BINARY.indexOf(suffix) + 1 };
}

/** Negative when `a` is less than `b`, zero when they are the same amount. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  const floor = Math.min(a.exponent, b.exponent);
  const [left, right] = [scaleTo(a, floor), scaleTo(b, floor)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function scaleTo(quantity: Quantity, floor: number): bigint {
  return quantity.digits * 1024n ** BigInt(quantity.kibi) * 10n ** BigInt(quantity.exponent - floor);
}
