import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  authorize,
  findEnvironmentProblem,
  findRequirement,
  listTeams,
  readCommands,
  type AskerFacts,
  type CommandConfig,
} from "../../../src/commands/index.ts";
import { readRepositoryConfig } from "../../../src/config/index.ts";
import type { Command, Role } from "../../../src/model/index.ts";

function configOf(text = ""): CommandConfig {
  const reading = readRepositoryConfig(`version: 1\n${text}`, ".github/drydock.yaml");
  if (reading.kind !== "loaded") throw new Error(JSON.stringify(reading));
  return reading.config;
}

function commandOf(line: string): Command {
  const reading = readCommands(`/drydock ${line}`);
  const [command] = reading.kind === "commands" ? reading.commands : [];
  if (command === undefined) throw new Error(line);
  return command;
}

function asker(role: Role, more: Partial<AskerFacts> = {}): AskerFacts {
  return { type: "User", role, isAuthor: false, teams: new Map(), ...more };
}

/** Undefined for yes, else why not. */
function ask(line: string, facts: AskerFacts, config = configOf()): string | undefined {
  const answer = authorize(findRequirement(commandOf(line), config), facts);
  return answer.isAllowed ? undefined : answer.reason;
}

const ENVIRONMENTS = `
environments:
  dev: { paths: [dev] }
  prod: { paths: [prod], approvals: { teams: [sre] } }
`;

describe("authorize", () => {
  const least: readonly (readonly [line: string, role: Role])[] = [
    ["help", "none"],
    ["diff", "read"],
    ["explain", "read"],
    ["unapprove", "read"],
    ["check", "write"],
    ["approve", "write"],
    ["hold", "write"],
    ["unhold", "write"],
    ["lock dev", "write"],
    ["unlock dev", "write"],
    ["freeze dev", "maintain"],
    ["unfreeze dev", "maintain"],
  ];
  const roles: readonly Role[] = ["none", "read", "triage", "write", "maintain", "admin"];
  for (const [line, role] of least) {
    it(`T02: lets ${role} ${line}, and nobody below`, () => {
      for (const [index, other] of roles.entries()) {
        const isAllowed = ask(line, asker(other), configOf(ENVIRONMENTS)) === undefined;
        assert.equal(isAllowed, index >= roles.indexOf(role), other);
      }
    });
  }

  it("T07: gives the author of a pull request nothing of what writers of the branch may, but a check", () => {
    const author = asker("read", { isAuthor: true });
    assert.equal(ask("check", author), undefined);
    for (const line of [
      "approve",
      "hold",
      "unhold",
      "override x y",
      "freeze dev",
      "unfreeze dev",
      "lock dev",
      "unlock dev",
    ]) {
      assert.notEqual(ask(line, author, configOf(ENVIRONMENTS)), undefined, line);
    }
  });

  it("T01: lets no author approve, whatever the role", () => {
    assert.match(ask("approve", asker("admin", { isAuthor: true })) ?? "", /^the author of a pull request does not/u);
  });

  it("T08: lets nobody but people", () => {
    for (const type of ["Bot", "Organization", "Mannequin"] as const) {
      assert.equal(ask("help", asker("admin", { type })), "it takes a person");
    }
  });

  it("lets a team that approves for an environment keep it, once GitHub says who is in it (T05)", () => {
    const config = configOf(ENVIRONMENTS);
    const inTeam = (state: "yes" | "no" | "unknown") => asker("write", { teams: new Map([["sre", state]]) });
    assert.equal(ask("freeze prod", inTeam("yes"), config), undefined);
    assert.equal(ask("freeze prod", inTeam("no"), config), "it takes a member of team `sre`");
    assert.match(ask("freeze prod", inTeam("unknown"), config) ?? "", /GitHub does not tell whether you are$/u);
    assert.match(ask("freeze prod", asker("write"), config) ?? "", /GitHub does not tell/u, "nobody asked");
    assert.notEqual(ask("freeze dev", inTeam("yes"), config), undefined, "of another environment");
    assert.notEqual(ask("freeze prod", asker("read", { teams: new Map([["sre", "yes"]]) }), config), undefined);
  });

  it("lets members of a named team override, and nobody where none is named", () => {
    assert.equal(ask("override freeze it burns", asker("admin")), "the config names no team that may");
    const config = configOf("override: { teams: [oncall] }");
    const oncall = asker("write", { teams: new Map([["oncall", "yes"]]) });
    assert.equal(ask("override freeze it burns", oncall, config), undefined);
    assert.match(ask("override freeze it burns", asker("admin"), config) ?? "", /team `oncall`/u);
  });

  it("asks for more where the config does, and for less nowhere", () => {
    const config = configOf(`${ENVIRONMENTS}
commands:
  help: { role: write }
  hold: { role: admin }
  approve: { role: write }
  lock: { teams: [web], environments: { prod: { role: maintain, teams: [sre] } } }`);
    assert.match(ask("help", asker("read"), config) ?? "", /role `write`/u);
    assert.match(ask("hold", asker("maintain"), config) ?? "", /role `admin`/u);
    assert.notEqual(ask("approve", asker("read"), config), undefined);
    const web = new Map([["web", "yes"]] as const);
    assert.equal(ask("lock dev", asker("write", { teams: web }), config), undefined);
    assert.notEqual(ask("lock prod", asker("write", { teams: web }), config), undefined);
    assert.match(ask("lock prod", asker("maintain", { teams: web }), config) ?? "", /team `sre`/u);
    const both = new Map([
      ["web", "yes"],
      ["sre", "yes"],
    ] as const);
    assert.equal(ask("lock prod", asker("maintain", { teams: both }), config), undefined);
    assert.deepEqual(listTeams(findRequirement(commandOf("lock prod"), config)), ["web", "sre", "sre"]);
  });

  it("T17: knows no environment that the config does not name, and says which it may be", () => {
    const problemOf = (line: string) => findEnvironmentProblem(commandOf(line), configOf(ENVIRONMENTS));
    assert.equal(problemOf("lock prod"), undefined);
    assert.equal(problemOf("approve"), undefined);
    assert.match(problemOf("lock prd") ?? "", /did you mean `prod`\?$/u);
    assert.match(problemOf("freeze constructor") ?? "", /^the config has no environment of this name$/u);
  });
});
