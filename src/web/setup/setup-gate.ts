import { getCookie, setCookie } from "hono/cookie";
import { isSameText } from "../is-same-text.ts";
import type { SealedBox } from "../sealed-box.ts";
import { describeCookie } from "../visitors.ts";
import type { WebContext } from "../web-app.ts";

/** Lets the operator in, and nobody else who finds the server first. */
export interface SetupGate {
  /** Stands in the server's log. */
  readonly token: string;
  /** Whether this is the token; it opens the gate once, for one browser, within an hour of the start. */
  enter(context: WebContext, token: string): boolean;
  isOpen(context: WebContext): boolean;
}

export interface GateParts {
  readonly box: SealedBox;
  readonly isHttps: boolean;
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
}

/** Seconds that the token, and the browser that used it, have. GitHub's code for the new App lasts as long. */
export const SETUP_SECONDS = 3600;

export function createSetupGate({ box, isHttps, now, randomBytes }: GateParts): SetupGate {
  const { name, options } = describeCookie("setup", isHttps);
  const token = randomBytes(24).toString("base64url");
  const tokenEnds = now() + SETUP_SECONDS * 1000;
  let isSpent = false;
  return {
    token,
    enter: (context, told) => {
      if (isSpent || now() > tokenEnds || !isSameText(told.trim(), token)) return false;
      isSpent = true;
      const sealed = box.seal(String(now() + SETUP_SECONDS * 1000));
      setCookie(context, name, sealed, { ...options, maxAge: SETUP_SECONDS });
      return true;
    },
    isOpen: (context) => Number(box.open(getCookie(context, name) ?? "") ?? 0) > now(),
  };
}
