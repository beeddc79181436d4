import type { Issue, Label } from "../../world/entities.ts";
import { fullName } from "../../world/repositories.ts";
import { read, type World } from "../../world/store.ts";
import { nodeId, type Json } from "./json.ts";

/** The labels of an issue or pull request. */
export function describeLabels(world: World, { labelIds }: Issue): Json[] {
  return labelIds.map((id) => describeLabel(world, read(world, "labels", { id })));
}

export function describeLabel(world: World, label: Label): Json {
  const full = fullName(world, { id: label.repositoryId });
  return {
    id: label.id,
    node_id: nodeId("LA", label.id),
    url: `${world.addresses.api}/repos/${full}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description,
  };
}
