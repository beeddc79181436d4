import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRepository } from "../../../src/git/index.ts";
import { loadConfig, CONFIG_FILE } from "../../../src/pipeline/load-config.ts";
import type { Store } from "../../../src/pipeline/ports.ts";
import { openWorkbench } from "../../../src/open-workbench.ts";
import { renderReport } from "../../../src/report/index.ts";
import { runCheck } from "../../../src/workbench.ts";

const ROOT = join(import.meta.dirname, "../../..");

type Cleanup = { after(clean: () => void | Promise<void>): void };

export interface CheckedPair {
  readonly json: string;
  readonly exitCode: 0 | 1 | 2;
  readonly rendered: number;
  readonly reused: number;
}

/** One engine and one repository for many checks, each with the store (the memory of earlier checks) it is handed. */
export interface SharedBench {
  check(base: string, head: string, store: Store, options?: { isAll?: boolean }): Promise<CheckedPair>;
}

/** Starts engines once: a test that makes dozens of checks of one repository pays for them once. */
export async function openSharedBench(test: Cleanup, directory: string): Promise<SharedBench> {
  const repository = await openRepository(directory);
  const surroundings = { root: ROOT, cacheDirectory: undefined, path: process.env["PATH"] ?? "" };
  const bench = openWorkbench(surroundings, repository, { cache: false, jobs: 2 });
  test.after(async () => {
    await bench.engine.close();
    await bench.policyEngine.close();
    await repository.close();
  });
  return {
    async check(base, head, store, { isAll = false } = {}) {
      const [before, after] = [await repository.resolveRef(base), await repository.resolveRef(head)];
      const baseTree = repository.openTree(before.tree);
      const config = await loadConfig(baseTree, () => repository.fileHistory(before.tree, CONFIG_FILE, 1));
      const { report, rendered, reused } = await runCheck(
        { ...bench, store },
        {
          repository: repository.name,
          base: before,
          head: after,
          baseTree,
          headTree: repository.openTree(after.tree),
          config,
          isAll,
          kubernetesVersion: undefined,
          onProgress: () => undefined,
        },
      );
      const options = { text: { width: 80, color: false, showKnown: false } };
      return { json: renderReport(report, "json", options), exitCode: report.outcome.exitCode, rendered, reused };
    },
  };
}

/** A directory of this test alone, gone after it. */
export function makeDirectory(test: Cleanup): string {
  const directory = mkdtempSync(join(tmpdir(), "drydock-test-"));
  test.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
  return directory;
}
