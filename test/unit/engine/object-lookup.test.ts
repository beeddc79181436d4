import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createAppFiles } from "../../../src/engine/app-files.ts";
import type { LookupAnswer } from "../../../src/engine/object-messages.ts";
import type { ObjectSource } from "../../../src/engine/object-lookup.ts";
import { createObjectLookup } from "../../../src/engine/object-lookup.ts";
import { readPlainFiles } from "../../../src/engine/read-plain-files.ts";
import type { ObjectId, Resolution, Tree, TreeFile } from "../../../src/model/index.ts";

/** A tree of plain files whose ids are their contents; it counts the batches of blobs it was asked for. */
function createFakeTree(files: Readonly<Record<string, string | Uint8Array>>): {
  source: ObjectSource;
  batches: ObjectId[][];
} {
  const batches: ObjectId[][] = [];
  const paths = Object.keys(files).sort();
  const resolve = (path: string): Resolution => {
    if (paths.includes(path)) return { kind: "file", path, id: path };
    const isDirectory = paths.some((file) => path === "" || file.startsWith(`${path}/`));
    return isDirectory ? { kind: "directory", path, id: `tree ${path}`, entries: [] } : { kind: "absent" };
  };
  const tree: Tree = {
    id: "root",
    resolve: (path, onFact) => {
      onFact?.({ kind: "absent", path: `fact of ${path}` });
      return Promise.resolve(resolve(path));
    },
    walk: async function* (path = ""): AsyncGenerator<TreeFile> {
      const below = path === "" ? paths : paths.filter((file) => file.startsWith(`${path}/`));
      for (const file of below) yield await Promise.resolve({ path: file, kind: "file", id: file });
    },
    readBlobs: () => Promise.reject(new Error("not by the tree")),
    holds: () => Promise.resolve(true),
  };
  const readBlobs = (ids: readonly ObjectId[]): Promise<Uint8Array[]> => {
    batches.push([...ids]);
    if (ids.includes("huge")) return Promise.reject(new Error("too large"));
    return Promise.resolve(ids.map((id) => Buffer.from(files[id] ?? "")));
  };
  const sizeOf = (id: ObjectId): Promise<number> =>
    Promise.resolve(id === "huge" ? 200 * 1024 * 1024 : Buffer.from(files[id] ?? "").length);
  return { source: { openTree: () => tree, readBlobs, sizeOf }, batches };
}

const texts = (answers: readonly LookupAnswer[]): string[] =>
  answers.map(({ path, reply }) => `${path}: ${Buffer.from(reply).toString()}`);

describe("looking up objects", () => {
  it("answers in order, with facts, in one batch", async () => {
    const { source, batches } = createFakeTree({ "a/x": "1", "a/y": "2" });
    const lookup = createObjectLookup(source);
    const answers = await lookup.lookup("root", ["a/y", "nothing", "a/x", "a"]);
    assert.deepEqual(texts(answers), ["a/y: f2", "nothing: a", "a/x: f1", "a: d[]"]);
    assert.deepEqual(answers[0]?.facts, [{ kind: "absent", path: "fact of a/y" }]);
    assert.deepEqual(batches, [["a/y", "a/x"]]);
  });

  it("does not read a blob twice", async () => {
    const { source, batches } = createFakeTree({ a: "1" });
    const lookup = createObjectLookup(source);
    await lookup.lookup("root", ["a"]);
    await lookup.lookup("root", ["a"]);
    assert.deepEqual(batches, [["a"]]);
  });

  it("prefetches a directory with the ones below it", async () => {
    const { source } = createFakeTree({ "app/a": "1", "app/sub/deep/b": "2", "application/c": "3" });
    const answers = await createObjectLookup(source).prefetch("root", "app");
    assert.deepEqual(texts(answers).sort(), [
      "app/a: f1",
      "app/sub/deep/b: f2",
      "app/sub/deep: d[]",
      "app/sub: d[]",
      "app: d[]",
    ]);
  });

  it("prefetches nothing of what is not there, and a bounded part of what is large", async () => {
    const { source: small } = createFakeTree({ "app/a": "1" });
    assert.deepEqual(texts(await createObjectLookup(small).prefetch("root", "other")), ["other: a"]);
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`app/${index}`, "x".repeat(30_000)]));
    const answers = await createObjectLookup(createFakeTree(many).source).prefetch("root", "app");
    const bytes = answers.reduce((sum, { reply }) => sum + reply.length, 0);
    assert.ok(answers.length < 150 && bytes <= 4 * 1024 * 1024, `${answers.length} answers, ${bytes} bytes`);
  });

  it("refuses a file that no manifest has the size of", async () => {
    const { source } = createFakeTree({ big: new Uint8Array(33 * 1024 * 1024) });
    const [answer] = await createObjectLookup(source).lookup("root", ["big"]);
    assert.match(Buffer.from(answer?.reply ?? []).toString(), /^e\{"kind":"limit",.*33 MiB/);
  });

  it("answers the others when git refuses to read one for its size", async () => {
    const { source } = createFakeTree({ a: "1", huge: "" });
    const [first, second] = texts(await createObjectLookup(source).lookup("root", ["huge", "a"]));
    assert.match(first ?? "", /^huge: e\{"kind":"limit",.*200 MiB/);
    assert.equal(second, "a: f1");
    assert.deepEqual(texts(await createObjectLookup(source).prefetch("root", "")), [": d[]", "a: f1"]);
  });

  it("fails when git cannot read a file of a usual size", async () => {
    const { source } = createFakeTree({ a: "1" });
    const broken = { ...source, readBlobs: () => Promise.reject(new Error("damaged")) };
    await assert.rejects(createObjectLookup(broken).lookup("root", ["a"]), /damaged/);
  });
});

