import { createHmac, timingSafeEqual } from "node:crypto";

/** Milliseconds that a signature is good for, to either side: clocks of two machines may differ a little. */
const GOOD_FOR = 120_000;

/**
 * The `Authorization` header of a question to the running server. It says the time and an HMAC over time and target
 * (path with query) under a key made of the webhook secret, so whoever else listens on that port learns nothing that
 * opens another question, or this one later.
 */
export function signQuestion(secret: string, target: string, now: number): string {
  const time = String(now);
  return `Drydock ${time}.${sign(secret, time, target)}`;
}

/** Whether a question came from somebody who has the webhook secret, just now, for this target. Takes constant time. */
export function isOwnQuestion(secret: string, target: string, header: string | undefined, now: number): boolean {
  const [, time = "", mac = ""] = /^Drydock (\d{1,16})\.([0-9a-f]{64})$/u.exec(header ?? "") ?? [];
  if (time === "" || Math.abs(now - Number(time)) > GOOD_FOR) return false;
  return timingSafeEqual(Buffer.from(mac, "hex"), Buffer.from(sign(secret, time, target), "hex"));
}

/** A key of its own: nothing that GitHub signs with the secret is a signature here. */
function sign(secret: string, time: string, target: string): string {
  const key = createHmac("sha256", secret).update("drydock doctor").digest();
  return createHmac("sha256", key).update(`${time}\n${target}`).digest("hex");
}
