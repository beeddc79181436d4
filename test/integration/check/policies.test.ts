import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { FakeFile } from "../../fakes/git-repository.ts";
import { checkChange, type CheckedChange, type JsonFinding } from "./check-change.ts";

function deployment(parts: { image?: string; labels?: string; pod?: string; annotations?: string } = {}): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: { ${parts.labels ?? "team: a"} }
  annotations: { ${parts.annotations ?? ""} }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      ${parts.pod ?? "restartPolicy: Always"}
      containers:
        - name: web
          image: ${parts.image ?? "registry.example/web:1.0.0"}
`;
}

function replicated(replicas: number, image?: string): string {
  return deployment(image === undefined ? {} : { image }).replace("spec:", `spec:\n  replicas: ${replicas}`);
}

const REGO = `package main

import rego.v1

deny contains msg if {
  input.kind == "Deployment"
  some container in input.spec.template.spec.containers
  endswith(container.image, ":latest")
  msg := sprintf("%s uses latest", [container.name])
}

warn contains msg if {
  not input.metadata.labels.team
  msg := "no team"
}
`;

function tell({ rule, level, isNew, line, file }: JsonFinding): string {
  return `${isNew ? "new" : "known"} ${level} ${rule} ${file ?? "-"}:${line ?? 0}`;
}

function told({ report }: CheckedChange): readonly string[] {
  return report.findings.map(tell).sort();
}

function config(policy: string): string {
  return `version: 1\npolicy:\n${policy}\n`;
}

describe("policies in Rego", () => {
  it("judge what would be deployed, by the base's files", async (t) => {
    const base = { "apps/web.yaml": deployment(), "policy/main.rego": REGO };
    const head = { ...base, "apps/web.yaml": deployment({ image: "registry.example/web:latest", labels: "" }) };
    const checked = await checkChange(t, base, head);
    assert.deepEqual(told(checked), [
      "new error rego/main/deny apps/web.yaml:1",
      "new warning rego/main/warn apps/web.yaml:1",
    ]);
    assert.equal(checked.exitCode, 1);
  });

  it("T34: are not those that the change brings, relaxes or deletes", async (t) => {
    const strict = { "apps/web.yaml": deployment(), "policy/main.rego": REGO };
    const bad = deployment({ image: "registry.example/web:latest" });
    const relaxed = await checkChange(t, strict, { "apps/web.yaml": bad, "policy/main.rego": "package main\n" });
    assert.deepEqual(told(relaxed), ["new error rego/main/deny apps/web.yaml:1"]);
    const deleted = await checkChange(t, strict, { "apps/web.yaml": bad });
    assert.deepEqual(told(deleted), ["new error rego/main/deny apps/web.yaml:1"]);
    const added = await checkChange(
      t,
      { "apps/web.yaml": deployment() },
      { "apps/web.yaml": bad, "policy/main.rego": REGO },
    );
    assert.equal(added.exitCode, 0);
  });

  it("that judge nothing, since no rule has a name that counts, are noted", async (t) => {
    const idle = REGO.replaceAll(/^(deny|warn) /gmu, "$1s ");
    const base = { "apps/web.yaml": deployment(), "policy/main.rego": idle, "policy/more.rego": "package more\n" };
    const bad = { "apps/web.yaml": deployment({ image: "registry.example/web:latest" }) };
    const note =
      'Nothing is judged by "policy/main.rego" and 1 more: no rule there is called deny, warn or violation, or begins with one of them and "_".';
    const { report } = await checkChange(t, base, { ...base, ...bad });
    assert.deepEqual(
      report.notes.filter((line) => line.includes("Nothing is judged by")),
      [note],
    );
    const added = await checkChange(t, { "apps/web.yaml": deployment() }, { ...base, ...bad });
    assert.ok(added.report.notes.includes(`With this change: ${note}`), added.report.notes.join("\n"));
    const named = await checkChange(t, { ...base, "policy/main.rego": REGO }, { ...base, "policy/main.rego": REGO });
    assert.deepEqual(
      named.report.notes.filter((line) => line.includes("Nothing is judged by")),
      [],
    );
  });

  it("block only what a change brings; the rest is known", async (t) => {
    const bad = deployment({ image: "registry.example/web:latest" });
    const base = { "apps/web.yaml": bad, "policy/main.rego": REGO };
    const checked = await checkChange(t, base, { ...base, "apps/web.yaml": bad.replace("team: a", "team: b") });
    assert.deepEqual(told(checked), ["known error rego/main/deny apps/web.yaml:1"]);
    assert.equal(checked.exitCode, 0);
  });

  it("that find another fault by the same rule block it, and not the one whose numbers differ", async (t) => {
    const rego = `package main
