import assert from "node:assert/strict";
import { test } from "node:test";
import { requireVersion } from "../../../src/git/run-git.ts";

for (const version of [
  "git version 2.38.0",
  "git version 2.39.5 (Apple Git-154)",
  "git version 2.45.1.windows.1",
  "git version 3.0",
]) {
  test(`${version} will do`, () => assert.doesNotThrow(() => requireVersion(version)));
}

for (const version of ["git version 2.37.9", "git version 1.8.3.1", "git version 1.40", "something else", ""]) {
  test(`"${version}" will not do`, () =>
    assert.throws(() => requireVersion(version), { name: "UsageError", message: /needs git 2\.38 or newer/u }));
}
