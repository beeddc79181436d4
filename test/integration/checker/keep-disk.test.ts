import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { createDiskKeeper, type DiskKeeper } from "../../../src/keep-disk.ts";
import { Fault } from "../../../src/model/index.ts";
import { makeDirectory } from "../mirror/git-server.ts";

const HOUR = 3600_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface Disk {
  readonly keeper: DiskKeeper;
  readonly mirrors: string;
  readonly caches: string;
  readonly scratch: string;
  /** Mirrors that somebody uses. */
  readonly used: Set<number>;
  /** Makes a mirror of so many bytes, used at this hour. */
  mirror(id: number, bytes: number, hour: number): void;
  cache(id: number, files: readonly number[], hour: number): void;
}

function createDisk(test: TestContext, bytes: number): Disk {
  const root = makeDirectory(test);
  const [mirrors, caches, scratch] = [join(root, "mirrors"), join(root, "cache"), join(root, "scratch")];
  mkdirSync(join(mirrors, "locks"), { recursive: true });
  for (const directory of [caches, scratch]) mkdirSync(directory);
  const used = new Set<number>();
  const removeMirror = (id: number): Promise<boolean> => {
    if (!used.has(id)) rmSync(join(mirrors, `${id}.git`), { recursive: true, force: true });
    return Promise.resolve(!used.has(id));
  };
  const write = (file: string, size: number, hour: number): void => {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, Buffer.alloc(size));
    utimesSync(file, (hour * HOUR) / 1000, (hour * HOUR) / 1000);
  };
  return {
    ...{ mirrors, caches, scratch, used },
    keeper: createDiskKeeper({ mirrors, caches, scratch, bytes, removeMirror, now: () => 100 * HOUR, log: silent }),
    mirror: (id, size, hour) => {
      write(join(mirrors, `${id}.git`, "objects", "pack", "one.pack"), size, hour);
      write(join(mirrors, `${id}.git`, "drydock-birth"), 0, hour);
    },
    cache: (id, files, hour) => {
      for (const [index, size] of files.entries()) {
        write(join(caches, String(id), "renderings", "ab", `${index}`), size, hour + index);
      }
      write(join(caches, String(id), "used"), 0, hour);
    },
  };
}

describe("what mirrors and caches take of the disk", () => {
  it("is left alone while it is within the bound", async (t) => {
    const disk = createDisk(t, 100_000);
    disk.mirror(1, 60_000, 1);
    disk.cache(1, [10_000], 1);
    await disk.keeper.sweep();
    assert.deepEqual([readdirSync(disk.mirrors), readdirSync(disk.caches)], [["1.git", "locks"], ["1"]]);
  });

  it("is brought down by what was not used for the longest, but for what is in use", async (t) => {
    const disk = createDisk(t, 100_000);
    for (const [id, hour] of [
      [1, 1],
      [2, 2],
      [3, 4],
      [4, 5],
    ] as const) {
      disk.mirror(id, 40_000, hour);
    }
    disk.cache(2, [5000], 3);
    disk.used.add(1);
    await disk.keeper.sweep();
    assert.deepEqual(readdirSync(disk.mirrors), ["1.git", "4.git", "locks"]);
    assert.deepEqual(readdirSync(disk.caches), []);
  });

  it("keeps one repository's cache to its share, the results used last", async (t) => {
    const disk = createDisk(t, 100_000);
    disk.cache(1, [10_000, 10_000, 10_000, 10_000], 1);
    await disk.keeper.sweep();
    assert.deepEqual(readdirSync(join(disk.caches, "1", "renderings", "ab")), ["2", "3"]);
  });

  it("loses what a process that was killed left behind, and nothing that is young", async (t) => {
    const disk = createDisk(t, 100_000);
    for (const [name, hour] of [
      ["drydock-git-old", 1],
      ["drydock-git-new", 99],
    ] as const) {
      mkdirSync(join(disk.scratch, name));
      utimesSync(join(disk.scratch, name), hour * 3600, hour * 3600);
    }
    mkdirSync(join(disk.mirrors, "1.git.x.tmp"));
    utimesSync(join(disk.mirrors, "1.git.x.tmp"), 3600, 3600);
    await disk.keeper.sweep();
    assert.deepEqual([readdirSync(disk.mirrors), readdirSync(disk.scratch)], [["locks"], ["drydock-git-new"]]);
  });

  it("is given up for repositories that are gone, and says when one is in use", async (t) => {
    const disk = createDisk(t, 100_000);
    disk.mirror(1, 10, 1);
    disk.mirror(2, 10, 1);
    disk.cache(1, [10], 1);
    disk.used.add(1);
    await assert.rejects(disk.keeper.forget([1, 2, 3]), (error) => error instanceof Fault && error.isRetryable);
    assert.deepEqual([readdirSync(disk.mirrors), readdirSync(disk.caches)], [["1.git", "locks"], []]);
  });
});
