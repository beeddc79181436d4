import type { DesiredCheck } from "../model/index.ts";
import { CHECK_NAMES } from "../model/index.ts";

/** All checks as they stand while a head is being looked at, the gate first. `page` is a path on our own server. */
export function progressChecks(page?: string): readonly DesiredCheck[] {
  return CHECK_NAMES.map((name) => ({
    name,
    state: "in_progress",
    title: "Rendering and checking what this would deploy",
    summary: "The result replaces this in a moment. Large changes take longer.",
    text: "",
    annotations: [],
    page,
  }));
}
