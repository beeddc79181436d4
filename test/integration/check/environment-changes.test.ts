import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { digestReport, listChanges } from "../../../src/environments/index.ts";
import type { ChangedApp, EnvironmentChange, ReportedChange } from "../../../src/model/index.ts";
import { readRules } from "../../fakes/environment-facts.ts";
import { createRepository, type FakeFile, type FakeFiles } from "../../fakes/git-repository.ts";
import { configMap } from "./check-change.ts";
import { openReports } from "./open-reports.ts";

const RULES = "environments: { dev: { paths: [overlays/dev] }, prod: { paths: [overlays/prod] } }";

const overlay = (environment: string): string => `resources: [../../base]\nnamespace: ${environment}\n`;

const FILES = {
  "base/kustomization.yaml": "resources: [web.yaml]\n",
  "base/web.yaml": configMap("web"),
  "overlays/dev/kustomization.yaml": overlay("dev"),
  "overlays/prod/kustomization.yaml": overlay("prod"),
  "overlays/prod/notes.md": "one\n",
};

/** A manifest's name, and bytes that are no text: a render ends there. */
const NO_TEXT = Buffer.from([0x61, 0x3a, 0x20, 0xff, 0x0a]);

type Changes = Readonly<Record<string, FakeFile | undefined>>;

function lay(base: Readonly<Record<string, FakeFile>>, changes: Changes): FakeFiles {
  return Object.fromEntries(
    Object.entries({ ...base, ...changes }).filter((entry): entry is [string, FakeFile] => entry[1] !== undefined),
  );
}

/** What a change means for environments, by the real pipeline. */
async function judge(
  test: TestContext,
  changes: Changes,
  {
    base = FILES,
    rules = RULES,
    onto = "main",
  }: { base?: Readonly<Record<string, FakeFile>>; rules?: string; onto?: string } = {},
): Promise<readonly EnvironmentChange[]> {
  const repository = await createRepository(test, { branches: { main: base, change: lay(base, changes) } });
  const reports = await openReports(test, repository.directory);
  return listChanges(await reports.check("main", "change"), readRules(rules), onto);
}

/** `prod kustomize:overlays/prod` for apps, `prod file a.txt` for files. */
function tell(changes: readonly EnvironmentChange[]): readonly string[] {
  return changes.flatMap(({ environment, apps, files }) => [
    ...apps.map(({ id }) => `${environment} ${id}`),
    ...files.map(({ path }) => `${environment} file ${path}`),
  ]);
}

function onlyApp(changes: readonly EnvironmentChange[], environment = "prod"): ChangedApp {
  const [app, ...others] = changes.find((change) => change.environment === environment)?.apps ?? [];
  assert.ok(app);
  assert.equal(others.length, 0);
  return app;
}

const BOTH = ["dev kustomize:overlays/dev", "prod kustomize:overlays/prod"];
const PROD = ["prod kustomize:overlays/prod"];

