import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readCodeOwners } from "../../../src/environments/index.ts";

describe("owners of a path", () => {
  // The examples of docs.github.com, "About code owners", and what gitignore(5) says where it is silent.
  const rows: readonly (readonly [string, string, boolean])[] = [
    ["*", "a/b/c.yaml", true],
    ["*.js", "src/a.js", true],
    ["*.js", "src/a.jsx", false],
    ["/build/logs/", "build/logs/x/y.log", true],
    ["/build/logs/", "a/build/logs/y.log", false],
    ["/build/logs/", "build/logs", false],
    ["docs/*", "docs/getting-started.md", true],
    ["docs/*", "docs/build-app/troubleshooting.md", false],
    ["docs/*", "a/docs/b.md", false],
    ["apps/", "x/apps/y/z.yaml", true],
    ["apps/", "apps", false],
    ["/docs/", "docs/a/b", true],
    ["/apps/github", "apps/github/a/b.yaml", true],
    ["/apps/github", "apps/github", true],
    ["/apps/github", "apps/githubber", false],
    ["**/logs", "deeply/nested/logs/a", true],
    ["**/logs", "logs/a", true],
    ["apps/**/prod", "apps/web/overlays/prod/a.yaml", true],
    ["apps/**/prod", "apps/prod/a.yaml", true],
    ["apps/**/prod", "apps/web/dev/a.yaml", false],
    ["apps/**", "apps/a/b", true],
    ["apps/*/prod/", "apps/web/prod/x/y", true],
    ["apps/*/prod/", "apps/web/a/prod/x", false],
    ["CODEOWNERS", ".github/CODEOWNERS", true],
    ["/a?c.yaml", "abc.yaml", true],
    ["/a?c.yaml", "a/c.yaml", false],
    ["/Apps/", "apps/a", false],
    ["/my\\ docs/", "my docs/a", true],
    ["/{a,b}/", "a/x", false],
    ["/.github/", ".github/workflows/x.yml", true],
  ];
  for (const [pattern, path, isOwned] of rows) {
    it(`${pattern} ${isOwned ? "takes" : "leaves"} ${path}`, () => {
      assert.deepEqual(readCodeOwners(`${pattern} @acme/sre`).ownersOf(path), isOwned ? ["acme/sre"] : []);
    });
  }

  it("are those of the last line that matches, also when it names nobody", () => {
    const { ownersOf, errors } = readCodeOwners(
      "# all\n* @ada dev@acme.example # and so on\n\n/apps/prod @acme/sre @grace\r\n/apps/prod/free\n",
    );
    assert.deepEqual(ownersOf("a"), ["ada", "dev@acme.example"]);
    assert.deepEqual(ownersOf("apps/prod/a"), ["acme/sre", "grace"]);
    assert.deepEqual(ownersOf("apps/prod/free/a"), []);
    assert.deepEqual(errors, []);
  });

  it("are not changed by lines that GitHub skips, which are told", () => {
    const { ownersOf, errors } = readCodeOwners(
      "* @ada\n!/apps @eve\n/[a]pps @eve\n/apps @eve not-an-owner\n\\#x @eve\n",
    );
    assert.deepEqual(ownersOf("apps/a"), ["ada"]);
    assert.equal(errors.length, 4);
    assert.match(errors[0] ?? "", /^Line 2 of CODEOWNERS negates a pattern/u);
  });

  it("T37: are found in time that does not explode", () => {
    const { ownersOf } = readCodeOwners(`/${"*a".repeat(400)} @ada\n${"**/a/".repeat(150)}b @ada\n`);
    const started = performance.now();
    assert.deepEqual(ownersOf(`${"a/".repeat(2000)}${"a".repeat(4000)}c`), []);
    assert.ok(performance.now() - started < 2000);
  });

  it("T37: are not known once many rules by many files took their steps, and never nobody's", () => {
    const many = (rule: string, times: number): string => `* @ada\n${`${rule} @ada\n`.repeat(times)}`;
    const few = readCodeOwners(many("*x", 10), 1_000);
    assert.deepEqual(few.ownersOf("a/b"), ["ada"]);
    for (let asked = 0; asked < 100; asked++) few.ownersOf(`a/b${asked}`);
    assert.equal(few.ownersOf("a/b"), undefined);
    assert.equal(readCodeOwners(many("/a", 10), 10).ownersOf("b"), undefined, "a rule that is skipped is a step too");
    const hostile = readCodeOwners(many("*a".repeat(400), 3_000));
    const started = performance.now();
    assert.equal(hostile.ownersOf(`${"a".repeat(9_000)}b`), undefined);
    assert.ok(performance.now() - started < 10_000);
  });

  it("are found for as many files as GitHub lists, by thousands of plain rules", () => {
    const { ownersOf } = readCodeOwners(
      Array.from({ length: 5_000 }, (_, team) => `/apps/team-${team}/ @team-${team}`).join("\n"),
    );
    for (let team = 0; team < 3_000; team++) {
      assert.deepEqual(ownersOf(`apps/team-${team}/overlays/prod/web.yaml`), [`team-${team}`]);
    }
  });
});
