import type { FreezeRule } from "../config/index.ts";
import type { Stop } from "../model/index.ts";

/** The stop of everything that the organization's own config says, while it lasts. */
export function stopOfOrganization(freeze: FreezeRule | undefined, now: number): readonly Stop[] {
  if (freeze === undefined || (freeze.until !== undefined && freeze.until <= now)) return [];
  return [{ ...{ kind: "freeze", from: "organization", environment: undefined, by: undefined, since: 0 }, ...freeze }];
}
