import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRepository, type FakeFiles } from "../../fakes/git-repository.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { checkChange, type CheckedChange, type JsonReport } from "./check-change.ts";

const DEPLOYMENT = printDeployment();
const BASE = { "shop/web.yaml": DEPLOYMENT };
const HEAD = { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.1.0") };
const VERSION = "version: 1\n";

/** Nobody may deploy a version 1.1. */
function withdrawn(name = "main", message = "this version is withdrawn"): string {
  return `package ${name}

import rego.v1

deny contains msg if {
  endswith(input.spec.template.spec.containers[0].image, ":1.1.0")
  msg := "${message}"
}
`;
}

function rulesOf({ report }: CheckedChange): readonly string[] {
  return report.findings.map(({ rule, level, file, message }) => `${level} ${rule} ${file ?? "-"} ${message}`).sort();
}

async function statusOf(checked: CheckedChange): Promise<number> {
  return (JSON.parse(await checked.print("json")) as JsonReport).outcome.exitCode;
}

describe("the rules of an organisation", () => {
  const check = async (
    t: { after(clean: () => void | Promise<void>): void },
    organization: FakeFiles | readonly FakeFiles[],
    { base = {}, head = {} }: { readonly base?: object; readonly head?: object } = {},
  ): Promise<CheckedChange> => {
    const { directory } = await createRepository(t, { branches: { main: organization } });
    return await checkChange(
      t,
      { ...BASE, ...(base as Record<string, string>) },
      { ...HEAD, ...(base as Record<string, string>), ...(head as Record<string, string>) },
      { organization: directory },
    );
  };

  it("that its config names and its packages do not have are noted", async (t) => {
    const config = `version: 1
policy:
  rules: { rego/main/deni: warning, rego/shop/deny: error, rego/main/warn_own: error }
  exceptions: [{ rule: rego/main/denied, resource: "**", reason: not here }]
`;
    const organization = { ".github/drydock.yaml": config, "policy/main.rego": withdrawn() };
    const own = 'package main\nimport rego.v1\nwarn_own contains msg if { false; msg := "" }\n';
    const { report } = await check(t, organization, { base: { "policy/main.rego": own } });
    assert.deepEqual(
      report.notes.filter((note) => note.includes("There is no rule")).map((note) => note.replace(/^.*yaml:/u, "")),
      [
        '3: There is no rule "rego/main/deni". Did you mean "rego/main/deny"?',
        '4: There is no rule "rego/main/denied". Did you mean "rego/main/deny"?',
      ],
    );
  });

  it("are judged by beside the repository's own", async (t) => {
    const checked = await check(t, { ".github/drydock.yaml": VERSION, "policy/main.rego": withdrawn() });
    assert.deepEqual(rulesOf(checked), ["error org/main/deny shop/web.yaml this version is withdrawn"]);
    assert.equal(checked.exitCode, 1);
    const sarif = await checked.print("sarif");
    assert.match(sarif, /The policy is \.github:policy\/main\.rego:5\./u);
  });

  it("T34: cannot be replaced, switched off, excepted from or made known by the repository", async (t) => {
    const config = `version: 1
policy:
  preset: none
  baseline: baseline.json
  rules: { rego: "off", rego/main: "off" }
  exceptions:
    - { rule: rego/main/deny, resource: "**", reason: not here }
    - { rule: org/main/deny, resource: "**", reason: not here either }
`;
    const baseline = JSON.stringify({
      version: 1,
      findings: [
        { rule: "org/main/deny", app: "plain:shop/", resource: "Deployment/web", path: "", count: 9 },
        { rule: "org/main/deny", app: "plain:shop/", resource: "Deployment/shop/web", path: "", count: 9 },
      ],
    });
    const own = {
      ".github/drydock.yaml": config,
      "policy/main.rego": 'package main\nimport rego.v1\ndeny contains msg if { false; msg := "" }\n',
      "policy/data.yaml": "allowed: true\n",
      "baseline.json": baseline,
    };
    const organization = {
      ".github/drydock.yaml": VERSION,
      "policy/main.rego": withdrawn().replace("deny contains msg if {", "deny contains msg if {\n  not data.allowed"),
    };
    const checked = await check(t, organization, { base: own });
    assert.deepEqual(
      checked.report.findings.filter(({ rule }) => rule === "org/main/deny").map(({ isNew }) => isNew),
      [true],
    );
    assert.ok(checked.report.findings.every(({ rule }) => rule !== "policy-broken"));
    assert.equal(checked.exitCode, 1);
  });

  it("of one name in both are told apart", async (t) => {
    const checked = await check(
      t,
      { ".github/drydock.yaml": VERSION, "policy/main.rego": withdrawn() },
      { base: { "policy/main.rego": withdrawn("main", "we do not want it") } },
    );
    assert.deepEqual(rulesOf(checked), [
      "error org/main/deny shop/web.yaml this version is withdrawn",
      "error rego/main/deny shop/web.yaml we do not want it",
    ]);
  });

  it("say in which folders they are, how loud, and what they except from", async (t) => {
    const config = `version: 1
policy:
  rego: { paths: [rules] }
  rules: { rego/soft: warning }
  exceptions:
    - { rule: rego/main/deny, resource: Deployment/**, reason: tried out }
`;
    const checked = await check(t, {
      ".github/drydock.yaml": config,
      "policy/main.rego": withdrawn("unread"),
      "rules/soft.rego": withdrawn("soft"),
      "rules/main.rego": withdrawn("main"),
    });
    assert.deepEqual(rulesOf(checked), [
      "error org/main/deny shop/web.yaml this version is withdrawn",
      "warning org/soft/deny shop/web.yaml this version is withdrawn",
    ]);
    assert.equal(checked.exitCode, 0, "the organisation itself excepts it");
    assert.match(await checked.print("text"), /\.github:\.github\/drydock\.yaml:6 org\/main\/deny/u);
  });

  it("that do not compile keep everything from passing, with file and line", async (t) => {
    const checked = await check(t, {
      ".github/drydock.yaml": VERSION,
      "policy/a/b.rego": "package main\n\ndeny if {\n",
    });
    assert.equal(checked.exitCode, 1);
    const [broken] = checked.report.findings;
    assert.equal(broken?.rule, "policy-broken");
    assert.equal(broken.file, ".github:policy/a/b.rego");
    assert.ok((broken.line ?? 0) >= 3);
  });

  it("are the last valid ones where the newest are not, and the report says so", async (t) => {
    const rego = { "policy/main.rego": withdrawn() };
    const checked = await check(t, [
      { ...rego, ".github/drydock.yaml": VERSION },
      { ...rego, ".github/drydock.yaml": "version: 1\nstrikt: true\n" },
    ]);
    assert.equal(checked.exitCode, 1);
    assert.match(
      checked.report.notes.join("\n"),
      /The config of \.github is invalid \(\.github:\.github\/drydock\.yaml:2:1: .*the one of commit/u,
    );
  });

  it("that were never valid, or are not there, let nothing pass", async (t) => {
    const invalid = await check(t, { ".github/drydock.yaml": "version: 1\nstrikt: true\n" });
    assert.deepEqual([invalid.exitCode, invalid.report.outcome.status], [2, "not-checked"]);
    assert.match(invalid.report.notes.join("\n"), /has never been valid.*mend that file/u);
    assert.match(invalid.report.notes.join("\n"), /drydock\.yaml:2:1/u);
    const absent = await check(t, { "profile/README.md": "hello\n" });
    assert.equal(absent.exitCode, 2);
    assert.match(absent.report.notes.join("\n"), /drydock\.yaml is not there/u);
  });

  it("change the verdict when they change, whatever is remembered", async (t) => {
    const organization = await createRepository(t, { branches: { main: { ".github/drydock.yaml": VERSION } } });
    const checked = await checkChange(t, BASE, HEAD, { organization: organization.directory });
    assert.equal(checked.exitCode, 0);
    await organization.change({ "policy/main.rego": withdrawn() });
    assert.equal(await statusOf(checked), 1);
    await organization.change({ "policy/main.rego": withdrawn("main", "another word") });
    assert.match(await checked.print("text"), /another word/u);
    await organization.change({ "policy/main.rego": undefined });
    assert.equal(await statusOf(checked), 0);
  });
});
