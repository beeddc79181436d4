import assert from "node:assert/strict";
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openRepository } from "../../../src/git/index.ts";
import { createRepository, type FakeRepository } from "../../fakes/git-repository.ts";

/** A script for each way in which git runs commands of a repository's choosing; each would leave a marker of its name. */
interface Trap {
  readonly repository: FakeRepository;
  /** Names of the traps that went off. */
  readonly sprung: () => readonly string[];
  readonly base: string;
  readonly head: string;
}

async function layTraps(t: TestContext): Promise<Trap> {
  const lines = "one: 1\ntwo: 2\nthree: 3\nfour: 4\nfive: 5\n";
  const attributes = "* merge=evil diff=evil filter=evil text=auto eol=crlf ident\nfiltered.yaml filter=evil-process\n";
  const main = { ".gitattributes": attributes, "app.yaml": lines, "filtered.yaml": lines };
  const repository = await createRepository(t, { branches: { main } });
  const base = await repository.change({ "app.yaml": lines.replace("one: 1", "one: base") });
  const head = await repository.commit(
    { ...main, "app.yaml": lines.replace("five: 5", "five: head"), "new.yaml": "a: 1\n" },
    { branch: "change", parents: ["main~1"] },
  );
  await repository.checkout("change");
  const git = join(repository.directory, ".git");
  const markers = join(repository.directory, ".git", "markers");
  mkdirSync(markers);
  const script = (name: string): string => {
    const path = join(git, `trap-${name}`);
    writeFileSync(path, `#!/bin/sh\necho ran > "${markers}/${name}"\nexit 1\n`);
    chmodSync(path, 0o755);
    return path;
  };
  mkdirSync(join(git, "hooks"));
  for (const hook of ["post-index-change", "reference-transaction", "post-checkout", "pre-commit", "pre-auto-gc"]) {
    writeFileSync(join(git, "hooks", hook), readFileSync(script(`hook-${hook}`)), { mode: 0o755 });
  }
  writeFileSync(
    join(git, "included"),
    `[diff]\n\texternal = ${script("included")}\n[core]\n\tpager = ${script("pager")}\n`,
  );
  writeFileSync(join(git, "info-attributes"), "");
  mkdirSync(join(git, "info"), { recursive: true });
  writeFileSync(join(git, "info", "attributes"), "* merge=evil diff=evil filter=evil\n");
  writeFileSync(
    join(git, "config"),
    `${readFileSync(join(git, "config"), "utf8")}
	fsmonitor = ${script("fsmonitor")}
	sshCommand = ${script("ssh")}
	alternateRefsCommand = ${script("alternate-refs")}
	askPass = ${script("ask-pass")}
	editor = ${script("editor")}
[include]
	path = included
[alias]
	cat-file = !${script("alias-cat-file")}
	merge-tree = !${script("alias-merge-tree")}
	diff-tree = !${script("alias-diff-tree")}
[diff "evil"]
	textconv = ${script("textconv")}
	command = ${script("diff-command")}
[merge]
	default = evil
[merge "evil"]
	driver = ${script("merge-driver")} %A %O %B
[filter "evil"]
	clean = ${script("clean")}
	smudge = ${script("smudge")}
	required = true
[filter "evil-process"]
	process = ${script("process")}
	required = true
[credential]
	helper = ${script("credential")}
[protocol "ext"]
	allow = always
[uploadpack]
	packObjectsHook = ${script("pack-objects")}
[extensions]
	partialClone = origin
[remote "origin"]
	url = ext::${script("lazy-fetch")}
	promisor = true
`,
  );
  return { repository, base, head, sprung: () => readdirSync(markers) };
}

/** Everything that can be seen of files without reading them; reading times aside. */
function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .sort()
    .map((path) => {
      const { mode, size, mtimeNs, ctimeNs, ino } = lstatSync(join(directory, path), { bigint: true });
      return `${path} ${mode} ${size} ${mtimeNs} ${ctimeNs} ${ino}`;
    });
}

