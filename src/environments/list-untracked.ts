import { listNames, type PromotionRules } from "../config/index.ts";
import type { EnvironmentChange, FieldChange, ResourceChange, UntrackedChanges } from "../model/index.ts";

/** What is named of one app; the rest is counted. */
const MOST_NAMED = 5;
/** Apps and files that are told. */
const MOST_TOLD = 10;

/** What differs in an app and is nothing that a promotion is told by: fields, and resources that come or go. Noise left out. */
export function findUntracked(changes: readonly ResourceChange[], rules: PromotionRules): UntrackedChanges {
  const found = changes.flatMap(({ action, resource, fields }) => {
    const name = `${resource.kind}/${resource.name}`;
    if (action !== "changed") return [`${name} (${action})`];
    const own = fields.filter((field) => field.noise === undefined && !isTracked(field, rules));
    return own.map(({ label }) => `${name} ${label}`);
  });
  return { named: [...new Set(found)].sort().slice(0, MOST_NAMED), total: new Set(found).size };
}

function isTracked({ path, label }: FieldChange, { track, fields }: PromotionRules): boolean {
  const isImage = path.at(-1) === "image" && /^(?:c|initC|ephemeralC)ontainers$/u.test(String(path.at(-3)));
  if (isImage && track.includes("images")) return true;
  return fields.some((field) => label === field || label.startsWith(`${field}.`) || label.startsWith(`${field}[`));
}

/** Sentences on what passes the order of promotion because it is not tracked. */
export function tellUntracked({ apps, files }: EnvironmentChange): readonly string[] {
  const lines = [
    ...apps.flatMap(({ id, untracked }) => {
      if (untracked === undefined || untracked.total === 0) return [];
      const more = untracked.total - untracked.named.length;
      const names = [...untracked.named, ...(more > 0 ? [`${more} more`] : [])];
      return [`Not tracked in ${id}, and passes: ${listNames(names)}.`];
    }),
    ...files.map(({ path }) => `${path} is not tracked, and passes.`),
  ];
  const more = lines.length - MOST_TOLD;
  return more <= 0 ? lines : [...lines.slice(0, MOST_TOLD), `So do changes of ${more} more apps or files.`];
}