describe("environments that a change alters", () => {
  it("are those whose rendered content differs, whatever file that comes from", async (t) => {
    const changes = await judge(t, { "base/web.yaml": configMap("web", "a: c") });
    assert.deepEqual(tell(changes), BOTH);
    assert.deepEqual(onlyApp(changes).causes, ["base/web.yaml"]);
  });

  it("are none where rendered content stays: spaces, comments, order of keys, a file's mode", async (t) => {
    const same = "# told\napiVersion: v1\nmetadata: {   name: web }\nkind: ConfigMap\ndata:\n    a: b\n";
    assert.deepEqual(tell(await judge(t, { "base/web.yaml": same })), []);
    assert.deepEqual(tell(await judge(t, { "base/web.yaml": { executable: configMap("web") } })), []);
  });

  it("T23: are those that a file or an app is moved out of", async (t) => {
    const moved = await judge(t, {
      "overlays/prod/kustomization.yaml": undefined,
      "elsewhere/kustomization.yaml": "resources: [../base]\nnamespace: prod\n",
    });
    assert.deepEqual(tell(moved), PROD);
    assert.equal(onlyApp(moved).isDestructive, true);
  });

  it("T23: are those whose path is renamed by case alone", async (t) => {
    const renamed = await judge(t, {
      "overlays/prod/kustomization.yaml": undefined,
      "overlays/Prod/kustomization.yaml": overlay("prod"),
    });
    assert.deepEqual(tell(renamed), PROD);
  });

  it("T23: are those with a link or a submodule in a file's place", async (t) => {
    const own = { ...FILES, "overlays/prod/kustomization.yaml": "resources: [../../base, own.yaml]\n" };
    const base = { ...own, "overlays/prod/own.yaml": configMap("own") };
    const link = { "overlays/prod/own.yaml": { symlink: "../../other.yaml" }, "other.yaml": configMap("own", "a: c") };
    assert.deepEqual(tell(await judge(t, link, { base })), PROD);
    const submodule = { "overlays/prod/own.yaml": { submodule: "1".repeat(40) } };
    const broken = await judge(t, submodule, { base });
    assert.deepEqual(tell(broken), PROD);
    assert.equal(onlyApp(broken).isRendered, false);
    const same = { "overlays/prod/own.yaml": { symlink: "real.yaml" }, "overlays/prod/real.yaml": configMap("own") };
    assert.deepEqual(tell(await judge(t, same, { base })), []);
  });

  it("T23: are not altered by owners or policies, and by other files under their paths that no app reads", async (t) => {
    const changes = await judge(t, {
      "overlays/prod/CODEOWNERS": "* @acme/sre\n",
      "overlays/prod/notes.md": "two\n",
      "overlays/prod/image.png": "x",
      ".github/CODEOWNERS": "* @ada\n",
      "policy/deny.rego": "package x\n",
    });
    assert.deepEqual(tell(changes), []);
    const file = await judge(t, { "overlays/prod/job.sh": "echo\n", "overlays/prod/deep/er/x.bin": "x" });
    assert.deepEqual(tell(file), ["prod file overlays/prod/deep/er/x.bin", "prod file overlays/prod/job.sh"]);
  });

  it("take a file back that is removed, or that the config does not ignore", async (t) => {
    const rules = "environments: { prod: { paths: [overlays/prod], ignore: [] } }";
    const changes = await judge(t, { "overlays/prod/notes.md": undefined }, { rules });
    assert.deepEqual(changes[0]?.files, [{ path: "overlays/prod/notes.md", blob: undefined }]);
  });

  it("are told by the branch, where they are one", async (t) => {
    const rules = "environments: { live: { branch: env/prod }, trial: { branch: env/dev } }";
    const change = { "base/web.yaml": configMap("web", "a: c"), "run.sh": "x" };
    const onto = await judge(t, change, { rules, onto: "env/prod" });
    assert.deepEqual(tell(onto), ["live kustomize:overlays/dev", "live kustomize:overlays/prod", "live file run.sh"]);
    assert.deepEqual(tell(await judge(t, change, { rules, onto: "main" })), []);
  });

  it("are told by the file, where one folder of plain manifests holds several", async (t) => {
    const rules = "environments: { dev: { paths: [clusters/dev] }, prod: { paths: [clusters/prod] } }";
    const base = {
      "clusters/all.yaml": configMap("all"),
      "clusters/dev/a.yaml": configMap("a"),
      "clusters/prod/b.yaml": configMap("b"),
    };
    const dev = await judge(t, { "clusters/dev/a.yaml": configMap("a", "a: c") }, { base, rules });
    assert.deepEqual(tell(dev), ["dev plain:clusters/"]);
    const prod = await judge(t, { "clusters/prod/b.yaml": undefined }, { base, rules });
    assert.deepEqual(tell(prod), ["prod plain:clusters/"]);
  });

  it("tell what no promotion is told by, where the environment has others before it", async (t) => {
    const deploy = (image: string, replicas: number, label: string): string =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web, labels: { a: ${label} } }\nspec:\n  replicas: ${replicas}\n  selector: { matchLabels: { app: web } }\n  template:\n    metadata: { labels: { app: web } }\n    spec: { containers: [{ name: web, image: "${image}" }] }\n`;
    const rules = `environments:
  dev: { paths: [overlays/dev] }
  prod: { paths: [overlays/prod], from: [dev], promotion: { fields: [spec.replicas] } }`;
    const base = { ...FILES, "base/web.yaml": deploy("web:1", 1, "one") };
    const change = { "base/web.yaml": `${deploy("web:2", 2, "two")}---\n${configMap("more")}` };
    const changes = await judge(t, change, { base, rules });
    assert.deepEqual(onlyApp(changes).untracked, {
      named: ["ConfigMap/more (added)", "Deployment/web metadata.labels.a"],
      total: 2,
    });
    assert.equal(onlyApp(changes, "dev").untracked, undefined);
  });

  it("are told by values files, wherever the chart is", async (t) => {
    const rules = "environments: { prod: { paths: [chart/live.yaml] } }";
    const base = {
      ".github/drydock.yaml": "version: 1\napps: [{ path: chart, values: [live.yaml] }]\n",
      "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
      "chart/templates/cm.yaml": configMap("web", 'a: "{{ .Values.a }}"'),
      "chart/live.yaml": "a: one\n",
    };
    const changes = await judge(t, { "chart/live.yaml": "a: two\n" }, { base, rules });
    assert.equal(tell(changes).length, 1);
    assert.equal(onlyApp(changes).isRendered, true);
  });
});

describe("an app that cannot be rendered", () => {
  const broken = { ...FILES, "overlays/prod/kustomization.yaml": "resources: [../../base, gone.yaml]\n" };

  it("counts as changed on whichever side it is, and may do anything", async (t) => {
    const mended = await judge(t, { "overlays/prod/kustomization.yaml": overlay("prod") }, { base: broken });
    assert.deepEqual(tell(mended), PROD);
    const worse = await judge(t, { "overlays/prod/kustomization.yaml": "resources: [gone.yaml]\n" });
    assert.deepEqual(tell(worse), PROD);
    const gone = await judge(t, { "overlays/prod/kustomization.yaml": undefined }, { base: broken });
    assert.deepEqual(tell(gone), [...PROD, "prod file overlays/prod/kustomization.yaml"]);
    for (const changes of [mended, worse, gone]) {
      const app = onlyApp(changes);
      assert.deepEqual([app.isRendered, app.isDestructive, app.causes], [false, true, []]);
    }
  });

  describe("before and after, for a reason that hides what it is made of", () => {
    const hidden = { ...FILES, "overlays/prod/kustomization.yaml": "resources: [gone.yaml, ../../base]\n" };
    const scale = (value: string): Changes => ({ "base/web.yaml": configMap("web", `a: ${value}`) });

    it("counts as changed by any file that it may be made of", async (t) => {
      const changes = await judge(t, scale("c"), { base: hidden });
      assert.deepEqual(tell(changes), BOTH);
      const { isRendered, isDestructive, causes } = onlyApp(changes);
      assert.deepEqual([isRendered, isDestructive, causes], [false, true, []]);
      const unread = await judge(t, { "base/more.yaml": configMap("more") }, { base: hidden });
      assert.deepEqual(tell(unread), PROD);
    });

    it("is another change with any other content of such a file", async (t) => {
      const digests: string[] = [];
      for (const value of ["c", "d", "c"]) digests.push(onlyApp(await judge(t, scale(value), { base: hidden })).digest);
      assert.notEqual(digests[0], digests[1]);
      assert.equal(digests[0], digests[2]);
    });

    it("is left alone by a change of nothing, and of what is ignored", async (t) => {
      assert.deepEqual(tell(await judge(t, {}, { base: hidden })), []);
      assert.deepEqual(tell(await judge(t, { "README.md": "two\n", "base/OWNERS": "ada\n" }, { base: hidden })), []);
      const rules = "environments: { prod: { paths: [overlays/prod], ignore: [docs] } }";
      assert.deepEqual(tell(await judge(t, { "docs/a.yaml": "a: b\n" }, { base: hidden, rules })), []);
    });

    it("is a change that deploys, for stops of everything and overrides", async (t) => {
      const report = async (changes: Changes): Promise<ReportedChange> => {
        const repository = await createRepository(t, { branches: { main: hidden, change: lay(hidden, changes) } });
        const reports = await openReports(t, repository.directory);
        return digestReport(await reports.check("main", "change"));
      };
      const [one, two] = [await report({ "base/more.yaml": "a: b\n" }), await report({ "base/more.yaml": "a: c\n" })];
      assert.equal(one.isDeploying, true);
      assert.notEqual(one.digest, two.digest);
      assert.equal((await report({ "README.md": "two\n" })).isDeploying, false);
    });

    it("is left alone by files of other folders where it is a folder of plain manifests without links", async (t) => {
      const own = { "overlays/prod/a.yaml": NO_TEXT, "overlays/prod/z.yaml": configMap("z") };
      const others = Object.entries(FILES).filter(([path]) => path !== "overlays/prod/kustomization.yaml");
      const plain = { ...Object.fromEntries(others), ...own };
      assert.deepEqual(tell(await judge(t, scale("c"), { base: plain })), ["dev kustomize:overlays/dev"]);
      const linked = { ...plain, "overlays/prod/z.yaml": { symlink: "../../base/more.yaml" } };
      const unread = { "base/more.yaml": configMap("more") };
      assert.deepEqual(tell(await judge(t, unread, { base: linked })), ["prod plain:overlays/prod/"]);
    });
  });

  it("is another change with any other file in its folder", async (t) => {
    const first = await judge(t, { "overlays/prod/a.txt": "one" }, { base: broken });
    const second = await judge(t, { "overlays/prod/a.txt": "two" }, { base: broken });
    assert.notEqual(onlyApp(first).digest, onlyApp(second).digest);
    const again = await judge(t, { "overlays/prod/a.txt": "one" }, { base: broken });
    assert.equal(onlyApp(first).digest, onlyApp(again).digest);
  });

  it("T18: is another change with any other file that changes: nobody knows what it would have read", async (t) => {
    const digestOf = async (value: string): Promise<string> => {
      const stopping = {
        "overlays/prod/kustomization.yaml": "resources: [missing.yaml, ../../base]\nnamespace: prod\n",
      };
      return onlyApp(await judge(t, { ...stopping, "base/web.yaml": configMap("web", `a: ${value}`) })).digest;
    };
    const approved = await digestOf("three");
    assert.notEqual(await digestOf("zero"), approved);
    assert.equal(await digestOf("three"), approved);
  });

  it("reads no file for the environment that the file lies in", async (t) => {
    const rules = "environments: { prod: { paths: [overlays/prod] } }";
    const base = {
      ...FILES,
      "overlays/dev/kustomization.yaml": "resources: [../prod/extra.txt, gone.yaml]\n",
      "overlays/prod/extra.txt": "one",
    };
    const changes = await judge(t, { "overlays/prod/extra.txt": "two" }, { base, rules });
    assert.deepEqual(tell(changes), ["prod file overlays/prod/extra.txt"]);
  });

  it("may be a single file", async (t) => {
    const base = { ".github/drydock.yaml": "version: 1\napps: [{ path: prod.yaml }]\n", "prod.yaml": "a: [\n" };
    const rules = "environments: { prod: { paths: [prod.yaml] } }";
    const first = await judge(t, { "prod.yaml": "a: [b\n" }, { base, rules });
    const second = await judge(t, { "prod.yaml": "a: [c\n" }, { base, rules });
    assert.notEqual(onlyApp(first).digest, onlyApp(second).digest);
  });
});

describe("the digest of a change", () => {
  const secret = (value: string): string =>
    `apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { key: ${value} }\n`;
  const withSecret = (value: string): Changes => ({
    "overlays/prod/kustomization.yaml": "resources: [../../base, s.yaml]\nnamespace: prod\n",
    "overlays/prod/s.yaml": secret(value),
  });

  it("is another for another value of a Secret that is added, and tells nothing of it", async (t) => {
    const repository = await createRepository(t, {
      branches: { main: FILES, one: lay(FILES, withSecret("hunter-one")), two: lay(FILES, withSecret("hunter-two")) },
    });
    const reports = await openReports(t, repository.directory);
    const digests: string[] = [];
    for (const head of ["one", "two", "one"]) {
      const report = await reports.check("main", head);
      assert.doesNotMatch(JSON.stringify(report), /hunter/u);
      digests.push(onlyApp(listChanges(report, readRules(RULES), "main")).digest);
    }
    assert.notEqual(digests[0], digests[1]);
    assert.equal(digests[0], digests[2]);
  });

  it("stays across a rebase that changes nothing, and dies with any other value", async (t) => {
    const more = { ...FILES, "base/web.yaml": `${configMap("web")}  other: x\n` };
    const change = { "overlays/prod/kustomization.yaml": `${overlay("prod")}nameSuffix: -v2\n` };
    const other = { "overlays/prod/kustomization.yaml": `${overlay("prod")}nameSuffix: -v3\n` };
    const patch = (value: string): Changes => ({
      "overlays/prod/kustomization.yaml": `${overlay("prod")}patches: [{ path: p.yaml }]\n`,
      "overlays/prod/p.yaml": configMap("web", `a: ${value}`),
    });
    const digestOf = async (base: Readonly<Record<string, FakeFile>>, head: Changes): Promise<string> =>
      onlyApp(await judge(t, head, { base })).digest;
    assert.equal(await digestOf(FILES, patch("c")), await digestOf(more, patch("c")));
    assert.notEqual(await digestOf(FILES, patch("c")), await digestOf(FILES, patch("d")));
    assert.notEqual(await digestOf(FILES, change), await digestOf(FILES, other));
  });

  it("folds noise: a chart's label that the base already has changes nothing", async (t) => {
    const labelled = (chart: string, value: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web, labels: { helm.sh/chart: ${chart} } }\ndata: { a: ${value} }\n`;
    const [noisy, quiet] = ["web-1.0.1", "web-1.0.0"];
    const base = { ...FILES, "base/web.yaml": labelled("web-1.0.0", "b") };
    const one = await judge(t, { "base/web.yaml": labelled(noisy, "c") }, { base });
    const two = await judge(t, { "base/web.yaml": labelled(quiet, "c") }, { base });
    assert.equal(onlyApp(one).digest, onlyApp(two).digest);
    assert.deepEqual(tell(await judge(t, { "base/web.yaml": labelled(noisy, "b") }, { base })), []);
  });
});
