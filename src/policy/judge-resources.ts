import type { PolicyConfig } from "../config/index.ts";
import { decodeManifest, type Level, type Manifest, type RawFinding } from "../model/index.ts";
import { levelOfRule, optionsOf } from "./levels.ts";
import { isMap } from "./read-value.ts";
import type { BuiltInRule, PolicyFacts, PolicyHit, PolicyObject } from "./rule.ts";

/**
 * What the built-in rules that are on say of the resources of one app on one side. Nothing is decoded when no rule is
 * on. Never throws, whatever the manifests hold.
 */
export function judgeResources(
  manifests: readonly Manifest[],
  facts: PolicyFacts,
  rules: ReadonlyMap<string, BuiltInRule>,
  config: PolicyConfig,
): readonly RawFinding[] {
  const active = [...rules.values()].flatMap((rule) => {
    const level = levelOfRule(rule, config, facts.environment);
    return level === "off" ? [] : [{ rule, level, options: optionsOf(config, rule) }];
  });
  const ofObjects = active.flatMap(({ rule, ...rest }) => (rule.scope === "object" ? [{ rule, ...rest }] : []));
  const ofApps = active.flatMap(({ rule, ...rest }) => (rule.scope === "app" ? [{ rule, ...rest }] : []));
  if (ofObjects.length + ofApps.length === 0) return [];
  const objects = manifests.flatMap(toObject);
  return [
    ...ofObjects.flatMap(({ rule, level, options }) =>
      objects.flatMap((object) => toFindings(rule.id, level, rule.check(object, facts, options))),
    ),
    ...ofApps.flatMap(({ rule, level, options }) => toFindings(rule.id, level, rule.check(objects, facts, options))),
  ];
}

/** None for a document that is no mapping: schemas speak about it. */
export function toObject(manifest: Manifest): readonly PolicyObject[] {
  const value = decodeManifest(manifest);
  return isMap(value) ? [{ manifest, value }] : [];
}

function toFindings(rule: string, level: Level, hits: Iterable<PolicyHit>): readonly RawFinding[] {
  return Array.from(hits, ({ manifest, path, message, key }) => findIn(manifest, { rule, level, path, message, key }));
}

/** A finding about a resource. Its file is known; its line is found where findings are located. */
export function findIn(
  { resource, origin }: Manifest,
  said: Pick<RawFinding, "rule" | "level" | "path" | "message" | "key">,
): RawFinding {
  return { ...said, resource, file: origin.file, line: undefined, column: undefined };
}
