import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, it } from "node:test";
import { acquireLock } from "../../../src/mirror/index.ts";
import { makeDirectory } from "./git-server.ts";

const MODULE = join(import.meta.dirname, "../../../src/mirror/file-lock.ts");

describe("a lock on a file", () => {
  it("has many holders or one", async (t) => {
    const file = join(makeDirectory(t), "lock");
    const [first, second] = [await acquireLock(file, "shared", 0), await acquireLock(file, "shared", 0)];
    assert.ok(first !== undefined && second !== undefined);
    assert.equal(await acquireLock(file, "exclusive", 0), undefined);
    first.release();
    assert.equal(await acquireLock(file, "exclusive", 0), undefined);
    second.release();
    const alone = await acquireLock(file, "exclusive", 0);
    assert.ok(alone !== undefined);
    assert.equal(await acquireLock(file, "shared", 0), undefined);
    const waiting = acquireLock(file, "shared", 5000);
    alone.release();
    (await waiting)?.release();
    assert.ok((await waiting) !== undefined);
  });

  it("T50: ends with the process that has it, however that one ends", async (t) => {
    const file = join(makeDirectory(t), "lock");
    const program = `
      import { acquireLock } from ${JSON.stringify(MODULE)};
      const lock = await acquireLock(${JSON.stringify(file)}, "exclusive", 0);
      console.log("held");
      setInterval(() => lock, 1000);
    `;
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    t.after(() => child.kill("SIGKILL"));
    await once(child.stdout, "data");
    assert.equal(await acquireLock(file, "shared", 0), undefined);
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
    const lock = await acquireLock(file, "exclusive", 0);
    assert.ok(lock !== undefined);
    lock.release();
  });
});