import rego.v1
deny contains "no team" if not input.metadata.labels.team
deny contains sprintf("%s is on the network of the host", [input.metadata.name]) if input.spec.template.spec.hostNetwork
deny contains sprintf("image %s is from elsewhere", [image]) if {
  image := input.spec.template.spec.containers[0].image
  not startswith(image, "registry.example/")
}
`;
    const policies = { "policy/main.rego": rego, ".github/drydock.yaml": config("  preset: none") };
    const replaced = await checkChange(
      t,
      { ...policies, "apps/web.yaml": deployment({ labels: "" }) },
      { ...policies, "apps/web.yaml": deployment({ pod: "hostNetwork: true" }) },
    );
    assert.deepEqual(told(replaced), ["new error rego/main/deny apps/web.yaml:1"]);
    const bumped = await checkChange(
      t,
      { ...policies, "apps/web.yaml": deployment({ image: "other.example/web:1.0-f00ba4" }) },
      { ...policies, "apps/web.yaml": deployment({ image: "other.example/web:1.1-beef01" }) },
    );
    assert.deepEqual(told(bumped), ["known error rego/main/deny apps/web.yaml:1"]);
  });

  it("T43: of which one has very much to say hide nothing that another one finds, and no further result", async (t) => {
    const rego = `package main
import rego.v1
warn contains sprintf("%d", [n]) if { input.kind == "Deployment"; some n in numbers.range(1, input.spec.replicas) }
`;
    const other = `package other
import rego.v1
deny contains "latest" if endswith(input.spec.template.spec.containers[0].image, ":latest")
`;
    const base = { "apps/web.yaml": replicated(300), "policy/main.rego": rego, "policy/other.rego": other };
    const change = async (replicas: number, image?: string) => {
      const { report } = await checkChange(t, base, { ...base, "apps/web.yaml": replicated(replicas, image) });
      return report.findings.filter(({ isNew }) => isNew).map(({ level, rule, message }) => [level, rule, message]);
    };
    const said = (count: number) => `There are ${count} more results of this rule for this resource.`;
    assert.deepEqual(await change(300, "registry.example/web:latest"), [["error", "rego/other/deny", "latest"]]);
    assert.deepEqual(await change(301), [["warning", "rego/main/warn", said(101)]]);
    assert.deepEqual(await change(299), []);
  });

  it("see the object before the change, the app and the environment", async (t) => {
    const rego = `package main
