import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CheckOutput, CheckRequest, Doors } from "../../../src/cli/doors.ts";
import { runCli } from "../../../src/cli/program.ts";
import type { Terminal } from "../../../src/cli/terminal.ts";
import { Fault, UsageError } from "../../../src/model/index.ts";

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Doors that may not be opened, but for those given. */
function makeDoors(doors: Partial<Doors>): Doors {
  const refuse = (): never => assert.fail("this door was not to be opened");
  const closed = {
    check: refuse,
    render: refuse,
    apps: refuse,
    config: refuse,
    policy: () => Promise.resolve({ text: "", exitCode: 0 as const }),
    explain: refuse,
    simulate: refuse,
    demo: refuse,
    serve: refuse,
    doctor: refuse,
    freeze: refuse,
    writeFile: refuse,
  };
  return { version: "1.2.3", ...closed, ...doors };
}

async function run(argv: readonly string[], doors: Partial<Doors>, terminal: Partial<Terminal> = {}): Promise<Ran> {
  let [out, err] = ["", ""];
  const status = await runCli(
    argv,
    {
      out: (text) => (out += text),
      err: (text) => (err += text),
      ...{ isProgressWanted: false, isInteractive: false, isColorWanted: false, width: 80, ...terminal },
    },
    makeDoors(doors),
  );
  return { status, out, err };
}

const output = (exitCode: 0 | 1 | 2): CheckOutput => ({ text: "the report\n", exitCode, stats: "the work\n" });

describe("runCli", () => {
  for (const exitCode of [0, 1, 2] as const) {
    it(`ends with ${exitCode} when the check says so`, async () => {
      const ran = await run(["check"], { check: () => Promise.resolve(output(exitCode)) });
      assert.deepEqual(ran, { status: exitCode, out: "the report\n", err: "" });
    });
  }

  it("ends with 3 for wrong usage, with one sentence", async () => {
    const ran = await run(["check"], { check: () => Promise.reject(new UsageError("name another")) });
    assert.deepEqual(ran, { status: 3, out: "", err: "drydock: name another\n" });
  });

  it("ends with 3 for a fault, with one sentence", async () => {
    const ran = await run(["check"], { check: () => Promise.reject(new Fault("git is gone")) });
    assert.deepEqual(ran, { status: 3, out: "", err: "drydock: git is gone\n" });
  });

  it("ends with 3 for what nobody thought of, and says where it happened", async () => {
    const ran = await run(["check"], { check: () => Promise.reject(new TypeError("x is undefined")) });
    assert.equal(ran.status, 3);
    assert.match(ran.err, /^drydock: internal error: TypeError: x is undefined\n {4}at /u);
  });

  it("hands every flag of check on as it is meant", async () => {
    const requests: CheckRequest[] = [];
    const check: Doors["check"] = (request) => {
      requests.push(request);
      return Promise.resolve(output(0));
    };
    await run(["check"], { check });
    await run(
      [
        ...["check", "--repo", "r", "--base", "b", "--head", "h", "--no-merge", "--all", "--config", "c"],
        ...["--format", "html", "--kubernetes-version", "1.35", "--jobs", "3", "--no-cache"],
        ...["--allow-host", "a.example", "b.example"],
      ],
      { check },
    );
    await run(["check", "--worktree"], { check }, { width: 50, isColorWanted: true });
    const looks = { width: 80, color: false };
    assert.deepEqual(requests, [
      { repo: ".", merge: true, format: "text", cache: true, ...looks },
      {
        ...{ repo: "r", base: "b", head: "h", merge: false, all: true, config: "c", format: "html", cache: false },
        ...{ kubernetesVersion: "1.35", jobs: 3, allowHost: ["a.example", "b.example"], ...looks },
      },
      { repo: ".", merge: true, format: "text", cache: true, worktree: true, width: 50, color: true },
    ]);
  });

  it("writes to a file instead of the terminal, and ends as the check does", async () => {
    const written: string[] = [];
    const ran = await run(["check", "--output", "file"], {
      check: () => Promise.resolve(output(2)),
      writeFile: (path, text) => Promise.resolve(void written.push(path, text)),
    });
    assert.deepEqual([ran, written], [{ status: 2, out: "", err: "" }, ["file", "the report\n"]]);
  });

  it("prints the work done on stderr when asked for", async () => {
    const ran = await run(["check", "--stats"], { check: () => Promise.resolve(output(0)) });
    assert.deepEqual([ran.out, ran.err], ["the report\n", "the work\n"]);
  });

  it("draws progress only where somebody watches, and wipes it", async () => {
    const check: Doors["check"] = (_request, onProgress) => {
      onProgress(1, 4);
      onProgress(2, 4);
      return Promise.resolve(output(0));
    };
    assert.equal((await run(["check"], { check })).err, "");
    assert.equal(
      (await run(["check"], { check }, { isProgressWanted: true })).err,
      "\r\u001b[K1 of 4 apps rendered\r\u001b[K",
    );
  });

  it("quotes what an error names, and keeps its lines", async () => {
    const apps = (): Promise<never> => Promise.reject(new UsageError("first \u001b[31m\u202e\nsecond"));
    assert.equal((await run(["apps"], { apps })).err, "drydock: first \\u{1b}[31m\\u{202e}\nsecond\n");
  });

  for (const argv of [
    ["chekc"],
    ["check", "--nope"],
    ["check", "extra"],
    ["render"],
    ["check", "--jobs", "1.5"],
    ["config", "x"],
  ]) {
    it(`opens no door for ${argv.join(" ")}`, async () => {
      const { status, out, err } = await run(argv, {});
      assert.deepEqual([status, out, err === ""], [3, "", false]);
    });
  }
});
