import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readDelivery } from "../../../src/events/index.ts";
import type { Intent } from "../../../src/model/index.ts";

const APP = 77;
const HEAD = "a".repeat(40);
const BASE = "b".repeat(40);
const PERSON = { id: 5, login: "ada", type: "User" };
const BOT = { id: 6, login: "renovate[bot]", type: "Bot" };
const SOMEWHERE = {
  repository: { id: 11, name: "config", owner: { login: "acme" } },
  installation: { id: 3 },
  sender: PERSON,
};
const REF = { installationId: 3, repositoryId: 11, owner: "acme", name: "config" };

function intents(event: string, payload: object): readonly Intent[] {
  return readDelivery({ id: "guid", event }, payload, APP).intents;
}

function pullRequest(action: string, more: object = {}): object {
  const pull = { head: { sha: HEAD }, base: { ref: "main" }, merged: false };
  return { ...SOMEWHERE, action, number: 12, pull_request: pull, ...more };
}

describe("readDelivery", () => {
  const reasons: readonly (readonly [string, object, string | undefined])[] = [
    ["opened", {}, "opened"],
    ["reopened", {}, "opened"],
    ["synchronize", {}, "pushed"],
    ["ready_for_review", {}, "edited"],
    ["converted_to_draft", {}, "edited"],
    ["labeled", {}, "edited"],
    ["edited", { changes: { base: { ref: { from: "dev" } } } }, "retargeted"],
    ["edited", { changes: { title: { from: "old" } } }, undefined],
    ["enqueued", {}, undefined],
    ["constructor", {}, undefined],
  ];
  for (const [action, more, reason] of reasons) {
    it(`takes pull_request.${action} ${JSON.stringify(more)} as ${String(reason)}`, () => {
      const judge = { kind: "judge", repository: REF, number: 12, reason, lane: "people", headSha: HEAD };
      const asked = intents("pull_request", pullRequest(action, more)).filter(({ kind }) => kind === "judge");
      assert.deepEqual(asked, reason === undefined ? [] : [judge]);
    });
  }

  it("T01: records who pushed, to a pull request by its own event and to a branch", () => {
    const from = (repositoryId: number) => ({
      pull_request: { head: { sha: HEAD, repo: { id: repositoryId } }, base: { ref: "main" } },
    });
    const record = { kind: "pushed", repository: REF, after: HEAD, actor: PERSON };
    const read = (event: string, payload: object) => intents(event, payload).filter(({ kind }) => kind === "pushed");
    const pushed = pullRequest("synchronize", { ...from(11), before: BASE, after: HEAD });
    assert.deepEqual(read("pull_request", pushed), [{ ...record, number: 12, before: BASE }]);
    assert.deepEqual(read("pull_request", pullRequest("opened", from(11))), []);
    const opened = [{ ...record, number: 12, before: undefined }];
    assert.deepEqual(read("pull_request", pullRequest("opened", from(99))), opened);
    const push = { ...SOMEWHERE, ref: "refs/heads/change", before: "0".repeat(40), after: HEAD, deleted: false };
    assert.deepEqual(read("push", push), [{ ...record, branch: "change", before: undefined }]);
  });

  it("T54: records who set a label, and that it was taken off", () => {
    const at = "2026-03-01T10:00:00Z";
    const pull = { head: { sha: HEAD }, base: { ref: "main" }, updated_at: at };
    const read = (action: string): readonly Intent[] =>
      intents("pull_request", pullRequest(action, { pull_request: pull, label: { name: "Hotfix" } }));
    const record = { kind: "labeled", repository: REF, number: 12, label: "Hotfix", changedAt: at };
    assert.deepEqual(read("labeled")[0], { ...record, actor: PERSON });
    assert.deepEqual(read("unlabeled")[0], { ...record, actor: undefined });
    assert.deepEqual(
      read("reopened").filter(({ kind }) => kind === "labeled"),
      [],
    );
  });

  const EXAMPLES = join(import.meta.dirname, "../../fixtures/github-webhooks");
  const people = readdirSync(EXAMPLES).filter((file) => /^(?:member|membership|organization|team)\./u.test(file));
  it("hears who comes and goes, by GitHub's own examples", () => {
    assert.ok(people.length >= 9, people.join());
    for (const file of people) {
      const example = JSON.parse(readFileSync(join(EXAMPLES, file), "utf8")) as Record<string, unknown>;
      const { event } = /^(?<event>[a-z]+)/u.exec(file)?.groups ?? {};
      const [intent, ...others] = intents(event ?? "", { ...example, installation: { id: 3 } });
      const isNamed = event !== "team";
      if (intent?.kind !== "people-moved") assert.fail(file);
      assert.equal(intent.actor !== undefined, isNamed, file);
      assert.deepEqual(others, []);
      assert.deepEqual(intents(event ?? "", { ...example, installation: { id: 3 }, action: "invited" }), []);
    }
  });

  describe("of a review", () => {
    const BASE = "b".repeat(40);
    const GIVEN = { headSha: HEAD, baseRef: "main", baseSha: BASE };
    const AT = "2026-03-01T10:00:00Z";
    const review = (action: string, state: string, more: object = {}): object => ({
      ...SOMEWHERE,
      action,
      review: { id: 71, state, user: PERSON, commit_id: HEAD, submitted_at: AT, ...more },
      pull_request: { number: 12, head: { sha: HEAD }, base: { ref: "main", sha: BASE } },
    });
    const judge = { kind: "judge", repository: REF, number: 12, reason: "edited", lane: "people", headSha: HEAD };
    const record = (state: string, given: object | undefined): object => {
      return {
        kind: "review",
        repository: REF,
        number: 12,
        reviewId: 71,
        actor: PERSON,
        state,
        given,
        submittedAt: AT,
      };
    };

    it("T19: records what it was given on when it is submitted, and judges again", () => {
      const read = (state: string) => intents("pull_request_review", review("submitted", state));
      assert.deepEqual(read("approved"), [record("approved", GIVEN), judge]);
      assert.deepEqual(read("changes_requested"), [record("changes-requested", GIVEN), judge]);
      assert.deepEqual(read("commented"), []);
    });

    it("T19: takes no commit from later events", () => {
      const dismissed = intents("pull_request_review", review("dismissed", "dismissed"));
      assert.deepEqual(dismissed, [record("dismissed", undefined), judge]);
      const edited = intents("pull_request_review", review("edited", "approved"));
      assert.deepEqual(edited, [record("approved", undefined), judge]);
      assert.deepEqual(intents("pull_request_review", review("edited", "commented")), []);
    });

    it("judges again where nothing can be recorded", () => {
      assert.deepEqual(intents("pull_request_review", review("submitted", "approved", { user: null })), [judge]);
      const lost = intents("pull_request_review", review("submitted", "approved", { commit_id: null }));
      assert.deepEqual(lost, [record("approved", undefined), judge]);
    });
  });

  it("T11: reads commands in the text of a review and on a line, as they were posted", () => {
    const at = "2026-11-20T10:11:12Z";
    const command = {
      ...{ kind: "command", repository: REF, number: 12, commentId: 7, actor: PERSON },
      ...{ text: "/drydock hold", postedAt: at },
    };
    const pull = { pull_request: { number: 12, head: { sha: HEAD }, base: { ref: "main", sha: HEAD } } };
    const said = { id: 7, body: "/drydock hold", user: PERSON };
    const review = (action: string, more: object = {}) => {
      return { ...SOMEWHERE, ...pull, action, review: { ...said, state: "commented", submitted_at: at, ...more } };
    };
    assert.deepEqual(intents("pull_request_review", review("submitted")), [{ ...command, source: "review" }]);
    assert.deepEqual(intents("pull_request_review", review("edited")), []);
    assert.deepEqual(intents("pull_request_review", review("submitted", { user: BOT })), []);
    const comment = (action: string) => ({ ...SOMEWHERE, ...pull, action, comment: { ...said, created_at: at } });
    const [onLine] = intents("pull_request_review_comment", comment("created"));
    assert.deepEqual(onLine, { ...command, source: "review-comment" });
    for (const action of ["edited", "deleted"]) {
      assert.deepEqual(intents("pull_request_review_comment", comment(action)), []);
    }
  });

  it("lets people go before bots", () => {
    const intent = intents("pull_request", pullRequest("synchronize", { sender: BOT })).at(-1);
    assert.equal(intent?.kind === "judge" && intent.lane, "bots");
  });

  it("takes a closed pull request as closed, merged or not", () => {
    assert.deepEqual(intents("pull_request", pullRequest("closed")), [
      { kind: "close", repository: REF, number: 12, isMerged: false },
    ]);
  });

  it("follows branches and no tags or deletions", () => {
    const push = { ...SOMEWHERE, ref: "refs/heads/env/prod", after: HEAD, deleted: false };
    const moved = { kind: "base-moved", repository: REF, branch: "env/prod", after: HEAD, actor: PERSON };
    assert.deepEqual(intents("push", { ...push, before: BASE }).slice(1), [{ ...moved, before: BASE }]);
    const begun = { ...moved, before: undefined };
    assert.deepEqual(intents("push", { ...push, before: "0".repeat(40) }).slice(1), [begun]);
    const rules = { ...push, repository: { ...SOMEWHERE.repository, name: ".github" } };
    assert.deepEqual(
      intents("push", rules).map(({ kind }) => kind),
      ["pushed", "base-moved", "rules-moved"],
    );
    assert.deepEqual(intents("push", { ...push, ref: "refs/tags/v1" }), []);
    assert.deepEqual(intents("push", { ...push, deleted: true }), []);
  });

  it("T32: a button press judges again, and only on the App's own checks", () => {
    const run = { ...SOMEWHERE, action: "rerequested", check_run: { head_sha: HEAD, app: { id: APP } } };
    const judge = [{ kind: "judge-head", repository: REF, headSha: HEAD }];
    assert.deepEqual(intents("check_run", run), judge);
    assert.deepEqual(intents("check_run", { ...run, check_run: { head_sha: HEAD, app: { id: APP + 1 } } }), []);
    const press = { ...run, action: "requested_action", requested_action: { identifier: "drydock-rerun" } };
    assert.deepEqual(intents("check_run", press), judge);
    assert.deepEqual(intents("check_run", { ...press, requested_action: { identifier: "approve" } }), []);
    assert.deepEqual(intents("check_run", { ...run, action: "completed" }), []);
    const suite = { ...SOMEWHERE, action: "rerequested", check_suite: { head_sha: HEAD, app: { id: APP } } };
    assert.deepEqual(intents("check_suite", suite), judge);
  });

  it("T31: judges a merge group by its own head, and drops one that was destroyed", () => {
    const group = { head_sha: HEAD, head_ref: "refs/heads/gh-readonly-queue/main/pr-1", base_sha: BASE };
    const event = { ...SOMEWHERE, merge_group: { ...group, base_ref: "refs/heads/main" } };
    assert.deepEqual(intents("merge_group", { ...event, action: "checks_requested" }), [
      {
        kind: "judge-group",
        repository: REF,
        group: { repositoryId: 11, headSha: HEAD, headRef: group.head_ref, baseSha: BASE, baseRef: "main" },
      },
    ]);
    assert.deepEqual(intents("merge_group", { ...event, action: "destroyed" }), [
      { kind: "drop-group", repository: REF, headSha: HEAD },
    ]);
  });

  describe("comments", () => {
    const comment = (action: string, body: string, more: object = {}): object => ({
      ...SOMEWHERE,
      action,
      issue: { number: 12, pull_request: {} },
      comment: { id: 99, body, user: PERSON, created_at: "2026-11-20T10:11:12Z" },
      ...more,
    });

    it("keeps one that may hold a command, as it was posted", () => {
      assert.deepEqual(intents("issue_comment", comment("created", "/drydock check")), [
        {
          kind: "command",
          repository: REF,
          number: 12,
          source: "comment",
          commentId: 99,
          actor: PERSON,
          text: "/drydock check",
          postedAt: "2026-11-20T10:11:12Z",
        },
      ]);
    });

    const ignored: readonly (readonly [string, object])[] = [
      ["T09: an edit", comment("edited", "/drydock check")],
      ["T09: a deletion", comment("deleted", "/drydock check")],
      ["T13: a plain issue", comment("created", "/drydock check", { issue: { number: 12 } })],
      ["T08: a bot", comment("created", "/drydock check", { comment: { id: 99, body: "/drydock check", user: BOT } })],
      ["T08: a ghost", comment("created", "x", { comment: { id: 99, body: "/drydock check", user: null } })],
      ["talk", comment("created", "looks good")],
    ];
    for (const [what, payload] of ignored) {
      it(`ignores ${what}`, () => {
        assert.deepEqual(intents("issue_comment", payload), []);
      });
    }
  });

  it("T53: follows installations and repositories", () => {
    const installation = { id: 3, account: { login: "acme" } };
    const listed = [{ id: 11, name: "config", full_name: "acme/config" }];
    assert.deepEqual(intents("installation", { action: "created", installation, repositories: listed }), [
      { kind: "installed", installationId: 3, account: "acme", repositories: [REF] },
    ]);
    assert.deepEqual(intents("installation", { action: "suspend", installation }), [
      { kind: "suspended", installationId: 3, isSuspended: true },
    ]);
    assert.deepEqual(intents("installation", { action: "deleted", installation }), [
      { kind: "uninstalled", installationId: 3 },
    ]);
    const moved = { action: "added", installation, repositories_added: listed, repositories_removed: [{ id: 12 }] };
    assert.deepEqual(
      intents("installation_repositories", moved).map(({ kind }) => kind),
      ["installed", "repositories-removed"],
    );
    assert.deepEqual(intents("repository", { ...SOMEWHERE, action: "renamed" }), [
      { kind: "repository-changed", repository: REF },
    ]);
  });

  it("T48: says what is odd about a payload instead of failing on it", () => {
    const delivery = readDelivery({ id: "guid", event: "pull_request" }, { action: "opened" }, APP);
    assert.deepEqual(delivery.intents, []);
    assert.match(delivery.problem ?? "", /unexpected payload at repository/u);
    for (const event of ["constructor", "__proto__", "no_such_event"]) {
      assert.deepEqual(intents(event, pullRequest("opened")), []);
    }
  });

  it("T48: takes whatever JSON can say", () => {
    const events = ["pull_request", "push", "check_run", "merge_group", "issue_comment", "installation", "repository"];
    fc.assert(
      fc.property(fc.constantFrom(...events), fc.jsonValue(), (event, payload) => {
        assert.deepEqual(readDelivery({ id: "guid", event }, payload, APP).intents, []);
      }),
    );
  });
});
