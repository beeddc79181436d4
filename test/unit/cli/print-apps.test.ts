import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { printApps } from "../../../src/cli/print-apps.ts";
import type { PlainApp } from "../../../src/model/index.ts";

const app = (path: string, changes: Partial<PlainApp> = {}): PlainApp => ({
  ...{
    kind: "plain",
    id: `plain:${path}/`,
    path,
    environment: undefined,
    isEnvironmentDeclared: false,
    guessed: false,
  },
  ...{ declaredIn: `${path}/a.yaml`, assumptions: [], isSubstituted: false, files: [`${path}/a.yaml`] },
  ...changes,
});

describe("printApps", () => {
  it("says what to do when there is none", () => {
    assert.equal(
      printApps({ apps: [], agents: [], notes: [] }, "text", 80),
      "No apps found. Name them in .github/drydock.yaml (see docs/configuration.md).\n",
    );
  });

  it("puts details below the id", () => {
    const apps = [app("web", { environment: "prod", guessed: true, assumptions: ['namespace "default"'] })];
    assert.equal(
      printApps({ apps, agents: [], notes: ["A note."] }, "text", 80),
      '1 app\nplain:web/\n    environment prod, declared in web/a.yaml, guessed\n    namespace "default"\nA note.\n',
    );
  });

  it("fits a terminal of 40 columns, but for what has no space in it", () => {
    const long = `apps/${"long-".repeat(10)}name`;
    const apps = [app(long), app("web", { assumptions: ["values from charts/web/values-prod.yaml and from others"] })];
    const agent = {
      agent: "argocd",
      kind: "Application",
      namespace: "argocd",
      name: "web",
      file: "argo/web.yaml",
    } as const;
    const text = printApps(
      { apps, agents: [agent], notes: ["A note that is longer than forty columns are."] },
      "text",
      40,
    );
    for (const line of text.split("\n")) {
      assert.ok(line.length <= 40 || line.trim().split(" ").length <= 2, line);
    }
    assert.ok(text.includes(`plain:${long}/\n`), "an id stays whole, to be copied");
  });

  it("quotes names that would drive the terminal", () => {
    assert.match(
      printApps({ apps: [app("a\u001b[31m")], agents: [], notes: [] }, "text", 80),
      /plain:a\\u\{1b\}\[31m/u,
    );
  });

  it("is JSON that a program can read back", () => {
    const text = printApps({ apps: [app("__proto__")], agents: [], notes: ["n"] }, "json", 80);
    assert.deepEqual(JSON.parse(text), {
      ...{ version: 1, agents: [], notes: ["n"] },
      apps: [
        {
          ...{ id: "plain:__proto__/", kind: "plain", path: "__proto__", environment: null, guessed: false },
          ...{ declaredIn: "__proto__/a.yaml", assumptions: [] },
        },
      ],
    });
  });
});
