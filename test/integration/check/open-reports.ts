import { join } from "node:path";
import { openRepository } from "../../../src/git/index.ts";
import type { Report } from "../../../src/model/index.ts";
import { openWorkbench } from "../../../src/open-workbench.ts";
import { CONFIG_FILE, loadConfig } from "../../../src/pipeline/load-config.ts";
import { runCheck } from "../../../src/workbench.ts";
import { makeDirectory } from "./check-change.ts";

const ROOT = join(import.meta.dirname, "../../..");

interface Cleanup {
  after(clean: () => void | Promise<void>): void;
}

/** Reports as the App sees them, before any format: two refs as they are, by the base's config. */
export async function openReports(
  test: Cleanup,
  directory: string,
): Promise<{ readonly check: (base: string, head: string) => Promise<Report> }> {
  const repository = await openRepository(directory);
  const surroundings = { root: ROOT, cacheDirectory: makeDirectory(test), path: process.env["PATH"] ?? "" };
  const bench = openWorkbench(surroundings, repository, { cache: true, jobs: 1 });
  test.after(async () => {
    await bench.engine.close();
    await bench.policyEngine.close();
    await repository.close();
  });
  return {
    check: async (baseRef, headRef) => {
      const [base, head] = [await repository.resolveRef(baseRef), await repository.resolveRef(headRef)];
      const baseTree = repository.openTree(base.tree);
      const config = await loadConfig(baseTree, () => repository.fileHistory(base.tree, CONFIG_FILE, 1));
      const sides = { base, head, baseTree, headTree: repository.openTree(head.tree) };
      const rest = { isAll: false, kubernetesVersion: undefined, onProgress: () => undefined };
      return (await runCheck(bench, { repository: repository.name, ...sides, config, ...rest })).report;
    },
  };
}
