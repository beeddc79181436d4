import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PERMISSION_SETS } from "../../../src/github/index.ts";
import { describeMissing, describeSilence, isPermitted } from "../../../src/jobs/permissions.ts";

describe("permissions", () => {
  it("of the set `full` leave nothing out", () => {
    assert.deepEqual(describeMissing(PERMISSION_SETS.full), []);
    assert.equal(describeSilence(PERMISSION_SETS.full), undefined);
  });

  it("of the set `checks only` leave comments and commands out, which is said", () => {
    assert.deepEqual(describeMissing(PERMISSION_SETS["checks only"]), [
      "Without the permission `pull_requests: write`, no comment, review or label is written.",
      "Without the permission `issues: write`, commands in comments are heard late, and labels may be refused.",
      "Without the permission `members: read`, nobody's team is known, so exceptions wait that a team approves.",
    ]);
    assert.equal(
      describeSilence(PERMISSION_SETS["checks only"]),
      "Comment, review and labels are off: the App has no permission `pull_requests: write` here.",
    );
  });

  it("that nobody has read yet are not said to be missing", () => {
    assert.equal(describeSilence({}), undefined);
  });

  it("includes reading in writing, and takes no name from Object", () => {
    assert.equal(isPermitted({ checks: "write" }, "checks", "read"), true);
    assert.equal(isPermitted({ checks: "read" }, "checks", "write"), false);
    assert.equal(isPermitted({}, "constructor", "read"), false);
  });
});
