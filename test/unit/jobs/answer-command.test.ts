import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runTask } from "../../../src/jobs/index.ts";
import type { GitHubRepository, PostedComment, StoredCommand } from "../../../src/jobs/ports.ts";
import type { Intent, Outgoing, PullRequest, Role } from "../../../src/model/index.ts";
import type { JobServices } from "../../../src/jobs/services.ts";
import { readRepositoryConfig, type RepositoryConfig } from "../../../src/config/index.ts";
import { fakePublishing, itemOf, provide } from "../../fakes/fake-publishing.ts";

const SHA = "a".repeat(40);
const AUTHOR = { id: 5, login: "mallory", type: "User" } as const;
const SOMEBODY = { id: 6, login: "ann", type: "User" } as const;
const { repository } = itemOf({ kind: "labels", number: 1, labels: [] });

const SETTINGS: JobServices["settings"] = {
  publicNeedsMaintainer: true,
  arePagesPublic: false,
  organizationRules: "off",
  retentionDays: 90,
};

function readConfig(text: string): RepositoryConfig {
  const reading = readRepositoryConfig(`version: 1\n${text}`, ".github/drydock.yaml");
  if (reading.kind !== "loaded") throw new Error(JSON.stringify(reading));
  return reading.config;
}

interface Circumstances {
  /** The config of the default branch, and why it is not known. */
  readonly config?: string;
  readonly problem?: string;
  readonly pull?: Partial<PullRequest>;
}

interface Answered {
  /** Of `answer` and `reaction`, in a few words. */
  readonly said: readonly string[];
  readonly intents: readonly Intent[];
  readonly released: readonly string[];
}

/** Carries out the commands of one comment on an open pull request of the author's. */
async function answer(
  text: string,
  role: Role,
  more: Partial<StoredCommand> = {},
  { config = "", problem, pull = {} }: Circumstances = {},
): Promise<Answered> {
  const stored: StoredCommand = {
    repository,
    number: 1,
    source: "comment",
    commentId: 90,
    givenAt: Date.parse("2026-11-20T12:00:00Z"),
    actor: SOMEBODY,
    text,
    headSha: SHA,
    isDone: false,
    ...more,
  };
  const intents: Intent[] = [];
  const released: string[] = [];
  let answers: readonly Outgoing[] = [];
  const api: Partial<GitHubRepository> = {
    readFacts: () => Promise.resolve(repository),
    readBranch: () => Promise.resolve("b".repeat(40)),
    readComment: () => Promise.resolve({ id: 90 } as PostedComment),
    readPullRequest: () => Promise.resolve({ isOpen: true, author: AUTHOR, number: 1, ...pull } as PullRequest),
    hasReviewComment: () => Promise.resolve(true),
    readRole: () => Promise.resolve(role),
  };
  const { services: publishing } = fakePublishing(api, {
    readCommand: () => Promise.resolve(stored),
    listInstallations: () => Promise.resolve([]),
    release: (_key, headSha) => Promise.resolve(void released.push(headSha)),
    applyIntents: (wishes) => Promise.resolve(void intents.push(...wishes)),
    finishCommand: (_repositoryId, _commentId, given) => Promise.resolve(void (answers = given)),
  });
  const services: JobServices = {
    ...{ github: publishing.github, records: publishing.records },
    ...{ pageUrl: publishing.pageUrl, now: publishing.now, sleep: publishing.sleep, log: publishing.log },
    checker: provide<JobServices["checker"]>(
      { readConfig: () => Promise.resolve({ config: readConfig(config), problem }) },
      "checker",
    ),
    settings: { ...SETTINGS },
  };
  await runTask({ kind: "command", repositoryId: repository.repositoryId, commentId: stored.commentId }, services, {
    add: () => Promise.resolve(),
  });
  const said = answers.map((each) => {
    if (each.kind === "reaction") return each.content;
    return each.kind === "answer" ? `${each.to}: ${each.body}` : each.kind;
  });
  return { said, intents, released };
}

