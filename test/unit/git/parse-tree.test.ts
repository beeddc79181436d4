import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeName, hashNames, isLookupPath, parseTree } from "../../../src/git/parse-tree.ts";

const ID = "aa".repeat(20);

function rawTree(entries: readonly (readonly [mode: string, name: string | Buffer])[]): Buffer {
  return Buffer.concat(
    entries.flatMap(([mode, name]) => [
      Buffer.from(`${mode} `),
      Buffer.from(name),
      Buffer.from([0]),
      Buffer.from(ID, "hex"),
    ]),
  );
}

test("each mode is one kind of entry", () => {
  const tree = parseTree(
    ID,
    rawTree([
      ["100644", "file"],
      ["100755", "program"],
      ["100664", "old-mode"],
      ["120000", "link"],
      ["40000", "directory"],
      ["040000", "padded"],
      ["160000", "module"],
    ]),
  );
  assert.deepEqual(
    tree.entries.map(({ name, kind }) => `${name} ${kind}`),
    [
      "file file",
      "program file",
      "old-mode file",
      "link symlink",
      "directory directory",
      "padded directory",
      "module submodule",
    ],
  );
  assert.deepEqual(tree.find("link"), { name: "link", kind: "symlink", id: ID });
  assert.equal(tree.find("absent"), undefined);
});

test("names that no path can reach are left out, names of prototypes are names", () => {
  const tree = parseTree(
    ID,
    rawTree([".", "..", "a/b", "", "__proto__", "constructor"].map((name) => ["100644", name])),
  );
  assert.deepEqual(
    tree.entries.map(({ name }) => name),
    ["__proto__", "constructor"],
  );
  assert.equal(tree.find("toString"), undefined);
});

test("a cut-off tree gives the entries before the cut", () => {
  const whole = rawTree([
    ["100644", "a"],
    ["100644", "b"],
  ]);
  for (let length = 0; length < whole.length; length++) {
    const { entries } = parseTree(ID, whole.subarray(0, length));
    assert.ok(entries.length <= 1, `${length} bytes`);
  }
});

test("SHA-256 trees have ids of 32 bytes", () => {
  const id = "bc".repeat(32);
  const bytes = Buffer.concat([Buffer.from("100644 a\0"), Buffer.from(id, "hex")]);
  assert.deepEqual(parseTree(id, bytes).entries, [{ name: "a", kind: "file", id }]);
});

test("names that are not UTF-8 stay apart from each other and can never be looked up", () => {
  const names = ["\xff", "\xfe", "caf\xe9", "\\xff", "\xef\xbf\xbd"].map((name) =>
    decodeName(Buffer.from(name, "latin1")),
  );
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(names.slice(0, 3).map(isLookupPath), [false, false, false]);
  assert.equal(names[3], "\\xff");
  assert.equal(names[4], "\ufffd", "the replacement character itself is a name like any other");
  assert.equal(decodeName(Buffer.from("\ufeffbom")), "\ufeffbom");
  assert.equal(isLookupPath("\ud800"), false);
});

test("the hash of names tells kinds, names and their number apart, and not their order or contents", () => {
  const hash = (...names: string[]): string => hashNames(names.map((name) => ({ name, kind: "file", id: ID })));
  assert.equal(hash("a", "b"), hash("b", "a"));
  assert.notEqual(hash("a", "b"), hash("a"));
  assert.notEqual(hash("a\nfile b"), hash("a", "b"));
  assert.notEqual(hash("a\nb"), hash("a\\nb"));
  assert.notEqual(hash("a"), hashNames([{ name: "a", kind: "symlink", id: ID }]));
  assert.equal(hash("a"), hashNames([{ name: "a", kind: "file", id: "cd".repeat(20) }]));
  // sha256 of "directory b\nfile a\n"
  const both = hashNames([
    { name: "a", kind: "file", id: ID },
    { name: "b", kind: "directory", id: ID },
  ]);
  assert.equal(both, "03fbb8ed57d214f87e6a73a969ce7174469a107ec7afcc77064bdcea798f2ac0");
});
