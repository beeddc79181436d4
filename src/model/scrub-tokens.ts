const SCRUBBED = "[scrubbed]";

/**
 * Shapes of what must never be read by anybody: GitHub's tokens (`ghs_…` came as 40 characters and, since 2026, as about
 * 520 with dots in them), JWTs, credentials in an address or an `Authorization` header, private keys. Each expression
 * is linear: one class repeated, with a start that it cannot match again.
 */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/gu, SCRUBBED],
  // Whatever stands before them: the `n` of an escaped line end, the digits of `%20`, the rest of a name.
  [/github_pat_[\w.-]{10,}/gu, SCRUBBED],
  [/gh[oprsu]_[\w.-]{16,}|\bgh[a-z]_[\w.-]{10,}/gu, SCRUBBED],
  // Installation tokens of older GitHub Enterprise Servers.
  [/\bv1\.[0-9a-f]{40}\b/gu, SCRUBBED],
  [/(?:\b|(?<=\\[nrt]|%[0-9a-fA-F]{2}))eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/gu, SCRUBBED],
  [/\b(x-access-token(?::|%3a))[^\s@"']+/giu, `$1${SCRUBBED}`],
  [/(:\/\/)[^\s/@"']{1,2000}@/gu, `$1${SCRUBBED}@`],
  [/\b((?:bearer|basic)\s{1,8})[\w.~+/=-]{8,}/giu, `$1${SCRUBBED}`],
  [
    /\b(authorization["']?\s{0,8}[:=]\s{0,8}["']?)(?!(?:bearer|basic)\b)(token\s{1,8})?[^\s"',;]+/giu,
    `$1$2${SCRUBBED}`,
  ],
  [/\b((?:client|webhook)_secret["']?\s{0,8}[:=]\s{0,8}["']?)[^\s"',;&]+/giu, `$1${SCRUBBED}`],
];

/**
 * The text without anything that has the shape of a token, a credential or a private key (T56). Logs, errors and what
 * is written to GitHub pass through it. It may take a word too many, never one too few.
 */
export function scrubTokens(text: string): string {
  return SHAPES.reduce((scrubbed, [shape, instead]) => scrubbed.replace(shape, instead), text);
}
