import assert from "node:assert/strict";
import { test } from "node:test";
import { makeUp, printPodWith } from "../../fakes/made-up-secrets.ts";
import { checkChange, type JsonFinding } from "./check-change.ts";

const good = { "base/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n" };

function tell({ rule, level, resource, path, file, line }: JsonFinding): string {
  const at = resource === null ? "" : `${resource.kind}/${resource.name.replace(/-\w{10}$/u, "")} `;
  return `${rule} ${level} ${at}${path} ${file ?? ""}:${line ?? ""}`.replace(/ {2,}/gu, " ");
}

test("Secrets in plain text are told under the presets that say so", { timeout: 120_000 }, async (t) => {
  const config = (preset: string) => ({ ".github/drydock.yaml": `version: 1\npolicy:\n  preset: ${preset}\n` });
  const head = {
    ...good,
    "plain/secret.yaml":
      "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  password: hunter22\n  user: ${USER}\n",
    "plain/pod.yaml": printPodWith("API_SECRET", `${makeUp("random", 40)}z`),
    "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
    "chart/values.yaml": "auth:\n  password: hunter2222\n",
    "chart/templates/a.yaml":
      "apiVersion: v1\nkind: Secret\nmetadata: {name: h}\ndata:\n  password: {{ .Values.auth.password | b64enc }}\n  made: {{ randAlphaNum 20 | b64enc }}\n",
  };
  const told = async (preset: string): Promise<readonly string[]> => {
    const checked = await checkChange(t, { ...good, ...config(preset) }, { ...head, ...config(preset) });
    return checked.report.findings
      .filter(({ rule }) => ["credential", "secret-plaintext", "high-entropy"].includes(rule))
      .map(tell)
      .sort();
  };
  assert.deepEqual(await told("default"), []);
  assert.deepEqual(await told("strict"), [
    "high-entropy warning Pod/p /spec/containers/0/env/0/value plain/pod.yaml:11",
    "secret-plaintext error Secret/h /data/password chart/templates/a.yaml:5",
    "secret-plaintext error Secret/s /stringData/password plain/secret.yaml:5",
  ]);
});