import rego.v1
deny contains "the image must not change in prod" if {
  data.drydock.environment == "prod"
  before := data.drydock.before.spec.template.spec.containers[0].image
  before != input.spec.template.spec.containers[0].image
}
warn contains msg if {
  input.kind == "Deployment"
  msg := sprintf("app %s", [data.drydock.app])
}
`;
    const overlay = "resources: [web.yaml]\n";
    const files = (image: string) => ({
      "policy/main.rego": rego,
      "overlays/prod/kustomization.yaml": overlay,
      "overlays/prod/web.yaml": deployment({ image }),
      "overlays/dev/kustomization.yaml": overlay,
      "overlays/dev/web.yaml": deployment({ image }),
    });
    const checked = await checkChange(t, files("registry.example/web:1"), files("registry.example/web:2"));
    const errors = checked.report.findings.filter(({ level }) => level === "error");
    assert.deepEqual(
      errors.map(({ message, apps }) => [message, apps]),
      [["the image must not change in prod", ["kustomize:overlays/prod"]]],
    );
  });

  it("that do not compile keep everything from passing, with file and line", async (t) => {
    const base = {
      "apps/web.yaml": deployment(),
      "policy/main.rego": "package main\n\ndeny[msg] {\n  msg = undefined_function(1)\n}\n",
    };
    const checked = await checkChange(t, base, {
      ...base,
      "apps/web.yaml": deployment({ image: "registry.example/web:2" }),
    });
    const [finding] = checked.report.findings;
    assert.equal(finding?.rule, "policy-broken");
    assert.equal(finding.file, "policy/main.rego");
    assert.ok((finding.line ?? 0) >= 3, JSON.stringify(finding));
    assert.equal(checked.exitCode, 1);
  });

  it("without a message are broken, never a pass", async (t) => {
    const rego = 'package main\nimport rego.v1\ndeny contains {"severity": "high"} if input.kind == "Deployment"\n';
    const base = { "apps/web.yaml": deployment(), "policy/main.rego": rego };
    const checked = await checkChange(t, base, {
      ...base,
      "apps/web.yaml": deployment({ image: "registry.example/web:2" }),
    });
    assert.deepEqual(
      checked.report.findings.map(({ rule, isNew }) => [rule, isNew]),
      [["policy-broken", true]],
    );
    assert.equal(checked.exitCode, 1);
  });

  it("T44: never see the value of a Secret", async (t) => {
    const secret = (password: string) =>
      `apiVersion: v1\nkind: Secret\nmetadata: { name: db, namespace: shop }\ndata: { password: ${Buffer.from(password).toString("base64")} }\n`;
    const rego =
      'package main\nimport rego.v1\nwarn contains msg if { input.kind == "Secret"; msg := sprintf("it is %s", [input.data.password]) }\n';
    const base = { "apps/db.yaml": secret("before-the-change"), "policy/main.rego": rego };
    const checked = await checkChange(t, base, { ...base, "apps/db.yaml": secret("after-the-change") });
    for (const format of ["text", "json", "markdown", "sarif", "html"] as const) {
      const printed = await checked.print(format);
      for (const value of ["after-the-change", Buffer.from("after-the-change").toString("base64")]) {
        assert.ok(!printed.includes(value), format);
      }
    }
  });
});

describe("policies in Rego that cannot be found or read", () => {
  const bad = { "apps/web.yaml": deployment({ image: "registry.example/web:latest" }) };
  const check = async (t: TestContext, files: Record<string, FakeFile>, head: Record<string, FakeFile> = {}) =>
    checkChange(t, { "apps/web.yaml": deployment(), ...files }, { ...files, ...head, ...bad });
  const broken = ({ report }: CheckedChange) =>
    report.findings.map(({ rule, file, line, message }) => `${rule} ${file ?? "-"}:${line ?? 0} ${message}`);

  it("are read through links to a file, and from a folder that is a link", async (t) => {
    const file = await check(t, { "policy/main.rego": { symlink: "../rules/main.rego" }, "rules/main.rego": REGO });
    assert.deepEqual(told(file), ["new error rego/main/deny apps/web.yaml:1"]);
    const folder = await check(t, { policy: { symlink: "rules" }, "rules/main.rego": REGO });
    assert.deepEqual(told(folder), ["new error rego/main/deny apps/web.yaml:1"]);
  });

  it("let nothing pass", async (t) => {
    const link = await check(t, { "policy/more": { symlink: "../rules" }, "rules/main.rego": REGO });
    assert.match(broken(link).join("\n"), /^policy-broken policy\/more:1 .*this link leads to a folder/u);
    const text = Buffer.concat([Buffer.from(`${REGO}\n# caf`), Buffer.from([0xe9, 0x0a])]);
    const latin = await check(t, { "policy/main.rego": text });
    assert.deepEqual(broken(latin), [
      "policy-broken policy/main.rego:17 This policy cannot be used: this file is not UTF-8",
    ]);
    const dangling = await check(t, { "policy/main.rego": { symlink: "../../elsewhere.rego" } });
    assert.match(broken(dangling).join("\n"), /^policy-broken policy\/main\.rego:1 .*leads out of the repository/u);
    assert.deepEqual([link.exitCode, latin.exitCode, dangling.exitCode], [1, 1, 1]);
  });

  it("let nothing pass where the config names another folder or package, until a change names the right one", async (t) => {
    for (const [wrong, right] of [
      ["paths: [polices]", "paths: [policy]"],
      ["namespaces: [mian]", "namespaces: [main]"],
    ] as const) {
      const files = { "policy/main.rego": REGO, ".github/drydock.yaml": config(`  rego: { ${wrong} }`) };
      const blocked = await check(t, files);
      assert.match(broken(blocked).join("\n"), /^policy-broken .*(?:"polices"|"mian")/u);
      const mended = await check(t, files, { ".github/drydock.yaml": config(`  rego: { ${right} }`) });
      assert.deepEqual(told(mended), ["new error rego/main/deny apps/web.yaml:1"]);
    }
  });
});

