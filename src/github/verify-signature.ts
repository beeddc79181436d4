import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Whether one of the secrets signed these bytes, by the `X-Hub-Signature-256` header (T48). The older `X-Hub-Signature`
 * is SHA-1 and never looked at. While a secret is exchanged there are two. No secret, or an empty one, verifies nothing.
 */
export function verifySignature(
  secrets: string | readonly string[],
  rawBody: Uint8Array,
  header: string | undefined,
): boolean {
  const hex = /^sha256=([0-9a-f]{64})$/u.exec(header ?? "")?.[1];
  if (hex === undefined) return false;
  const told = Buffer.from(hex, "hex");
  let isValid = false;
  for (const secret of typeof secrets === "string" ? [secrets] : secrets) {
    if (secret === "") continue;
    // All are compared, whichever fits.
    if (timingSafeEqual(createHmac("sha256", secret).update(rawBody).digest(), told)) isValid = true;
  }
  return isValid;
}
