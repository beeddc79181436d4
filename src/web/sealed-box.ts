import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";

/** Keeps what a browser carries for us from being read or changed. */
export interface SealedBox {
  seal(text: string): string;
  /** Undefined for anything that this secret and purpose did not seal. */
  open(sealed: string): string | undefined;
}

const NONCE = 12;
const TAG = 16;

/** AES-256-GCM under a key of its own for each purpose, the same one on every replica that knows the secret. */
export function createSealedBox(secret: string, purpose: string, randomBytes: (size: number) => Buffer): SealedBox {
  const key = Buffer.from(hkdfSync("sha256", secret, "", `drydock: ${purpose}`, 32));
  return {
    seal: (text) => {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url");
    },
    open: (sealed) => {
      const bytes = Buffer.from(sealed, "base64url");
      if (bytes.length < NONCE + TAG) return undefined;
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE), { authTagLength: TAG });
        decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
        return Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]).toString("utf8");
      } catch {
        return undefined;
      }
    },
  };
}
