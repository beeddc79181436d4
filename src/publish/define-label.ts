import type { LabelDefinition } from "../model/index.ts";
import { shorten, toVisible } from "../report/visible-text.ts";

/** GitHub's bounds. */
const NAME_LIMIT = 50;
const DESCRIPTION_LIMIT = 100;

export function defineLabel(name: string, color: string, description: string): LabelDefinition {
  return {
    name: shorten(toVisible(name).trim(), NAME_LIMIT),
    color,
    description: shorten(toVisible(description), DESCRIPTION_LIMIT),
  };
}
