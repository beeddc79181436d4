import { createHash } from "node:crypto";
import { resourceKey } from "../judge/index.ts";
import type { App, Manifest, ResourceChange, Trace, Tree } from "../model/index.ts";
import { encodeValue } from "./encode-value.ts";

/**
 * What a change means for one rendered app, as a digest: equal ones are equal changes, whatever commit they stand on.
 * Fields that are noise are left out. A resource that is added or removed counts with all of its content.
 */
export function digestChanges(
  changes: readonly ResourceChange[],
  before: readonly Manifest[],
  after: readonly Manifest[],
): string {
  const wholes = { removed: indexDigests(before), added: indexDigests(after) };
  const lines = changes.filter(isReal).map((change) => {
    const { action, resource, previous, fields, hooks } = change;
    const whole = action === "changed" ? [] : (wholes[action].get(resourceKey(resource)) ?? []);
    const real = fields.filter(({ noise }) => noise === undefined);
    const values = real.map((field) => [field.path, encodeValue(field.before), encodeValue(field.after)]);
    const names = [resource, previous].map((id) => (id === undefined ? null : [resourceKey(id), id.version]));
    return JSON.stringify([action, names, hooks, whole, values.map((value) => JSON.stringify(value)).sort()]);
  });
  return hash(["changes", ...lines.sort()]);
}

/** A change of nothing but noise comes and goes with the base. */
function isReal({ action, fields, noise }: ResourceChange): boolean {
  return action !== "changed" || fields.length === 0 || noise < fields.length;
}

/** One side of an app that could not be rendered: how far the render came, and the tree that it is in. */
export interface UnrenderedSide {
  readonly app: App;
  readonly tree: Tree;
  readonly trace: Trace;
}

/** A file that differs between the two trees, with the ids of what it is on each side; undefined where it is not. */
export interface ChangedInput {
  readonly path: string;
  readonly base: string | undefined;
  readonly head: string | undefined;
}

/**
 * Of an app that could not be rendered on either side: all that it may be made of. A render that stopped early has not
 * read everything, and nobody knows what else it would have: every file of its folder counts beside what it read, and so
 * does every file that changes anywhere.
 */
export async function digestInputs(
  sides: readonly (UnrenderedSide | undefined)[],
  changed: readonly ChangedInput[],
): Promise<string> {
  const lines = ["inputs"];
  for (const side of sides) {
    if (side === undefined) {
      lines.push("absent");
      continue;
    }
    const files: string[] = [];
    for await (const { path, kind, id } of side.tree.walk(side.app.path)) files.push(JSON.stringify([path, kind, id]));
    const facts = side.trace.map((fact) => JSON.stringify(Object.entries(fact).sort()));
    lines.push(JSON.stringify([files, facts.sort()]));
  }
  const changes = changed.map(({ path, base, head }) => JSON.stringify([path, base ?? null, head ?? null]));
  return hash([...lines, ...changes.sort()]);
}

function hash(lines: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(lines)).digest("hex");
}

function indexDigests(manifests: readonly Manifest[]): ReadonlyMap<string, readonly string[]> {
  const groups = Map.groupBy(manifests, ({ resource }) => resourceKey(resource));
  return new Map([...groups].map(([key, group]) => [key, group.map(({ digest }) => digest).sort()]));
}
