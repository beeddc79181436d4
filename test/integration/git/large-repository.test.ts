import assert from "node:assert/strict";
import { test } from "node:test";
import { openRepository } from "../../../src/git/index.ts";
import { createRepository, type FakeRepository } from "../../fakes/git-repository.ts";

const FILES = 10_000;
const COMMITS = 50_000;

/** One commit of all files, then one-file commits, in one stream of git-fast-import(1). */
async function importHistory(fake: FakeRepository): Promise<void> {
  const header = (branch: string, index: number): string =>
    `commit refs/heads/${branch}\nmark :${index + 1}\ncommitter Ada <ada@example.com> ${1_767_225_600 + index} +0000\ndata 1\nx\n`;
  const parts = [header("main", 0)];
  for (let index = 0; index < FILES; index++) {
    const text = `kind: ConfigMap\nmetadata: {name: file-${index}}\n`;
    parts.push(
      `M 100644 inline apps/team-${index % 50}/app-${index % 500}/file-${index}.yaml\ndata ${text.length}\n${text}\n`,
    );
  }
  for (let index = 1; index < COMMITS; index++) {
    const text = `kind: ConfigMap\ndata: {at: "${index}"}\n`;
    parts.push(header("main", index), `M 100644 inline apps/counter.yaml\ndata ${text.length}\n${text}\n`);
  }
  parts.push(header("change", COMMITS), `from :${COMMITS - 100}\n`, "M 100644 inline apps/new.yaml\ndata 5\na: 1\n\n");
  await fake.git(["fast-import", "--quiet"], parts.join(""));
}

test("a repository of 10,000 files and 50,000 commits", async (t) => {
  const fake = await createRepository(t);
  const time = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    t.diagnostic(`${what}: ${(performance.now() - start).toFixed(0)} ms`);
    return result;
  };
  await time("made", () => importHistory(fake));
  const repository = await time("opened", () => openRepository(fake.directory));
  t.after(() => repository.close());
  const base = await time("base resolved", () => repository.defaultBase());
  const head = await repository.resolveRef("change");
  const merged = await time("merged", () => repository.mergeTrees(base.commit ?? "", head.commit ?? ""));
  const tree = merged.kind === "merged" ? merged.tree : "";
  const changes = await time("compared", () => repository.diffTrees(base.tree, tree));
  assert.deepEqual(changes, [{ path: "apps/new.yaml", action: "added" }]);

  const files = repository.openTree(tree);
  const ids = await time("walked", async () => {
    const found: string[] = [];
    for await (const { id } of files.walk()) found.push(id);
    return found;
  });
  assert.equal(ids.length, FILES + 2);
  const blobs = await time("all blobs read", () => files.readBlobs(ids));
  assert.equal(blobs.length, ids.length);
  const traces = Array.from({ length: FILES }, (_, index) => {
    const directory = `apps/team-${index % 50}/app-${index % 500}`;
    return [
      { kind: "absent", path: `${directory}/kustomization.yaml` } as const,
      { kind: "absent", path: `${directory}/kustomization.yml` } as const,
    ];
  });
  const verdicts = await time("10,000 traces verified", () => Promise.all(traces.map((trace) => files.holds(trace))));
  assert.ok(verdicts.every(Boolean));
});
