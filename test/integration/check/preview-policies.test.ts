import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { printDeployment } from "../../fakes/deployment.ts";
import { checkChange, type CheckedChange } from "./check-change.ts";

const DEPLOYMENT = printDeployment();
const UNTAGGED = DEPLOYMENT.replace(":1.0.0", "");
const config = (policy: string): string => `version: 1\npolicy:\n${policy}\n`;

const rego = (field: string): string => `package main
import rego.v1
deny contains msg if {
  input.kind == "Deployment"
  not input.metadata.${field}
  msg := "it has no ${field}"
}
`;

function notes({ report }: CheckedChange): readonly string[] {
  return report.notes.filter((note) => /polic|rule|Newly/u.test(note));
}

function told({ report }: CheckedChange): readonly string[] {
  return report.findings.map(({ rule, level, isNew, file, line, message }) => {
    return `${isNew ? "new" : "known"} ${level} ${rule} ${file ?? "-"}:${line ?? 0} ${message}`;
  });
}

describe("a change of policies", () => {
  it("T34: tells what it would newly block and allow in every app, and is judged by the old ones", async (t) => {
    const base = {
      "web/web.yaml": DEPLOYMENT,
      "api/api.yaml": DEPLOYMENT.replaceAll("web", "api"),
      "policy/main.rego": rego("name"),
      ".github/drydock.yaml": config("  rules: { image-tag: error }"),
    };
    const untagged = { ...base, "web/web.yaml": UNTAGGED };
    const head = {
      ...untagged,
      "policy/main.rego": rego("annotations"),
      ".github/drydock.yaml": config("  rules: { image-tag: off }"),
    };
    const checked = await checkChange(t, untagged, head);
    assert.equal(checked.exitCode, 0, JSON.stringify(told(checked)));
    const said = notes(checked);
    assert.match(said.join("\n"), /2 newly blocked, 1 newly allowed in all 2 apps of the head/u);
    assert.ok(
      said.some((note) =>
        /^Newly blocked by rego\/main\/deny: 2 \(Deployment\/\S*api, Deployment\/\S*web\)\.$/u.test(note),
      ),
      said.join("\n"),
    );
    assert.ok(
      said.some((note) => /^Newly allowed by image-tag: 1 \(Deployment\/\S*web\)\.$/u.test(note)),
      said.join("\n"),
    );
  });

  it("says that nothing differs where nothing does, and nothing where policies are left alone", async (t) => {
    const base = { "web/web.yaml": DEPLOYMENT, "policy/main.rego": rego("name") };
    const same = await checkChange(t, base, { ...base, "policy/main.rego": `# why\n${rego("name")}` });
    assert.match(notes(same).join("\n"), /the same is blocked and allowed in the 1 app/u);
    const apart = await checkChange(t, base, { ...base, "web/web.yaml": UNTAGGED });
    assert.deepEqual(notes(apart), []);
  });

  it("counts exceptions that come and go with it", async (t) => {
    const said = (exceptions: string): string => config(`  rules: { image-tag: error }\n  exceptions: [${exceptions}]`);
    const base = { "web/web.yaml": UNTAGGED, ".github/drydock.yaml": said("") };
    const exception = "{ rule: image-tag, resource: '*', reason: r }";
    const checked = await checkChange(t, base, { ...base, ".github/drydock.yaml": said(exception) });
    assert.match(notes(checked).join("\n"), /0 newly blocked, 1 newly allowed/u);
  });

  it("T34: that breaks a policy is an error on its line, and none that stood before", async (t) => {
    const base = { "web/web.yaml": DEPLOYMENT, "policy/main.rego": rego("name") };
    const broken = "package main\n\ndeny contains msg if {\n  msg := nothing_of_that_name(1)\n}\n";
    const checked = await checkChange(t, base, { ...base, "policy/more.rego": broken });
    const [first] = told(checked);
    assert.match(first ?? "", /^new error policy-broken policy\/more\.rego:[3-4] /u);
    assert.equal(checked.exitCode, 1);
  });

  it("T38: that names a rule which is not there is an error on its line, with the one that was meant", async (t) => {
    const base = { "web/web.yaml": DEPLOYMENT, "policy/main.rego": rego("name") };
    const policy = config(
      "  rules:\n    rego/main/deny: warning\n    rego/mian/deny: off\n    vap/nothing: off\n  exceptions:\n" +
        "    - { rule: image-tga, resource: '*', reason: r }\n    - { rule: rego/main/deny, resource: '*', reason: r }",
    );
    const brings = await checkChange(t, base, { ...base, ".github/drydock.yaml": policy });
    assert.deepEqual(told(brings), [
      'new error config .github/drydock.yaml:5 There is no rule "rego/mian/deny". Did you mean "rego/main/deny"?',
      'new error config .github/drydock.yaml:6 There is no rule "vap/nothing".',
      'new error config .github/drydock.yaml:8 There is no rule "image-tga". Did you mean "image-tag"?',
    ]);
    assert.equal(brings.exitCode, 1);
    const stands = { ...base, ".github/drydock.yaml": policy };
    const passes = await checkChange(t, stands, { ...stands, "web/web.yaml": UNTAGGED });
    assert.equal(passes.exitCode, 0, JSON.stringify(told(passes)));
    assert.match(passes.report.notes.join("\n"), /drydock\.yaml:8: There is no rule "image-tga"/u);
  });
});
