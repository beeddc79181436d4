import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import picomatch from "picomatch";
import { compileAppGlob, compilePathGlob } from "../../../src/config/index.ts";
import type { GlobResult } from "../../../src/config/index.ts";

function matches(result: GlobResult, text: string): boolean {
  assert.equal(result.kind, "glob");
  return result.glob.matches(text);
}

describe("compilePathGlob", () => {
  const table: readonly [pattern: string, path: string, isMatch: boolean][] = [
    ["vendor", "vendor", true],
    ["vendor", "a/b/vendor", true],
    ["vendor", "a/vendor/b", false],
    ["vendor", "myvendor", false],
    ["*.tmpl.yaml", "a/b/x.tmpl.yaml", true],
    ["apps/*", "apps/web", true],
    ["apps/*", "apps/web/base", false],
    ["apps/*", "x/apps/web", false],
    ["apps/**", "apps", true],
    ["apps/**", "apps/a/b/c", true],
    ["**", "", true],
    ["**", "a/b", true],
    ["**/prod/**", "clusters/prod/x", true],
    ["**/prod", "prod", true],
    ["clusters/{prod,stage}-[0-9]/x", "clusters/stage-1/x", true],
    ["clusters/{prod,stage}-[0-9]/x", "clusters/stage-a/x", false],
    ["a/[!b]", "a/c", true],
    ["a/[!b]", "a/b", false],
    ["/web", "web", true],
    ["/web", "a/web", false],
    ["a/?", "a/b", true],
    ["a/", "x/a", true],
    ["./a/b/", "a/b", true],
    ["*", ".hidden", true],
    ["__proto__", "a/__proto__", true],
  ];
  for (const [pattern, path, isMatch] of table) {
    it(`${pattern} ${isMatch ? "matches" : "does not match"} "${path}"`, () => {
      assert.equal(matches(compilePathGlob(pattern), path), isMatch);
    });
  }

  for (const pattern of ["", "!a", "!(a)", "a/+(b)", "a\\b", "a[", "a/[]", "{a", "a}", "../a", "a/../b", "a\nb"]) {
    it(`refuses ${JSON.stringify(pattern)}`, () => assert.equal(compilePathGlob(pattern).kind, "invalid"));
  }

  it("refuses groups that stand for too many patterns", () => {
    assert.equal(compilePathGlob("x/" + "{a,b}".repeat(7)).kind, "invalid");
    assert.equal(compilePathGlob("x/" + "{a,b}".repeat(6)).kind, "glob");
    assert.equal(compilePathGlob("x/" + "{".repeat(200) + "a" + "}".repeat(200)).kind, "glob");
    assert.equal(compilePathGlob("a".repeat(513)).kind, "invalid");
  });

  it("T37 takes linear time for patterns that make regular expressions explode", () => {
    const pattern = "a/" + "*a".repeat(200) + "b";
    const started = performance.now();
    assert.equal(matches(compilePathGlob(pattern), "a/" + "a".repeat(4000)), false);
    assert.equal(matches(compilePathGlob("**/a/".repeat(100) + "b"), "a/".repeat(2000) + "c"), false);
    assert.ok(performance.now() - started < 1000);
  });

  it("agrees with picomatch on ordinary globs with a slash", () => {
    const piece = fc.constantFrom("a", "b", "*", "?", "**", "a*", "*b", "[ab]", "{a,b}", "a*b");
    const name = fc.stringMatching(/^[ab]{1,3}$/);
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 2, maxLength: 5 }),
        fc.array(name, { minLength: 1, maxLength: 5 }),
        (pieces, names) => {
          // picomatch wants at least one name for `**` right after a wildcard, and only there.
          fc.pre(pieces.every((piece, index) => piece !== "**" || /^\w?$/.test(pieces[index - 1] ?? "")));
          const pattern = pieces.join("/");
          const path = names.join("/");
          assert.equal(
            matches(compilePathGlob(pattern), path),
            picomatch(pattern, { dot: true })(path),
            `${pattern} ${path}`,
          );
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("compileAppGlob", () => {
  const table: readonly [pattern: string, id: string, isMatch: boolean][] = [
    ["helm:*", "helm:charts/web#values-prod.yaml", true],
    ["helm:*", "kustomize:a", false],
    ["*:apps/web/*", "kustomize:apps/web/overlays/prod", true],
    ["{plain,helm}:a/**", "plain:a/b/", true],
    ["plain:manifests/", "plain:manifests/", true],
    ["plain:manifests", "plain:manifests/", false],
  ];
  for (const [pattern, id, isMatch] of table) {
    it(`${pattern} ${isMatch ? "matches" : "does not match"} ${id}`, () => {
      assert.equal(matches(compileAppGlob(pattern), id), isMatch);
    });
  }
});
