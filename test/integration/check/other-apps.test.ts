import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { createMemoryStore } from "../../../src/store/index.ts";
import { createRepository } from "../../fakes/git-repository.ts";
import { configMap, type JsonReport } from "./check-change.ts";
import { openSharedBench } from "./open-bench.ts";

const CONFIG = "version: 1\npolicy: { preset: none, rules: { reference-missing: warning } }\n";

function workload(name: string, map: string, label = "one"): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: { step: ${label} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: ${name}
          image: registry.example/web:1.0.0
          envFrom:
            - configMapRef:
                name: ${map}
`;
}

type Files = Readonly<Record<string, string>>;

/**
 * Checks each state against the one before it, with one memory for all of them as a running server has it, and again
 * without any: both have to say the same. Returns what was found and how many apps were rendered, by step.
 */
async function checkSteps(t: TestContext, steps: readonly Files[]) {
  const repository = await createRepository(t);
  const commits: string[] = [];
  for (const files of steps) {
    commits.push(await repository.commit(new Map(Object.entries({ ".github/drydock.yaml": CONFIG, ...files }))));
  }
  const bench = await openSharedBench(t, repository.directory);
  const store = createMemoryStore();
  const told: {
    readonly findings: readonly string[];
    readonly touched: readonly string[];
    readonly rendered: number;
  }[] = [];
  for (const [index, head] of commits.slice(1).entries()) {
    const base = commits[index] ?? "";
    const warm = await bench.check(base, head, store);
    const cold = await bench.check(base, head, createMemoryStore());
    assert.equal(warm.json, cold.json, `step ${index + 1}`);
    const { findings, apps } = JSON.parse(warm.json) as JsonReport;
    told.push({
      findings: findings.map(({ isNew, rule, file, line, message }) => {
        const known = isNew ? "new" : "known";
        return `${known} ${rule} ${file ?? "-"}:${line ?? 0} ${/No app|The app/u.exec(message)?.[0] ?? message}`;
      }),
      touched: apps.map(({ id }) => id).sort(),
      rendered: warm.rendered,
    });
  }
  return told;
}

describe("a reference to what another app brings", () => {
  const web = "apps/web/web.yaml";
  const shared = "apps/shared/map.yaml";

  it("is found there, newly missing when that goes, and back when it comes back", async (t) => {
    const both = { [web]: workload("web", "shared"), [shared]: configMap("shared") };
    const alone = { [web]: workload("web", "shared"), "apps/shared/other.yaml": configMap("other") };
    const steps = await checkSteps(t, [
      { [shared]: configMap("shared") },
      both,
      { ...both, [web]: workload("web", "shared", "two") },
      { ...alone, [web]: workload("web", "shared", "two") },
      { ...alone, [web]: workload("web", "shared", "three") },
      { ...both, [web]: workload("web", "shared", "three") },
      { ...both, [web]: workload("web", "shared", "four") },
    ]);
    assert.deepEqual(
      steps.map(({ findings }) => findings),
      [[], [], [`new reference-missing ${web}:16 No app`], [`known reference-missing ${web}:16 The app`], [], []],
    );
    assert.deepEqual(steps[2]?.touched, ["plain:apps/shared/", "plain:apps/web/"]);
  });

  it("is newly missing when the whole app goes, and stays found when it moves or another has it", async (t) => {
    const both = { [web]: workload("web", "shared"), [shared]: configMap("shared") };
    const moved = { [web]: workload("web", "shared"), "platform/map.yaml": configMap("shared") };
    const twice = { ...moved, [shared]: configMap("shared") };
    const steps = await checkSteps(t, [both, moved, twice, both, { [web]: workload("web", "shared") }]);
    assert.deepEqual(
      steps.map(({ findings }) => findings),
      [[], [], [], [`new reference-missing ${web}:16 No app`]],
    );
  });

  it("is not said to be missing because the app that brings it does not render", async (t) => {
    const kustomized = {
      "apps/shared/kustomization.yaml": "resources: [map.yaml]\n",
      [shared]: configMap("shared"),
      [web]: workload("web", "shared"),
    };
    const broken = { ...kustomized, "apps/shared/kustomization.yaml": "resources: [map.yaml, gone.yaml]\n" };
    const steps = await checkSteps(t, [kustomized, broken]);
    assert.deepEqual(steps[0]?.findings, []);
  });

  it("counts in the same environment, and where there is none", async (t) => {
    const overlay = (environment: string, ...files: readonly string[]) => ({
      [`overlays/${environment}/kustomization.yaml`]: `resources: [${files.join(", ")}]\n`,
    });
    const base = { ...overlay("dev", "map.yaml"), "overlays/dev/map.yaml": configMap("of-dev") };
    const prod = (map: string) => ({
      ...base,
      ...overlay("prod", "web.yaml"),
      "overlays/prod/web.yaml": workload("web", map),
    });
    const steps = await checkSteps(t, [
      base,
      prod("of-dev"),
      { ...prod("of-all"), "platform/map.yaml": configMap("of-all") },
    ]);
    assert.deepEqual(
      steps.map(({ findings }) => findings),
      [[`new reference-missing overlays/prod/web.yaml:16 The app`], []],
    );
  });

  it("opens no other app than those that miss something", async (t) => {
    const crowd = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`apps/a${index}/web.yaml`, workload(`a${index}`, "shared")]),
    );
    const before = { ...crowd, [shared]: configMap("shared"), "apps/z/map.yaml": configMap("last") };
    const steps = await checkSteps(t, [
      before,
      { ...before, "apps/a1/web.yaml": workload("a1", "shared", "two") },
      { ...before, "apps/a1/web.yaml": workload("a1", "shared", "three"), "apps/z/map.yaml": configMap("least") },
    ]);
    assert.deepEqual(
      steps.slice(1).map(({ rendered, touched, findings }) => [rendered, touched, findings]),
      [[2, ["plain:apps/a1/", "plain:apps/z/"], []]],
    );
  });
});
