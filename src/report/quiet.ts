import type { ReportOutline } from "./outline.ts";
import { count, listPhrase } from "./phrase.ts";

/** What the report looked at and does not write out, one sentence a kind. */
export function describeQuiet(outline: ReportOutline): string[] {
  const quiet = outline.quietApps.length;
  const noise = outline.noiseChanges;
  const mended = outline.mended.map(({ id }) => id);
  return [
    ...(mended.length > 0
      ? [
          `${listPhrase(mended, 3)} ${mended.length === 1 ? "renders" : "render"} again; the base did not, so nothing tells what differs there`,
        ]
      : []),
    ...(quiet > 0 ? [`${count(quiet, "app")} looked at without a difference`] : []),
    ...(noise > 0
      ? [
          `${count(noise, "change")} that ${noise === 1 ? "is" : "are"} only noise (labels, checksums, timestamps), folded away`,
        ]
      : []),
  ];
}
