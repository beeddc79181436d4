import type { Doors } from "./doors.ts";
import { UsageError } from "../model/index.ts";

/** Writes a result to a file that the user named. Rejects with a UsageError that says why it could not be. */
export async function writeOutput(doors: Pick<Doors, "writeFile">, file: string, text: string): Promise<void> {
  try {
    await doors.writeFile(file, text);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
    throw new UsageError(`${file} cannot be written${code}`, { cause });
  }
}
