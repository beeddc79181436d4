import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { createTree } from "../../../src/git/create-tree.ts";
import type { ObjectReader } from "../../../src/git/objects.ts";
import { parseTree } from "../../../src/git/parse-tree.ts";
import type { Resolution, TraceFact, Tree } from "../../../src/model/index.ts";

/** A directory in memory: names to texts, links and directories. */
type Node = { readonly file: string } | { readonly link: string } | Directory;
type Directory = ReadonlyMap<string, Node>;

/** Git's objects in memory, so that the tree under test is the real one and only the process is left out. */
function storeTree(root: Directory): Tree {
  const objects = new Map<string, Buffer>();
  const store = (type: string, bytes: Buffer): string => {
    const id = createHash("sha1").update(`${type} ${bytes.length}\0`).update(bytes).digest("hex");
    objects.set(id, bytes);
    return id;
  };
  const write = (node: Node): { mode: string; id: string } => {
    if (node instanceof Map) {
      const entries = [...(node as Directory)].map(([name, child]) => {
        const { mode, id } = write(child);
        return Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, "hex")]);
      });
      return { mode: "40000", id: store("tree", Buffer.concat(entries)) };
    }
    if ("link" in node) return { mode: "120000", id: store("blob", Buffer.from(node.link)) };
    return { mode: "100644", id: store("blob", Buffer.from("file" in node ? node.file : "")) };
  };
  const read = (id: string): Buffer => objects.get(id) ?? assert.fail(`object ${id} was asked for`);
  const reader: ObjectReader = {
    readTree: (id) => Promise.resolve(parseTree(id, read(id))),
    readBlobs: (ids) => Promise.resolve(ids.map(read)),
    readCommit: () => assert.fail(),
    describe: () => assert.fail(),
    close: () => Promise.resolve(),
  };
  return createTree(reader, write(root).id);
}

/** What POSIX says, told another way: rewrite the path at its first link and start again. */
function resolveInModel(root: Directory, path: string): string {
  let steps = path.split("/");
  for (let links = 0; links <= 40; links++) {
    const next = followUntilLink(root, steps);
    if (typeof next === "string") return next;
    if (links === 40 || next.target.startsWith("/")) return "broken-link";
    if (next.target === "") return "absent";
    steps = [...next.before, ...next.target.split("/"), ...next.after];
  }
  return "broken-link";
}

function followUntilLink(
  root: Directory,
  steps: readonly string[],
): string | { before: readonly string[]; target: string; after: readonly string[] } {
  const above: [string, Directory][] = [["", root]];
  for (const [index, step] of steps.entries()) {
    const [, directory] = above.at(-1) ?? ["", root];
    if (step === "" || step === ".") continue;
    if (step === "..") {
      if (above.length === 1) return "broken-link";
      above.pop();
      continue;
    }
    const node = directory.get(step);
    if (node === undefined) return "absent";
    const before = above.slice(1).map(([name]) => name);
    if (node instanceof Map) above.push([step, node as Directory]);
    else if ("link" in node) return { before, target: node.link, after: steps.slice(index + 1) };
    else {
      const isLast = steps.slice(index + 1).every((rest) => rest === "" || rest === ".");
      return isLast ? `file ${[...before, step].join("/")}` : "absent";
    }
  }
  return `directory ${above
    .slice(1)
    .map(([name]) => name)
    .join("/")}`;
}

function summarize(resolution: Resolution): string {
  return resolution.kind === "file" || resolution.kind === "directory"
    ? `${resolution.kind} ${resolution.path}`
    : resolution.kind;
}

const names = fc.constantFrom("a", "b", "c", "__proto__");
const paths = fc
  .array(fc.oneof({ weight: 4, arbitrary: names }, fc.constantFrom("..", ".", "")), { maxLength: 5 })
  .map((steps) => steps.join("/"));
const targets = fc.oneof({ weight: 9, arbitrary: paths }, fc.constantFrom("/a", "/"));
const { directory: directories } = fc.letrec<{ node: Node; directory: Directory }>((tie) => ({
  directory: fc.array(fc.tuple(names, tie("node")), { maxLength: 4 }).map((entries) => new Map(entries)),
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("x", "b").map((file) => ({ file })),
    targets.map((link) => ({ link })),
    tie("directory"),
    tie("directory"),
  ),
}));

test("a path resolves as POSIX says, in any tree", async () => {
  await fc.assert(
    fc.asyncProperty(directories, fc.array(paths, { minLength: 1, maxLength: 4 }), async (root, asked) => {
      const tree = storeTree(root);
      for (const path of asked) {
        if (path.startsWith("/")) continue;
        assert.equal(summarize(await tree.resolve(path)), resolveInModel(root, path), path);
      }
    }),
    { numRuns: 2000 },
  );
});

test("a trace holds in its own tree, and where it holds in another the answer is the same", async () => {
  await fc.assert(
    fc.asyncProperty(directories, directories, paths, async (one, other, path) => {
      const [here, there] = [storeTree(one), storeTree(other)];
      const trace: TraceFact[] = [];
      const answer = await here.resolve(path, (fact) => trace.push(fact));
      assert.equal(await storeTree(one).holds(trace), true);
      if (!(await there.holds(trace))) return;
      const told: TraceFact[] = [];
      const again = await there.resolve(path, (fact) => told.push(fact));
      assert.deepEqual(told, trace, "a stored trace is the one that a new look would leave");
      const ignoreContents = (found: Resolution): unknown =>
        found.kind === "directory"
          ? [found.path, found.entries.map(({ name, kind }) => `${kind} ${name}`).sort()]
          : found;
      assert.deepEqual(ignoreContents(again), ignoreContents(answer));
    }),
    { numRuns: 5000 },
  );
});

test("walking lists what a recursive look at the model lists", async () => {
  const list = (directory: Directory, prefix: string): string[] =>
    [...directory].flatMap(([name, node]) =>
      node instanceof Map ? list(node as Directory, `${prefix}${name}/`) : [`${prefix}${name}`],
    );
  await fc.assert(
    fc.asyncProperty(directories, async (root) => {
      const seen: string[] = [];
      for await (const { path } of storeTree(root).walk()) seen.push(path);
      assert.deepEqual(seen, list(root, ""));
    }),
  );
});

test("a file that becomes a link with the same bytes no longer holds", async () => {
  const before = storeTree(new Map([["a", { file: "b" }]]));
  const after = storeTree(
    new Map<string, Node>([
      ["a", { link: "b" }],
      ["b", { file: "b" }],
    ]),
  );
  const trace: TraceFact[] = [];
  await before.resolve("a", (fact) => trace.push(fact));
  assert.equal(await after.holds(trace), false);
});

test("holds reads only as far as the first fact that fails", async () => {
  const tree = storeTree(new Map<string, Node>([["a", new Map([["b", { file: "x" }]])]]));
  assert.equal(
    await tree.holds([
      { kind: "absent", path: "a" },
      { kind: "entry", path: "a/b", id: "unread" },
    ]),
    false,
  );
  assert.equal(await tree.holds([{ kind: "input", path: "crd:x/Y", id: undefined }]), true);
  assert.equal(await tree.holds([{ kind: "absent", path: "" }]), false);
  assert.equal(await tree.holds([{ kind: "absent", path: "a/b/c/d" }]), true);
  assert.equal(await tree.holds([{ kind: "directory", path: "a/b", names: "x" }]), false);
});
