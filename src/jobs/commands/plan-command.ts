import type { Command, CommandName } from "../../model/index.ts";
import type { JobServices } from "../services.ts";
import { planApprove } from "./approve.ts";
import { planCheck } from "./check.ts";
import type { CommandPlace, PlanCommand, PlannedCommand } from "./command.ts";
import { planDiff } from "./diff.ts";
import { planExplain } from "./explain.ts";
import { planFreeze } from "./freeze.ts";
import { planHelp } from "./help.ts";
import { planHold } from "./hold.ts";
import { planLock } from "./lock.ts";
import { planMerge } from "./merge.ts";
import { planOverride } from "./override.ts";
import { planUnapprove } from "./unapprove.ts";
import { planUnfreeze } from "./unfreeze.ts";
import { planUnhold } from "./unhold.ts";
import { planUnlock } from "./unlock.ts";

const PLANS: { readonly [Name in CommandName]: PlanCommand<Name> } = {
  help: planHelp,
  check: planCheck,
  diff: planDiff,
  explain: planExplain,
  approve: planApprove,
  unapprove: planUnapprove,
  hold: planHold,
  unhold: planUnhold,
  override: planOverride,
  freeze: planFreeze,
  unfreeze: planUnfreeze,
  lock: planLock,
  unlock: planUnlock,
  merge: planMerge,
};

/** What one command would do here, once everything is known to be in order that can be told from its row. */
export function planCommand<Name extends CommandName>(
  { name, args }: Command<Name>,
  place: CommandPlace,
  services: JobServices,
): Promise<PlannedCommand> {
  return PLANS[name](args, place, services);
}
