import { z } from "zod";
import type { FileReading, PullFile } from "../model/index.ts";
import type { RepositoryCaller } from "./call-repository.ts";

const path = z.string().min(1).max(8192);

const fileSchema: z.ZodType<PullFile> = z
  .object({ filename: path, previous_filename: path.optional() })
  .transform(({ filename, previous_filename: previousPath }) => ({ path: filename, previousPath }));

/** What a pull request changes, as many files as GitHub lists. */
export async function listFiles(caller: RepositoryCaller, number: number): Promise<readonly PullFile[]> {
  const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}/files";
  return await caller.list(route, { entry: fileSchema }, { pull_number: number });
}

/** A directory is a list; of a file beyond 1 MB the encoding is `none`. */
const contentSchema: z.ZodType<FileReading> = z
  .object({ type: z.literal("file"), encoding: z.literal("base64"), content: z.string() })
  .transform(({ content }): FileReading => ({ kind: "text", text: Buffer.from(content, "base64").toString("utf8") }))
  .or(z.unknown().transform((): FileReading => ({ kind: "unreadable" })));

/** A file of a commit; undefined when there is none of that path. */
export async function readFile(
  caller: RepositoryCaller,
  filePath: string,
  commit: string,
): Promise<FileReading | undefined> {
  const route = "GET /repos/{owner}/{repo}/contents/{path}";
  return await caller.find(route, contentSchema, { path: filePath, ref: commit });
}
