import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkWithApprovals } from "../../../src/jobs/check-with-approvals.ts";
import type { CheckedPullRequest, Checker, CheckOfPullRequest } from "../../../src/jobs/ports.ts";
import { provide } from "../../fakes/fake-publishing.ts";

describe("the moment of the facts of a check", () => {
  it("is after what was rendered and before anybody is asked about, however long either takes", async () => {
    let clock = 0;
    const checked = { asked: [] } as Partial<CheckedPullRequest> as CheckedPullRequest;
    const checker = provide<Checker>(
      {
        check: () => {
          clock += 60_000;
          return Promise.resolve(checked);
        },
      },
      "checker",
    );
    const find = (): Promise<readonly []> => {
      clock += 7_000;
      return Promise.resolve([]);
    };
    const request = provide<CheckOfPullRequest>({}, "request");
    const { askedAt } = await checkWithApprovals(request, find, { checker, now: () => clock });
    assert.equal(askedAt, 60_000);
  });
});
