import type { KeyObject } from "node:crypto";
import type { z } from "zod";
import { AccessLostFault, Fault } from "../model/index.ts";
import type { EtagCache } from "./etag-cache.ts";
import type { Limits } from "./limits.ts";
import { parseAnswer } from "./parse-answer.ts";
import { readPages, type PageList } from "./read-pages.ts";
import type { Answer, ApiRequest, Sender } from "./send-request.ts";
import { signAppJwt } from "./sign-app-jwt.ts";

type Parameters = Readonly<Record<string, unknown>>;

/** GitHub as the App itself, not one of its installations, may use it. */
export interface AppCaller {
  call<T>(route: string, schema: z.ZodType<T>, parameters?: Parameters): Promise<T>;
  list<T>(route: string, list: PageList<T>, parameters?: Parameters): Promise<readonly T[]>;
}

export interface AppIdentity {
  readonly appId: number;
  readonly privateKey: KeyObject;
}

/** Milliseconds: a clock further off than this may be why a JWT was refused. */
const NOTABLE_DRIFT = 5000;

/**
 * Calls with the App's JWT. A refused key is a retryable Fault and no lost access: it is the operator's to mend, and
 * nothing that is kept of an installation may go because of it.
 */
export function createAppCaller(
  sender: Sender,
  cache: EtagCache,
  limits: Limits,
  app: AppIdentity,
  now: () => number,
): AppCaller {
  const send = (request: Omit<ApiRequest, "authorization">, drift: number): Promise<Answer> =>
    sender.send({ ...request, authorization: `Bearer ${signAppJwt(app.appId, app.privateKey, now() + drift)}` });

  const exchange = async (request: Omit<ApiRequest, "authorization">): Promise<Answer> => {
    limits.check("app");
    const drift = sender.clockDrift();
    const isRead = request.route.startsWith("GET ");
    const key = `app ${sender.addressOf({ ...request, authorization: undefined })}`;
    const asked = isRead ? { ...request, etag: cache.etagOf(key) } : request;
    let answer = await send(asked, drift);
    if (answer.status === 401 && Math.abs(sender.clockDrift() - drift) > NOTABLE_DRIFT) {
      answer = await send(asked, sender.clockDrift());
    }
    if (answer.status === 401) {
      const message = `GitHub refuses the App's key (${request.route}): APP_ID and private key do not belong together`;
      throw new Fault(message, { isRetryable: true });
    }
    const settled = isRead ? cache.settle(key, answer) : answer;
    const fault = limits.settle("app", request.route, settled);
    if (fault !== undefined) throw fault;
    return settled;
  };

  return {
    call: async (route, schema, parameters = {}) =>
      parseAnswer(route, schema, (await exchange({ route, parameters })).body),
    list: async (route, list, parameters = {}) => await readPages(route, parameters, list, exchange),
  };
}

/** Makes "no such installation" of "not found": what is asked for is the installation itself. */
export function asUninstalled(fault: unknown): Error {
  if (fault instanceof AccessLostFault && fault.loss === "not-found") {
    return new AccessLostFault("uninstalled", fault.message);
  }
  return fault instanceof Error ? fault : new Error("something that is no error was thrown");
}