describe("a command", () => {
  it("T32: lets a fork be checked for somebody who may write, and judges again for its author", async () => {
    for (const role of ["write", "maintain", "admin"] as const) {
      const { said, intents, released } = await answer("/drydock check", role);
      assert.deepEqual([said, intents.length, released], [["+1"], 1, [SHA]], role);
    }
    for (const role of ["none", "read", "triage"] as const) {
      const { said, intents, released } = await answer("/drydock check", role, { actor: AUTHOR });
      assert.deepEqual([said, intents.length, released], [["+1"], 1, []], role);
    }
  });

  it("T14: lets nothing be checked when nobody knows what stood there as it was given", async () => {
    const { intents, released } = await answer("/drydock check", "admin", { headSha: undefined });
    assert.equal(intents.length, 1, "it is judged, which says what it waits for");
    assert.deepEqual(released, []);
  });

  it("T02: is refused to those who may only read or triage, whatever else stands in the comment", async () => {
    for (const role of ["none", "read", "triage"] as const) {
      const { said, intents } = await answer("/drydock help\n/drydock check", role);
      assert.equal(intents.length, 0);
      assert.deepEqual([said[0], said.length], ["confused", 2]);
      assert.match(
        said[1] ?? "",
        /^refusal 6: > `drydock help`\n> `drydock check`\n\nNot done: it takes the author, or write access/u,
      );
    }
  });

  it("T45: quotes a command so that nothing in it acts", async () => {
    const { said } = await answer("/drydock @everyone <img src=x> `` [a](b)", "admin");
    const [quote, ...rest] = (said[1] ?? "").split("\n");
    assert.equal(quote, "refusal 6: > ```drydock @everyone <img src=x> `` [a](b)```");
    assert.doesNotMatch(rest.join(), /everyone|img/u);
  });

  it("T11: is done with all others of its comment, or none of them is", async () => {
    const { said, intents } = await answer("/drydock check\n/drydock lock nowhere", "admin");
    assert.equal(intents.length, 0);
    assert.match(said[1] ?? "", /Not done: the config has no environment of this name/u);
    const both = await answer("/drydock help\n/drydock check", "admin");
    assert.deepEqual([both.intents.length, both.said[0], both.said.length], [1, "+1", 2]);
  });

  it("T13: does nothing on a pull request that is closed or merged", async () => {
    for (const pull of [{ isOpen: false }, { isOpen: false, isMerged: true }]) {
      const { said, intents } = await answer("/drydock check", "admin", {}, { pull });
      assert.equal(intents.length, 0);
      assert.match(said[1] ?? "", /Not done: this pull request is not open\.$/u);
    }
  });

  it("T13: lets nothing pass in a locked conversation or for a draft", async () => {
    const locked = await answer("/drydock unhold", "admin", {}, { pull: { isLocked: true } });
    assert.match(locked.said[1] ?? "", /Not done: this conversation is locked\.$/u);
    const config = "override: { teams: [] }";
    const draft = await answer("/drydock approve", "write", {}, { config, pull: { isDraft: true } });
    assert.match(draft.said[1] ?? "", /Not done: this pull request is a draft\.$/u);
    const checked = await answer("/drydock check", "write", {}, { pull: { isDraft: true, isLocked: true } });
    assert.equal(checked.intents.length, 1);
  });

  it("changes nothing while nobody knows what the rules are", async () => {
    const { said } = await answer("/drydock unhold", "admin", {}, { problem: "the rules could not be read" });
    assert.match(said[1] ?? "", /Not done: the rules could not be read\.$/u);
  });

  it("without the word drydock is left alone, until the config says otherwise", async () => {
    const alone = await answer("/check", "admin");
    assert.deepEqual([alone.said, alone.intents], [[], []]);
    const { said, intents } = await answer("/check", "admin", {}, { config: "commands: { shortForms: [check] }" });
    assert.deepEqual([said, intents.length], [["+1"], 1]);
  });

  it("T11: counts in the text of a review, which takes no reaction, and on a line", async () => {
    const review = await answer("/drydock check", "admin", { source: "review" });
    assert.deepEqual([review.said, review.intents.length], [[], 1]);
    const line = await answer("/drydock check", "admin", { source: "review-comment" });
    assert.deepEqual([line.said, line.intents.length], [["+1"], 1]);
  });

  it("is answered in one comment a person, however often somebody asks", async () => {
    const first = await answer("/drydock help", "none", { commentId: 90 });
    const second = await answer("/drydock help\n/drydock help", "none", { commentId: 91 });
    assert.match(first.said[1] ?? "", /^help 6: /u);
    assert.deepEqual(new Set(second.said), new Set(first.said));
  });
});
