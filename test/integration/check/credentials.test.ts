import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeUp, printPodWith } from "../../fakes/made-up-secrets.ts";
import { checkChange, ROOT, type CheckedChange, type JsonFinding } from "./check-change.ts";
import { listFiles } from "./lose-from-store.ts";

const token = (place: string): string => ["gh", "p_", makeUp(place, 36)].join("");
const base64 = (text: string): string => Buffer.from(text).toString("base64");

const PLACES = ["env", "config-map", "secret", "data", "kustomize", "literal", "values", "unused", "template"] as const;

const good = { "base/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n" };

const pod = (value: string): string => printPodWith("TOKEN", value);

const files = {
  ...good,
  "plain/pod.yaml": pod(token("env")),
  "plain/config.yaml": `apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  app.ini: |
    [github]
    token = ${token("config-map")}
`,
  "plain/secret.yaml": `apiVersion: v1
kind: Secret
metadata:
  name: s
stringData:
  user: someone
  token: ${token("secret")}
data:
  other: ${base64(token("data"))}
`,
  "k/kustomization.yaml": `resources: [config.yaml]
secretGenerator:
  - name: g
    literals:
      - token=${token("literal")}
`,
  "k/config.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: k}\ndata:\n  token: ${token("kustomize")}\n`,
  "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
  "chart/values.yaml": `# A comment
token: ${token("values")}
# old: ${token("unused")}
`,
  "chart/templates/a.yaml": `apiVersion: v1
kind: ConfigMap
metadata:
  name: h
data:
  token: {{ .Values.token }}
  fixed: ${token("template")}
---
apiVersion: v1
kind: Secret
metadata:
  name: generated
stringData:
  password: {{ randAlphaNum 40 }}
  key: {{ genPrivateKey "ecdsa" | quote }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: generated
data:
  key: {{ genPrivateKey "ecdsa" | quote }}
`,
};

function tell({ rule, level, resource, path, file, line }: JsonFinding): string {
  const at = resource === null ? "" : `${resource.kind}/${resource.name.replace(/-\w{10}$/u, "")} `;
  return `${rule} ${level} ${at}${path} ${file ?? ""}:${line ?? ""}`.replace(/ {2,}/gu, " ");
}

/** Spellings in which a token could come out: as it is, a part of it, in base64 at any of the three offsets. */
function findLeaks(text: string): readonly string[] {
  return PLACES.filter((place) => {
    const value = token(place);
    const inBase64 = ["", "a", "ab"].map((lead) => base64(lead + value).slice(8, -8));
    return [value.slice(4, 24), value.slice(-20), ...inBase64].some((spelling) => text.includes(spelling));
  });
}

function readCache({ cache }: CheckedChange): string {
  return listFiles(cache)
    .map((file) => readFileSync(file, "latin1"))
    .join("\n");
}

test("credentials in plain text are told with their lines", { timeout: 120_000 }, async (t) => {
  const checked = await checkChange(t, good, files);
  assert.deepEqual(
    checked.report.findings
      .filter(({ rule }) => rule === "credential")
      .map(tell)
      .sort(),
    [
      "credential error ConfigMap/c /data/app.ini plain/config.yaml:6",
      "credential error ConfigMap/h /data/fixed chart/templates/a.yaml:7",
      "credential error ConfigMap/h /data/token chart/values.yaml:2",
      "credential error ConfigMap/k /data/token k/config.yaml:5",
      "credential error Pod/p /spec/containers/0/env/0/value plain/pod.yaml:11",
      "credential error Secret/g /data/token k/kustomization.yaml:5",
      "credential error Secret/s /data/other plain/secret.yaml:9",
      "credential error Secret/s /stringData/token plain/secret.yaml:7",
      "credential error chart/values.yaml:3",
    ],
  );
  assert.equal(checked.exitCode, 1);
  assert.match(checked.report.findings[0]?.message ?? "", /^A GitHub personal access token stands in plain text\b/u);

  for (const format of ["text", "markdown", "json", "sarif", "html"] as const) {
    await t.test(`T44 no token is in ${format}`, async () =>
      assert.deepEqual(findLeaks(await checked.print(format)), []),
    );
  }
  await t.test("T44 no token is in the cache", () => assert.deepEqual(findLeaks(readCache(checked)), []));
  await t.test("T44 no token is on standard error", () => {
    const { stdout, stderr } = spawnSync(
      join(ROOT, "bin/drydock"),
      ["check", "--repo", checked.directory, "--base", "main", "--head", "change", "--no-cache", "--stats"],
      { encoding: "utf8" },
    );
    assert.match(stdout, /GitHub personal access token/u);
    assert.deepEqual(findLeaks(stdout + stderr), []);
  });
  await t.test("the search finds what is there", () => {
    assert.deepEqual(findLeaks(`x ${base64(`ab${token("data")}yz`)}`), ["data"]);
    assert.deepEqual(findLeaks(`x ${token("env").slice(4, 30)}`), ["env"]);
  });
});

test("an exception of the base takes what is in a values file and in no resource", { timeout: 120_000 }, async (t) => {
  const exception = "{ rule: credential, file: chart/values.yaml, reason: a test account, expires: '2999-12-31' }";
  const config = { ".github/drydock.yaml": `version: 1\npolicy:\n  exceptions: [${exception}]\n` };
  const chart = Object.fromEntries(Object.entries(files).filter(([path]) => path.startsWith("chart/")));
  const checked = await checkChange(t, { ...good, ...config }, chart);
  const states = checked.report.findings
    .filter(({ rule, file }) => rule === "credential" && file === "chart/values.yaml")
    .map(({ resource, line, exception: said }) => `${resource?.kind ?? "none"} ${line} ${said?.state ?? "counts"}`);
  assert.deepEqual(states.sort(), ["ConfigMap 2 counts", "none 3 used"]);
  const decision = JSON.parse(await checked.print("json")) as { decision: { changesAt: string | null } };
  assert.equal(decision.decision.changesAt, "3000-01-01T00:00:00.000Z");
});

test("a changed credential is told as a change, and its value is not shown", { timeout: 120_000 }, async (t) => {
  const file = (value: string): Record<string, string> => ({ "plain/pod.yaml": pod(value) });
  const checked = await checkChange(t, file(token("env")), file(token("data")));
  const [change] = checked.app("plain:plain/").changes;
  assert.match(change?.diff ?? "", /!sealed/u);
  assert.deepEqual(findLeaks(await checked.print("json")), []);
});
