import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { COMMANDS, readCommands } from "../../../src/commands/index.ts";
import { COMMAND_NAMES, type CommandName } from "../../../src/model/index.ts";

/** The arguments of one command, or what is wrong with them. */
function read(line: string): unknown {
  const reading = readCommands(`/drydock ${line}`);
  if (reading.kind === "commands") return reading.commands[0]?.args;
  return reading.kind === "unknown" ? reading.problem : reading.kind;
}

const HOUR = 3_600_000;

describe("arguments of commands", () => {
  const cases: readonly (readonly [line: string, args: object])[] = [
    ["help", {}],
    ["diff", { app: undefined }],
    ["diff kustomize:apps/web/overlays/prod", { app: "kustomize:apps/web/overlays/prod" }],
    ["diff helm:charts/my web#prod", { app: "helm:charts/my web#prod" }],
    ["explain", { check: undefined }],
    ["explain environments", { check: "drydock/environments" }],
    ["explain drydock/policy", { check: "drydock/policy" }],
    ["approve", { environment: undefined }],
    ["approve prod-eu.1", { environment: "prod-eu.1" }],
    ["hold", { reason: undefined }],
    ["hold until the  audit is over", { reason: "until the audit is over" }],
    ["override promotion-order prod is down", { rule: "promotion-order", reason: "prod is down" }],
    ["override drydock/policy it is down", { rule: "drydock/policy", reason: "it is down" }],
    ["freeze prod", { environment: "prod", until: undefined, reason: undefined }],
    ["freeze prod 2h", { environment: "prod", until: { kind: "after", milliseconds: 2 * HOUR }, reason: undefined }],
    [
      "freeze prod 2026-12-24T18:00+01:00 holidays",
      { environment: "prod", until: { kind: "at", moment: Date.parse("2026-12-24T17:00Z") }, reason: "holidays" },
    ],
    ["freeze prod the database moves", { environment: "prod", until: undefined, reason: "the database moves" }],
    ["lock dev mine", { environment: "dev", reason: "mine" }],
    ["unlock dev", { environment: "dev" }],
    ["merge when  ready", { wish: "when-ready" }],
    ["merge cancel", { wish: "cancel" }],
  ];
  for (const [line, args] of cases) {
    it(`reads ${line}`, () => {
      assert.deepEqual(read(line), args);
    });
  }

  const refused: readonly (readonly [line: string, problem: RegExp])[] = [
    ["unhold please", /^it takes no arguments$/u],
    ["explain everything", /^it takes one check at most/u],
    ["approve dev prod", /^it takes one environment at most$/u],
    ["override approvals", /^it takes a rule and the reason$/u],
    ["freeze", /^it takes an environment/u],
    ["freeze prod 24hours", /^its end is written/u],
    ["freeze prod 3 bugs", /^its end is written/u],
    ["freeze prod 0h", /^its end is written/u],
    ["freeze prod 99999w", /^its end is written/u],
    ["freeze prod 2026-12-24", /^its end is written/u],
    ["freeze prod 2026-13-45T99:00Z", /^its end is written/u],
    ["merge", /^it is `merge when ready`/u],
    ["merge now", /^it is `merge when ready`/u],
    ["merge when ready please", /^it is `merge when ready`/u],
    ["unfreeze", /^it takes one environment$/u],
    ["unlock dev prod", /^it takes one environment$/u],
    [`hold ${"x".repeat(301)}`, /^a reason has at most 300 characters$/u],
    ["hold \u202eevil", /cannot be seen/u],
    ["hold nothing\u200b here", /cannot be seen/u],
  ];
  for (const [line, problem] of refused) {
    it(`refuses ${JSON.stringify(line.slice(0, 40))}`, () => {
      assert.match(String(read(line)), problem);
    });
  }

  it("T17: takes no hostile word for an environment, a rule or a check, and repeats none", () => {
    const hostile = ["../etc", ";id", "$(id)", "-rf", "--force", "__proto__", "`x`", "@everyone", "x".repeat(3000)];
    const taking: readonly CommandName[] = ["approve", "explain", "freeze", "unfreeze", "lock", "unlock"];
    for (const word of hostile) {
      for (const name of taking)
        assert.doesNotMatch(String(read(`${name} ${word}`)), /\[object|etc|id\)|everyone|xxx/u);
      assert.equal(read(`override ${word} because`), "a rule is named as the check names it", word);
    }
    assert.deepEqual(read("lock constructor"), { environment: "constructor", reason: undefined });
  });

  it("T17: knows no command by what every object has", () => {
    for (const name of ["constructor", "toString", "hasOwnProperty", "__proto__"]) {
      assert.match(String(read(name)), /^there is no such command/u);
      assert.equal(readCommands(`/${name}`, COMMAND_NAMES).kind, "none");
    }
  });

  it("names the nearest command", () => {
    assert.equal(read("unfreze prod"), "there is no such command; did you mean `unfreeze`?");
  });

  it("has a help text for every command", () => {
    for (const name of COMMAND_NAMES) assert.match(COMMANDS[name].help, /^[a-z].*[^.]$/u);
  });
});

describe("short forms", () => {
  const kindOf = (comment: string, names: readonly CommandName[]): string => {
    const reading = readCommands(comment, names);
    return reading.kind === "commands" ? reading.commands.map(({ name }) => name).join() : reading.kind;
  };

  it("count where the config says so, each by its name", () => {
    assert.equal(kindOf("/hold", []), "none");
    assert.equal(kindOf("/hold too early\n/unhold", ["hold", "unhold"]), "hold,unhold");
    assert.equal(kindOf("/hold\n/approve", ["hold"]), "hold");
    assert.equal(kindOf("/hold\n/drydock check", ["hold"]), "hold,check");
  });

  it("leave what other bots are told alone", () => {
    for (const line of ["/lgtm", "/holding", "/hold-on", "/Hold", "/hold/this", "// hold", "/ hold", "/retest-all"]) {
      assert.equal(kindOf(line, COMMAND_NAMES), "none", line);
    }
  });

  it("are refused with the rest of their comment when their arguments are wrong", () => {
    assert.equal(kindOf("/unhold now\n/drydock check", ["unhold"]), "unknown");
  });

  it("T10: count in no code, quote or fold", () => {
    for (const comment of [
      "```\n/hold\n```",
      "> /hold",
      "    /hold",
      "<details>\n\n/hold\n\n</details>",
      "/ho\u200bld",
    ]) {
      assert.equal(kindOf(comment, COMMAND_NAMES), "none", comment);
    }
  });
});
