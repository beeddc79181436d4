import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeReply } from "../../../src/engine/lookup-reply.ts";
import type { Resolution } from "../../../src/model/index.ts";

const id = "0".repeat(40);
const reply = (asked: string, resolution: Resolution, content?: string): string =>
  Buffer.from(encodeReply(asked, resolution, content === undefined ? undefined : Buffer.from(content))).toString();

describe("the reply to a lookup", () => {
  it("is the file where it was asked for", () => {
    assert.equal(reply("a/b", { kind: "file", path: "a/b", id }, "text"), "ftext");
    assert.equal(reply("a/b", { kind: "file", path: "a/b", id }, ""), "f");
    assert.equal(reply("a/b", { kind: "absent" }), "a");
  });

  it("is the names and kinds of a directory", () => {
    const entries = [
      { name: "__proto__", kind: "file", id },
      { name: "x", kind: "symlink", id },
    ] as const;
    assert.equal(
      reply("", { kind: "directory", path: "", id, entries }),
      'd[{"name":"__proto__","kind":"file"},{"name":"x","kind":"symlink"}]',
    );
  });

  it("is the way to where a link leads", () => {
    assert.equal(reply("a/link", { kind: "file", path: "b/file", id }), "lb/file");
    assert.equal(reply("a/link", { kind: "directory", path: "", id, entries: [] }), "l");
  });

  it("is a failure for what is not here (T40)", () => {
    assert.match(reply("sub/x", { kind: "submodule", path: "sub", id }), /^e\{"kind":"submodule",.*sub/);
    const broken: Resolution = { kind: "broken-link", path: "l", target: "../../etc/passwd" };
    assert.match(reply("l", broken), /^e\{"kind":"outside-repository"/);
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n";
    assert.match(reply("big.yaml", { kind: "file", path: "big.yaml", id }, pointer), /^e\{"kind":"lfs",.*big\.yaml/);
  });

  it("is the file when it only speaks of LFS", () => {
    const text = `version https://git-lfs.github.com/spec/v1\n${"# long\n".repeat(300)}`;
    assert.equal(reply("a", { kind: "file", path: "a", id }, text), `f${text}`);
    assert.equal(reply("a", { kind: "file", path: "a", id }, `# ${text}`), `f# ${text}`);
  });
});
