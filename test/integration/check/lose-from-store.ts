import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const LOSSES = ["crds", "renderings", "snapshots", "every second file", "the end of every file"] as const;
export type Loss = (typeof LOSSES)[number];

/** Takes from a cache directory what a sweep, a full disk or a crash may take. */
export function loseFromStore(directory: string, loss: Loss): void {
  const files = listFiles(directory);
  switch (loss) {
    case "crds":
    case "renderings":
    case "snapshots":
      rmSync(join(directory, loss), { recursive: true, force: true });
      return;
    case "every second file":
      for (const [index, file] of files.entries()) if (index % 2 === 0) rmSync(file);
      return;
    case "the end of every file":
      for (const file of files) writeFileSync(file, readFileSync(file).subarray(0, -3));
  }
}

/** All files below a directory, sorted. */
export function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
