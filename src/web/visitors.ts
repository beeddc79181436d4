import { createHash } from "node:crypto";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Actor } from "../model/index.ts";
import type { PageRecords, Session } from "./ports.ts";
import type { WebContext } from "./web-app.ts";

/** Who a browser belongs to, known by a cookie. */
export interface Visitors {
  /** Undefined for a browser that nobody signed in with, or whose session is over. */
  read(context: WebContext): Promise<Session | undefined>;
  begin(context: WebContext, actor: Actor): Promise<void>;
  end(context: WebContext): Promise<void>;
}

export interface VisitorParts {
  readonly records: Pick<PageRecords, "keepSession" | "readSession" | "dropSession">;
  readonly isHttps: boolean;
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
}

/** Seconds: a day's work. */
const SESSION = 8 * 60 * 60;

/** Attributes of every cookie of ours; with https its name tells browsers to take it from this host alone. */
export function describeCookie(name: string, isHttps: boolean) {
  return {
    name: isHttps ? `__Host-drydock-${name}` : `drydock-${name}`,
    options: { path: "/", httpOnly: true, sameSite: "Lax", secure: isHttps },
  } as const;
}

/** The id is 256 random bits and known to the browser alone: the database has its SHA-256. */
export function createVisitors({ records, isHttps, now, randomBytes }: VisitorParts): Visitors {
  const { name, options } = describeCookie("session", isHttps);
  const digestOf = (context: WebContext): string | undefined => {
    const id = getCookie(context, name);
    if (id === undefined || !/^[\w-]{43}$/u.test(id)) return undefined;
    return createHash("sha256").update(id).digest("hex");
  };
  const drop = async (context: WebContext): Promise<void> => {
    const digest = digestOf(context);
    if (digest !== undefined) await records.dropSession(digest);
  };
  return {
    read: async (context) => {
      const digest = digestOf(context);
      const session = digest === undefined ? undefined : await records.readSession(digest);
      return session !== undefined && session.expiresAt > now() ? session : undefined;
    },
    begin: async (context, actor) => {
      await drop(context);
      const id = randomBytes(32).toString("base64url");
      const digest = createHash("sha256").update(id).digest("hex");
      await records.keepSession(digest, { actor, expiresAt: now() + SESSION * 1000 });
      setCookie(context, name, id, { ...options, maxAge: SESSION });
    },
    end: async (context) => {
      await drop(context);
      deleteCookie(context, name, options);
    },
  };
}
