import { printSection } from "./print-section.ts";
import type { RepositoryConfig } from "./repository.ts";

/** All that a default branch's config asks of changes and of people, as text: equal texts ask the same. */
export function printRuling({
  rules,
  mode,
  commands,
  merge,
}: Pick<RepositoryConfig, "rules" | "mode" | "commands" | "merge">): string {
  return printSection([rules, mode, commands, merge]);
}
