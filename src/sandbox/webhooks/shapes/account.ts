import { shapeAccountOrNull, shapeApp, shapeBriefOrganization, shapeInstallation } from "../../shapes/accounts.ts";
import type { World } from "../../world/store.ts";
import type { Json } from "./json.ts";

// Payloads have these as the API does.
export { shapeAccountOrNull as describeAccount, shapeApp as describeApp, shapeInstallation as describeInstallation };

/** The organization that a payload is about; undefined when the owner is a person. */
export function describeOrganization(world: World, id: number): Json | undefined {
  const account = world.accounts.get(id);
  return account?.type === "Organization" ? shapeBriefOrganization(world, account) : undefined;
}
