import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { sweepFileStore } from "../../../src/store/file-store.ts";
import { createFileStore, createMemoryStore } from "../../../src/store/index.ts";

function makeDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "drydock-store-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function fileOf(directory: string): string {
  const [file] = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(file);
  return join(file.parentPath, file.name);
}

describe("createFileStore", () => {
  it("gives back what was written, to another process as well", (t) => {
    const directory = makeDirectory(t);
    createFileStore(directory).write("renderings", "key", "value");
    assert.equal(createFileStore(directory).read("renderings", "key")?.toString(), "value");
    assert.equal(createFileStore(directory).read("crds", "key"), undefined);
  });

  it("replaces a value whole", (t) => {
    const store = createFileStore(makeDirectory(t));
    store.write("crds", "key", "a much longer value");
    store.write("crds", "key", Buffer.from("short"));
    assert.equal(store.read("crds", "key")?.toString(), "short");
  });

  it("reads a file that was cut short, changed or emptied as absent", (t) => {
    for (const damage of [
      (file: string) => truncateSync(file, 70),
      (file: string) => truncateSync(file, 0),
      (file: string) => writeFileSync(file, "value"),
      (file: string) => writeFileSync(file, "x", { flag: "a" }),
    ]) {
      const directory = makeDirectory(t);
      const store = createFileStore(directory);
      store.write("renderings", "key", "value of some length");
      damage(fileOf(directory));
      assert.equal(store.read("renderings", "key"), undefined);
    }
  });

  it("keeps in memory what it cannot write, so that its own process can count on it", (t) => {
    const blocked = join(makeDirectory(t), "a-file");
    writeFileSync(blocked, "no directory");
    const store = createFileStore(join(blocked, "cache"));
    store.write("crds", "key", "value");
    assert.equal(store.read("crds", "key")?.toString(), "value");
  });

  it("is readable by its owner alone", (t) => {
    const directory = makeDirectory(t);
    createFileStore(directory).write("renderings", "key", "value");
    assert.equal(statSync(fileOf(directory)).mode & 0o077, 0);
  });
});

describe("sweepFileStore", () => {
  it("takes what was not used for long and leaves the rest", (t) => {
    const directory = makeDirectory(t);
    const store = createFileStore(directory);
    const now = Date.now();
    store.write("renderings", "old", "value");
    const old = fileOf(directory);
    utimesSync(old, (now - 10_000) / 1000, (now - 10_000) / 1000);
    store.write("renderings", "new", "value");
    sweepFileStore(directory, 5_000, now);
    assert.equal(existsSync(old), false);
    assert.equal(store.read("renderings", "new")?.toString(), "value");
  });

  it("has nothing to do where there is no directory", (t) => {
    assert.doesNotThrow(() => sweepFileStore(join(makeDirectory(t), "absent"), 0, Date.now()));
  });
});

describe("createMemoryStore", () => {
  it("gives back what was written, as bytes of its own", () => {
    const store = createMemoryStore();
    const value = Buffer.from("value");
    store.write("crds", "key", value);
    value.fill(0);
    assert.equal(store.read("crds", "key")?.toString(), "value");
    assert.equal(store.read("snapshots", "key"), undefined);
  });
});
