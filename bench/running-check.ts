import { join } from "node:path";
import { openRepository } from "../src/git/index.ts";
import { openWorkbench } from "../src/open-workbench.ts";
import { loadConfig } from "../src/pipeline/load-config.ts";
import { runCheck } from "../src/workbench.ts";

const ROOT = join(import.meta.dirname, "..");

/** Checks that follow one another in one process, as a server's do: engines and repository stay open. */
export interface RunningCheck {
  /** Checks a branch against `main`, from refs to report. */
  check(branch: string): Promise<void>;
  close(): Promise<void>;
}

export async function openRunningCheck(directory: string, cacheDirectory: string): Promise<RunningCheck> {
  const repository = await openRepository(directory);
  const bench = openWorkbench({ root: ROOT, cacheDirectory, path: "" }, repository, { cache: true });
  return {
    async check(branch) {
      const base = await repository.resolveRef("main");
      const head = await repository.resolveRef(branch);
      if (base.commit === undefined || head.commit === undefined) throw new Error("the branches are no commits");
      const merged = await repository.mergeTrees(base.commit, head.commit);
      if (merged.kind === "conflict") throw new Error("the branches conflict");
      const baseTree = repository.openTree(base.tree);
      const config = await loadConfig(baseTree, () => repository.fileHistory(base.tree, "", 0));
      const sides = {
        base,
        head: { ...head, tree: merged.tree },
        baseTree,
        headTree: repository.openTree(merged.tree),
      };
      const { report } = await runCheck(bench, {
        ...sides,
        repository: repository.name,
        config,
        isAll: false,
        kubernetesVersion: undefined,
        onProgress: () => undefined,
      });
      if (report.totals.changed !== 1) throw new Error(`expected one change: ${JSON.stringify(report.totals)}`);
    },
    async close() {
      await bench.engine.close();
      await repository.close();
    },
  };
}
