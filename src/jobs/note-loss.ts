import { AccessLostFault, Fault, type AccessLoss, type Task } from "../model/index.ts";
import type { RepositoryFacts } from "./ports.ts";
import type { JobServices } from "./services.ts";

/**
 * Notes that a repository is out of reach; false when it is not. Who asked by a name that it has no more was told that
 * there is none (T49), and a sweep may have learned the new name since: what is noted then would hide it until the next.
 */
export async function noteLoss(
  repository: RepositoryFacts,
  loss: AccessLoss,
  { github, records, log }: Pick<JobServices, "github" | "records" | "log">,
): Promise<boolean> {
  const { repositoryId } = repository;
  const found = loss === "not-found" ? await findLoss(repository, github) : loss;
  if (found === undefined || !(await records.noteAccessLost(repository, found))) return false;
  log.warn({ repository: repositoryId, loss: found }, "a repository is out of reach");
  return true;
}

async function findLoss(repository: RepositoryFacts, github: JobServices["github"]): Promise<AccessLoss | undefined> {
  try {
    await github.repository(repository).readFacts();
    return undefined;
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    // Whatever else keeps it from being seen says nothing about a loss: the work meets it again.
    return fault instanceof AccessLostFault && fault.loss !== "permission" ? fault.loss : undefined;
  }
}

/** What a task ends with that ended with `fault`: work in a repository that is there after all is tried again. */
export async function settleLoss(task: Task, fault: unknown, services: JobServices): Promise<unknown> {
  if (!(fault instanceof AccessLostFault) || fault.loss === "permission" || !("repositoryId" in task)) return fault;
  const repository = await services.records.readRepository(task.repositoryId);
  if (repository === undefined || (await noteLoss(repository, fault.loss, services))) return fault;
  return new Fault(fault.message, { cause: fault, isRetryable: true });
}