describe("the files of one render", () => {
  const client = {
    lookup: (_tree: ObjectId, path: string): LookupAnswer => ({
      path,
      reply: Buffer.from("f"),
      facts: [{ kind: "entry", path, id: "1" }],
    }),
    lookupAll: (_tree: ObjectId, paths: readonly string[]): LookupAnswer[] =>
      paths.map((path) => ({ path, reply: Buffer.from(`f${path}`), facts: [] })),
    prefetch: (): void => undefined,
  };

  it("are on record once, however often they are read", () => {
    const files = createAppFiles(client, "root", 10, () => undefined);
    for (let count = 0; count < 3; count++) files.lookup("a");
    assert.deepEqual(files.trace(), [{ kind: "entry", path: "a", id: "1" }]);
  });

  it("are bounded in number, not in reads", () => {
    const files = createAppFiles(client, "root", 2, () => undefined);
    const kinds = ["a", "a", "b", "a", "c", "a"].map((path) => Buffer.from(files.lookup(path)).toString()[0]);
    assert.deepEqual(kinds, ["f", "f", "f", "f", "e", "f"]);
    assert.match(Buffer.from(files.lookup("c")).toString(), /"kind":"limit".*limits\.files/);
  });

  it("lie inside the repository (T39)", () => {
    const files = createAppFiles(client, "root", 10, () => undefined);
    for (const path of ["/etc/passwd", "../x", "a/../../x"]) {
      assert.match(Buffer.from(files.lookup(path)).toString(), /^e\{"kind":"outside-repository"/, path);
    }
    const replies = files.lookupAll(["a", "../x", "b"]).map((reply) => Buffer.from(reply).toString().slice(0, 2));
    assert.deepEqual(replies, ["fa", "e{", "fb"]);
    assert.deepEqual(files.trace(), []);
  });
});

describe("reading plain files", () => {
  const read = (content: Uint8Array): ReturnType<typeof readPlainFiles> => {
    const reply = Buffer.concat([Buffer.from("f"), content]);
    const client = { lookup: () => reply, lookupAll: () => [reply], prefetch: () => undefined };
    const files = { ...client, record: () => undefined, trace: () => [] };
    return readPlainFiles(["a.yaml"], files);
  };

  it("reads UTF-8 and both kinds of UTF-16", () => {
    const utf16 = Buffer.from("\ufeffkind: Ä", "utf16le");
    for (const content of [Buffer.from("kind: Ä"), utf16, Buffer.from(utf16).swap16()]) {
      assert.deepEqual(read(content), { kind: "ok", result: [{ yaml: "kind: Ä", file: "a.yaml" }] });
    }
  });

  it("tells the line of bytes that are no text", () => {
    const result = read(Buffer.from("kind: X\nname: \xe4\n", "latin1"));
    assert.equal(result.kind, "failed");
    assert.equal(result.failure.location?.line, 2);
    assert.equal(result.failure.kind, "render");
  });
});
