import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PullRequestName } from "../../../src/doctor/ask-server.ts";
import { parsePullUrl, writeExamination } from "../../../src/doctor/examine.ts";
import { judgeStory } from "../../../src/doctor/judge-story.ts";
import { storySchema, type Story } from "../../../src/doctor/server-answers.ts";
import { GATE, makeApp, makeFacts, makeInstallation, NOW } from "./make-facts.ts";

const PULL: PullRequestName = { owner: "acme", name: "config", number: 12 };

function makeStory(changes: Partial<Story> = {}): Story {
  const state = { isOpen: true, isQuiet: false, headSha: "a".repeat(40), baseRef: "main", reasons: [] };
  return { state, deliveries: [], tasks: [], outgoing: [], troubles: [], results: [], ...changes };
}

const state = (changes: object): Partial<Story> => {
  const known = makeStory().state;
  return known === undefined ? {} : { state: { ...known, ...changes } };
};
const task = (changes: object) => ({
  ...{ queue: "judge", state: "retry", failures: 1, notBefore: "2026-11-21T12:05:00.000Z", ...changes },
});

const GAVE_UP = {
  at: "2026-11-21T10:00:01.000Z",
  what: "gave-up",
  detail: { attempts: 10, message: "Fault: GitHub answered 406" },
};

function resultAt(judgedAt: string): Story["results"][number] {
  return { judgedAt, state: "failure", title: "Could not check", headSha: "a".repeat(40), baseRef: "main" };
}

describe("judgeStory", () => {
  const rows: readonly (readonly [what: string, story: Story | undefined, level: string, sentence: RegExp])[] = [
    ["a sound one", makeStory(), "ok", /^Nothing is wrong with this pull request/u],
    ["an unknown repository", undefined, "problem", /does not know this repository\.$/u],
    ["an unknown one", makeStory({ state: undefined }), "problem", /does not know this pull request\.$/u],
    ["a closed one", makeStory(state({ isOpen: false })), "ok", /knows it as closed/u],
    [
      "a closed one that waited",
      makeStory(state({ isOpen: false, waitingSince: "2026-11-01T00:00:00Z" })),
      "ok",
      /knows it as closed/u,
    ],
    [
      "one that waits",
      makeStory(state({ waitingSince: "2026-11-21T11:40:00Z" })),
      "problem",
      /^It has waited 20 minutes for its result\.$/u,
    ],
    ["lost access", makeStory(state({ accessLost: "not-found" })), "problem", /lost its access .* \(not-found\)/u],
    ["an old one", makeStory(state({ isQuiet: true })), "advice", /opened before the App was installed/u],
    [
      "a job that failed",
      makeStory({ tasks: [task({ lastFault: "GitHub answered 500" })] }),
      "problem",
      /^Its last job failed: GitHub answered 500$/u,
    ],
    [
      "a job that failed and is done since",
      makeStory({ tasks: [task({ state: "completed", lastFault: "GitHub answered 500" })] }),
      "ok",
      /^Nothing is wrong/u,
    ],
    [
      "a refused write",
      makeStory({
        outgoing: [{ kind: "comment", slot: "12/0", isPending: false, refused: "no permission", wantedAt: "2026" }],
      }),
      "problem",
      /^GitHub refuses the comment: no permission/u,
    ],
    [
      "a delivery that could not be read",
      makeStory({ deliveries: [{ id: "1", event: "push", receivedAt: "2026", problem: "no sha" }] }),
      "problem",
      /^A delivery \(push\) could not be read: no sha\.$/u,
    ],
    [
      "silence that GitHub asked for",
      makeStory({ writesPausedUntil: "2026-11-21T12:05:00Z" }),
      "advice",
      /asked for silence for 5 minutes/u,
    ],
    ["silence that is over", makeStory({ writesPausedUntil: "2026-11-21T11:59:00Z" }), "ok", /^Nothing is wrong/u],
    [
      "one that was given up",
      makeStory({ troubles: [GAVE_UP], results: [resultAt("2026-11-21T10:00:00.000Z")] }),
      "problem",
      /^Its check was given up: Fault: GitHub answered 406$/u,
    ],
    [
      "one that was given up and checked since",
      makeStory({ troubles: [GAVE_UP], results: [resultAt("2026-11-21T10:00:02.000Z")] }),
      "ok",
      /^Nothing is wrong/u,
    ],
  ];
  for (const [what, story, level, sentence] of rows) {
    it(`says of ${what}: ${level}`, () => {
      const [first, ...others] = judgeStory(story, NOW);
      assert.deepEqual([first?.level, others], [level, []]);
      assert.match(first?.sentence ?? "", sentence);
    });
  }
});

it("takes a comment that the permission is absent for as no problem, and a check as one", () => {
  const row = { slot: "12/0", isPending: false, refused: "no permission", wantedAt: "2026" };
  const judge = (kind: string) => judgeStory(makeStory({ outgoing: [{ kind, ...row }] }), NOW, false)[0]?.level;
  assert.deepEqual([judge("comment"), judge("check")], ["ok", "problem"]);
});