/** Runs with hostile variables in the environment of this process, as CI of a stranger might have them. */
async function withHostileEnvironment(directory: string, run: () => Promise<void>): Promise<void> {
  const trap = join(directory, ".git", "trap-merge-driver");
  const variables: Record<string, string> = {
    GIT_CONFIG_COUNT: "2",
    GIT_CONFIG_KEY_0: "core.fsmonitor",
    GIT_CONFIG_VALUE_0: trap,
    GIT_CONFIG_KEY_1: "merge.evil.driver",
    GIT_CONFIG_VALUE_1: trap,
    GIT_CONFIG_GLOBAL: join(directory, ".git", "config"),
    GIT_CONFIG_SYSTEM: join(directory, ".git", "config"),
    GIT_CONFIG_PARAMETERS: `'core.fsmonitor=${trap}'`,
    GIT_EXTERNAL_DIFF: trap,
    GIT_SSH_COMMAND: trap,
    GIT_DIR: "/nonexistent",
    GIT_INDEX_FILE: "/nonexistent",
    GIT_OBJECT_DIRECTORY: "/nonexistent",
    GIT_TRACE: join(directory, ".git", "markers", "trace"),
    GIT_TRACE2_EVENT: join(directory, ".git", "markers", "trace2"),
    GIT_EXEC_PATH: join(directory, ".git"),
  };
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    await run();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
}

test("T42: nothing that a repository configures runs, and nothing is written to it", async (t) => {
  const { repository, base, head, sprung } = await layTraps(t);
  writeFileSync(join(repository.directory, "app.yaml"), "edited: true\r\n");
  writeFileSync(join(repository.directory, "filtered.yaml"), "edited: too\n");
  writeFileSync(join(repository.directory, "untracked.yaml"), "new: true\n");
  const before = listFiles(repository.directory);

  await withHostileEnvironment(repository.directory, async () => {
    const opened = await openRepository(repository.directory);
    try {
      assert.equal((await opened.resolveRef("change")).commit, head);
      assert.equal((await opened.resolveRef("HEAD~1")).commit !== undefined, true);
      assert.equal((await opened.defaultBase()).commit, base);
      assert.equal(await opened.headRef(), "change");
      const merged = await opened.mergeTrees(base, head);
      const baseTree = (await opened.resolveRef("main")).tree;
      const tree = merged.kind === "merged" ? merged.tree : "";
      assert.deepEqual(await opened.diffTrees(baseTree, tree), [
        { path: "app.yaml", action: "modified" },
        { path: "new.yaml", action: "added" },
      ]);
      const files = opened.openTree(await opened.worktreeTree());
      const edited = await files.resolve("app.yaml");
      const [bytes] = await files.readBlobs(edited.kind === "file" ? [edited.id] : []);
      assert.equal(Buffer.from(bytes ?? []).toString(), "edited: true\r\n");
      await assert.rejects(opened.resolveRef("1".repeat(40)), { name: "UsageError" });
      await assert.rejects(files.readBlobs(["1".repeat(40)]), /partial clone/u);
    } finally {
      await opened.close();
    }
  });

  assert.deepEqual(sprung(), []);
  assert.deepEqual(listFiles(repository.directory), before);
});

test("the traps are real: git run in the repository itself springs some of them", async (t) => {
  const { repository, base, head, sprung } = await layTraps(t);
  await repository.git(["config", "--unset-all", "extensions.partialClone"]);
  await repository.git(["--no-pager", "-c", "alias.x=x", "merge-tree", "--write-tree", base, head]).catch(() => "");
  await repository.git(["status", "--short"]).catch(() => "");
  assert.ok(sprung().includes("merge-driver"), `sprung: ${sprung().join()}`);
  assert.ok(sprung().includes("fsmonitor"));
});

test("a submodule's own configuration is not run when its parent's work tree is taken", async (t) => {
  const inner = await createRepository(t, { branches: { main: { "a.yaml": "a: 1\n" } } });
  const commit = await inner.git(["rev-parse", "main"]);
  const outer = await createRepository(t, { branches: { main: { sub: { submodule: commit }, "b.yaml": "b: 1\n" } } });
  await outer.checkout("main");
  rmSync(join(outer.directory, "sub"), { recursive: true, force: true });
  await outer.git(["clone", "--quiet", inner.directory, "sub"]);
  const marker = join(inner.directory, "marker");
  const script = join(inner.directory, "trap");
  writeFileSync(script, `#!/bin/sh\necho ran > "${marker}"\n`, { mode: 0o755 });
  await outer.git(["-C", "sub", "config", "core.fsmonitor", script]);
  writeFileSync(join(outer.directory, "sub", "a.yaml"), "changed\n");

  const opened = await openRepository(outer.directory);
  const tree = await opened.worktreeTree();
  const { tree: committed } = await opened.resolveRef("main");
  await opened.close();

  assert.equal(tree, committed, "a submodule stays where the index has it");
  assert.equal(existsSync(marker), false);
  await outer.git(["status", "--short"]);
  assert.equal(existsSync(marker), true, "plain git status does run it");
});
