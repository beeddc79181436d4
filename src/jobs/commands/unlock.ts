import { refuseCommand, type CommandAnswer, type PlanCommand } from "./command.ts";
import { planLift } from "./lift-stops.ts";
import { listOwnStops } from "./set-stop.ts";

/** Unlocks one's own lock; an admin's word ends anybody's, and says that there is none where the records are new. */
export const planUnlock: PlanCommand<"unlock"> = async ({ environment }, place, services) => {
  const { actor, role, repository, config } = place;
  const { records } = services;
  const locks = await listOwnStops("lock", environment, place, services);
  const isAdmin = role === "admin";
  const others = locks.find(({ by }) => by?.id !== actor.id);
  if (!isAdmin && others !== undefined) {
    return refuseCommand(
      `\`${environment}\` is locked by \`${others.by?.login ?? "ghost"}\`: they or an admin unlock it.`,
    );
  }
  const isUsing = config.rules.environments.some(({ name, usesLocks }) => name === environment && usesLocks);
  const isUnknown = isUsing && !(await records.listConfirmed(repository.repositoryId)).includes(environment);
  if (!isAdmin && isUnknown && locks.length === 0) {
    return refuseCommand(`the records of locks are new: an admin has to say that \`${environment}\` is not locked.`);
  }
  const lift = planLift(locks, `\`${environment}\` is not locked.`, place, services);
  if (!isAdmin || !isUnknown || lift.kind === "refused") return lift;
  const carryOut = async (): Promise<CommandAnswer> => {
    await records.confirmUnlocked(repository.repositoryId, environment, actor);
    return locks.length === 0 ? { intents: [] } : await lift.carryOut();
  };
  return { kind: "planned", carryOut };
};
