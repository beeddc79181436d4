import type { Issue, Label, Ref } from "./entities.ts";
import { change, emit, insert, now, read, select, type World } from "./store.ts";

export function createLabel(
  world: World,
  actor: Ref,
  repository: Ref,
  label: { readonly name: string; readonly color: string; readonly description?: string | undefined },
): Label {
  const { name, color, description = "" } = label;
  const kept = insert(world, "labels", { repositoryId: repository.id, name, color, description });
  emit(world, actor, { kind: "label", action: "created", label: kept });
  return kept;
}

/** Names are compared without case, as GitHub does. */
export function findLabel(world: World, repository: Ref, name: string): Label | undefined {
  const wanted = name.toLowerCase();
  return select(world, "labels", (one) => one.repositoryId === repository.id && one.name.toLowerCase() === wanted)[0];
}

/** Labels that the repository does not have are made, grey. One that is there already stays and says nothing. */
export function addLabel(world: World, actor: Ref, issue: Ref, name: string): void {
  const facts = issueOf(world, issue);
  const repository = { id: facts.repositoryId };
  const label = findLabel(world, repository, name) ?? createLabel(world, actor, repository, { name, color: "ededed" });
  if (facts.labelIds.includes(label.id)) return;
  setLabels(world, issue, [...facts.labelIds, label.id]);
  tell(world, actor, issue, "labeled", label);
}

/** False when the issue did not have it. */
export function removeLabel(world: World, actor: Ref, issue: Ref, name: string): boolean {
  const { labelIds, repositoryId } = issueOf(world, issue);
  const label = findLabel(world, { id: repositoryId }, name);
  if (label === undefined || !labelIds.includes(label.id)) return false;
  setLabels(
    world,
    issue,
    labelIds.filter((id) => id !== label.id),
  );
  tell(world, actor, issue, "unlabeled", label);
  return true;
}

export function labelsOf(world: World, issue: Issue): Label[] {
  return issue.labelIds.map((id) => read(world, "labels", { id }));
}

function issueOf(world: World, { id }: Ref): Issue {
  return world.pullRequests.get(id) ?? read(world, "issues", { id });
}

function setLabels(world: World, { id }: Ref, labelIds: readonly number[]): void {
  const table = world.pullRequests.has(id) ? "pullRequests" : "issues";
  change(world, table, { id }, { labelIds, updatedAt: now(world) });
}

function tell(world: World, actor: Ref, { id }: Ref, action: "labeled" | "unlabeled", label: Label): void {
  if (world.pullRequests.has(id)) emit(world, actor, { kind: "pull_request", pullRequestId: id, action, label });
}
