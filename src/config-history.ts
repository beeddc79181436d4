import type { Repository } from "./git/index.ts";
import type { ObjectId } from "./model/index.ts";
import { CONFIG_FILE, type ConfigHistory } from "./pipeline/load-config.ts";

/** How many earlier versions of the config are tried for a valid one. */
const VERSIONS = 50;

/**
 * Earlier versions of the config before a commit, read only when they are asked for. `bring` fetches them in one go
 * where the repository holds history without its files.
 */
export function historyOf(
  repository: Pick<Repository, "fileVersions" | "fileHistory">,
  commit: ObjectId,
  bring?: (ids: readonly ObjectId[]) => Promise<unknown>,
): ConfigHistory {
  return async function* () {
    await bring?.(await repository.fileVersions(commit, CONFIG_FILE, VERSIONS));
    yield* repository.fileHistory(commit, CONFIG_FILE, VERSIONS);
  };
}
