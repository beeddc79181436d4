import { readFileSync } from "node:fs";
import { UsageError } from "./model/index.ts";

/** The text of a file that the user named. Throws a UsageError when it cannot be read. */
export function readGiven(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new UsageError(`${file} cannot be read`, { cause });
  }
}