describe("built-in rules", () => {
  it("are quiet by default but for what is nearly never wrong", async (t) => {
    const base = { "apps/web.yaml": deployment() };
    const checked = await checkChange(t, base, {
      "apps/web.yaml": deployment({ image: "web", pod: "hostNetwork: true" }),
    });
    assert.deepEqual(told(checked), ["new error privilege-gained apps/web.yaml:13"]);
  });

  it("are on, off and as loud as the config of the base says, by environment", async (t) => {
    const policy = config(
      "  rules:\n    image-tag: { level: warning, environments: { prod: error, dev: off } }\n    privilege-gained: off",
    );
    const files = (image: string) => ({
      ".github/drydock.yaml": policy,
      "overlays/prod/kustomization.yaml": "resources: [web.yaml]\n",
      "overlays/prod/web.yaml": deployment({ image, pod: "hostNetwork: true" }),
      "overlays/dev/kustomization.yaml": "resources: [web.yaml]\n",
      "overlays/dev/web.yaml": deployment({ image, pod: "hostNetwork: true" }),
    });
    const checked = await checkChange(t, files("registry.example/web:1"), files("registry.example/web"));
    assert.deepEqual(told(checked), ["new error image-tag overlays/prod/web.yaml:16"]);
  });

  it("tell a host that an app elsewhere has, and not one in another environment", async (t) => {
    const ingress = (name: string, host: string) => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name}, namespace: shop }
spec:
  rules:
    - host: ${host}
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
`;
    const base = {
      "overlays/prod/a/kustomization.yaml": "resources: [i.yaml]\n",
      "overlays/prod/a/i.yaml": ingress("a", "a.example.com"),
      "overlays/dev/c/kustomization.yaml": "resources: [i.yaml]\n",
      "overlays/dev/c/i.yaml": ingress("c", "c.example.com"),
      "overlays/prod/b/kustomization.yaml": "resources: [i.yaml]\n",
      "overlays/prod/b/i.yaml": ingress("b", "b.example.com"),
    };
    const collides = await checkChange(t, base, { ...base, "overlays/prod/b/i.yaml": ingress("b", "a.example.com") });
    const [finding] = collides.report.findings;
    assert.equal(finding?.rule, "ingress-collision");
    assert.match(finding.message, /Ingress\/shop\/a of kustomize:overlays\/prod\/a/u);
    assert.equal(collides.exitCode, 1);
    const apart = await checkChange(t, base, { ...base, "overlays/prod/b/i.yaml": ingress("b", "c.example.com") });
    assert.deepEqual(told(apart), []);
  });
});

describe("T38: a rule or option that does not exist", () => {
  it("is an error of the change that brings it, with the nearest name", async (t) => {
    const said = config("  rules:\n    image-tga: error\n    image-registry: { level: error, alowed: [a] }");
    const checked = await checkChange(
      t,
      { "apps/web.yaml": deployment() },
      { "apps/web.yaml": deployment(), ".github/drydock.yaml": said },
    );
    assert.deepEqual(
      checked.report.findings.map(({ rule, line, message }) => [rule, line, message]),
      [
        ["config", 4, 'There is no rule "image-tga". Did you mean image-tag?'],
        ["config", 5, 'Rule "image-registry" has no option "alowed". Did you mean allowed?'],
      ],
    );
    assert.equal(checked.exitCode, 1);
  });

  it("is a note where it stands on the base", async (t) => {
    const base = { ".github/drydock.yaml": config("  rules: { image-tga: error }"), "apps/web.yaml": deployment() };
    const checked = await checkChange(t, base, {
      ...base,
      "apps/web.yaml": deployment({ image: "registry.example/web:2" }),
    });
    assert.match(checked.report.notes.join("\n"), /drydock\.yaml:3:1: There is no rule "image-tga"/u);
    assert.equal(checked.exitCode, 0);
  });
});

describe("exceptions", () => {
  const bad = deployment({ image: "registry.example/web" });
  const policy = (exceptions: string) => config(`  rules: { image-tag: error }\n  exceptions: [${exceptions}]`);

  it("of the base's config take a finding and are told", async (t) => {
    const said = policy('{ rule: image-tag, resource: "Deployment/shop/web", reason: "until the registry moves" }');
    const base = { ".github/drydock.yaml": said, "apps/web.yaml": deployment() };
    const checked = await checkChange(t, base, { ...base, "apps/web.yaml": bad });
    assert.equal(checked.exitCode, 0);
    assert.match(await checked.print("text"), /until the registry moves/u);
  });

  it("T34: for a resource of one app take nothing of the others that share its line", async (t) => {
    const files = (image: string) => ({
      ".github/drydock.yaml": policy('{ rule: image-tag, resource: "Deployment/dev/*", reason: "tried out there" }'),
      "base/kustomization.yaml": "resources: [web.yaml]\n",
      "base/web.yaml": deployment({ image }),
      "overlays/dev/kustomization.yaml": "namespace: dev\nresources: [../../base]\n",
      "overlays/prod/kustomization.yaml": "namespace: prod\nresources: [../../base]\n",
    });
    const checked = await checkChange(t, files("registry.example/web:1"), files("registry.example/web"));
    assert.deepEqual(
      checked.report.findings.map(({ apps }) => apps),
      [["kustomize:overlays/dev"], ["kustomize:overlays/prod"]],
    );
    assert.equal(checked.exitCode, 1);
  });

  it("that have expired take nothing and say so", async (t) => {
    const said = policy('{ rule: image-tag, resource: "*", reason: r, expires: 2020-01-31 }');
    const base = { ".github/drydock.yaml": said, "apps/web.yaml": deployment() };
    const checked = await checkChange(t, base, { ...base, "apps/web.yaml": bad });
    assert.equal(checked.exitCode, 1);
    assert.match(await checked.print("text"), /expired on 2020-01-31/u);
  });

  it("T34: that the change brings wait for an approval", async (t) => {
    const base = { ".github/drydock.yaml": policy(""), "apps/web.yaml": deployment() };
    const said = policy('{ rule: image-tag, resource: "*", reason: r, approvers: security }');
    const checked = await checkChange(t, base, { ".github/drydock.yaml": said, "apps/web.yaml": bad });
    assert.equal(checked.exitCode, 1);
    assert.equal(checked.report.outcome.title, "Waiting: approval of 1 exception (team security)");
    assert.deepEqual(checked.report.decision.needs, [
      "approval by team security of the exception from image-tag for Deployment/shop/web",
    ]);
  });

  it("by an annotation count where the rule lets them, and only there", async (t) => {
    const both = config("  rules: { image-tag: error }");
    const annotations = 'except.drydock.dev/image-tag: "a demo", except.drydock.dev/privilege-gained: "please"';
    const base = { ".github/drydock.yaml": both, "apps/web.yaml": deployment() };
    const head = { ...base, "apps/web.yaml": deployment({ image: "web", annotations, pod: "hostPID: true" }) };
    const checked = await checkChange(t, base, head);
    const blocking = (await checked.print("text")).match(/Fix 1 error/u);
    assert.ok(blocking, await checked.print("text"));
  });
});

describe("a finding that takes another one's place", () => {
  it("in the same field is new: another capability is another privilege", async (t) => {
    const pod = (capability: string) => `securityContext: {}
      initContainers:
        - name: init
          image: registry.example/init:1
          securityContext: { capabilities: { add: [${capability}] } }`;
    const base = { "apps/web.yaml": deployment({ pod: pod("NET_ADMIN") }) };
    const checked = await checkChange(t, base, { "apps/web.yaml": deployment({ pod: pod("SYS_ADMIN") }) });
    assert.deepEqual(
      checked.report.findings.map(({ rule, isNew }) => [rule, isNew]),
      [["privilege-gained", true]],
    );
  });
});