describe("writeExamination", () => {
  const text = { format: "text", width: 60 } as const;
  const json = { format: "json", width: 60 } as const;

  it("ends with 0 for what is sound and for advice, with 1 for a problem", () => {
    assert.equal(writeExamination(makeFacts(), undefined, text).exitCode, 0);
    const optional = makeFacts({ installations: { kind: "known", value: [makeInstallation({}, [])] } });
    assert.equal(writeExamination(optional, undefined, text).exitCode, 0);
    const old = writeExamination(makeFacts({ git: { kind: "known", value: "git version 2.30" } }), undefined, text);
    assert.equal(old.exitCode, 1);
    assert.ok(
      old.text.endsWith(`
PROBLEM  git is 2.30; Drydock needs 2.38 or newer.
         → Install git 2.38 or newer, first on the PATH.
           docs/doctor.md#git

1 problem.
`),
      old.text,
    );
  });

  it("fits sixty columns", () => {
    const unpinned = makeInstallation({}, [{ ...GATE, appId: undefined, bypass: "nobody" }], ["one", "two", "three"]);
    const facts = makeFacts({
      installations: { kind: "known", value: [unpinned, makeInstallation({ isSuspended: true })] },
      app: { kind: "known", value: makeApp({ events: [], permissions: {}, contentType: "form" }) },
      failedDeliveries: { kind: "unknown", why: "GitHub answered GET /app/hook/deliveries with 500: Server Error" },
    });
    const lines = writeExamination(facts, undefined, text).text.split("\n");
    assert.deepEqual(
      lines.filter((line) => line.length > 60),
      [],
    );
  });

  it("prints a pull request's story first, and leaves out what is right elsewhere", () => {
    const story = makeStory({
      deliveries: [{ id: "72d3162e", event: "push", receivedAt: "2026-11-21T11:00:00.123Z" }],
      tasks: [task({ lastFault: "GitHub is away" })],
    });
    const pull = { name: PULL, answer: { kind: "answered", value: story } } as const;
    const { text: printed, exitCode } = writeExamination(makeFacts(), pull, text);
    assert.equal(exitCode, 1);
    assert.equal(
      printed,
      `acme/config#12
  open, head aaaaaaaaaa, base main

Deliveries (newest first)
  2026-11-21 11:00:00 push
    72d3162e

Jobs that run or wait (newest first)
  judge: waits to be tried again, from 2026-11-21 12:05:00,
    failed 1 time
    last fault: GitHub is away

Results: none

Writes to GitHub: none

Faults on record: none

PROBLEM  Its last job failed: GitHub is away
         → It is tried again by itself, later each time;
           after the last attempt the check says so.
           docs/doctor.md#pull-request

1 problem.
`,
    );
  });

  it("says once that no server answers when it is asked for a pull request", () => {
    const away = { kind: "away", address: "http://127.0.0.1:1" } as const;
    const { text: printed } = writeExamination(makeFacts({ server: away }), { name: PULL, answer: away }, text);
    assert.equal(printed.split("No server answers").length, 2);
  });

  it("T56: prints no token, in no format, whoever put it into a fault or a name", () => {
    const token = `ghs_${"a".repeat(36)}`;
    const story = makeStory({
      tasks: [task({ lastFault: `asked with ${token}` })],
      outgoing: [{ kind: "comment", slot: "1/0", isPending: false, refused: token, wantedAt: "2026" }],
      troubles: [{ at: "2026", what: "given up", detail: { reason: `https://x-access-token:${token}@github.com` } }],
    });
    const pull = { name: PULL, answer: { kind: "answered", value: story } } as const;
    for (const format of [text, json]) {
      assert.ok(!writeExamination(makeFacts(), pull, format).text.includes(token));
    }
  });

  it("is JSON whatever names hold, and no character of it drives a terminal", () => {
    const installation = makeInstallation({ account: "ac\u202eme\u0007\u{e0001}\u2028" });
    const { text: printed } = writeExamination(
      makeFacts({ installations: { kind: "known", value: [installation] } }),
      undefined,
      json,
    );
    assert.doesNotMatch(printed, /[^\n\P{C}]|\u2028/u);
    const { version, diagnoses } = JSON.parse(printed) as { version: number; diagnoses: { sentence: string }[] };
    assert.equal(version, 1);
    assert.ok(diagnoses.some(({ sentence }) => sentence.includes("ac\u202eme\u0007\u{e0001}\u2028")));
  });
});

describe("storySchema", () => {
  it("takes what the server sends in JSON, and drops the class of a fault", () => {
    const sent = { ...makeStory(), state: undefined, tasks: [task({ lastFault: "LimitedFault: wait" })] };
    const read = storySchema.parse(JSON.parse(JSON.stringify(sent)));
    assert.equal(read.tasks[0]?.lastFault, "wait");
  });
});

describe("parsePullUrl", () => {
  const web = "https://github.com";
  for (const [url, expected] of [
    ["https://github.com/acme/config/pull/12", PULL],
    ["https://github.com/acme/config/pull/12/files#diff-1", PULL],
    ["https://github.com/__proto__/.github/pull/1", { owner: "__proto__", name: ".github", number: 1 }],
  ] as const) {
    it(`reads ${url}`, () => assert.deepEqual(parsePullUrl(url, web), expected));
  }

  it("reads one of a server that is not at the root", () => {
    assert.deepEqual(
      parsePullUrl("https://ghe.example/github/acme/config/pull/12", "https://ghe.example/github"),
      PULL,
    );
  });

  for (const url of [
    "12",
    "acme/config#12",
    "https://github.com/acme/config/issues/12",
    "https://github.com/acme/config/pull/0x1",
    "https://github.com/acme/con%2ffig/pull/1",
    "https://github.example/acme/config/pull/12",
    "javascript:/acme/config/pull/12",
  ]) {
    it(`refuses ${url}`, () => assert.throws(() => parsePullUrl(url, web), { name: "UsageError" }));
  }
});
