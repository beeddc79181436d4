import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AppComparison, type AppFinding, judgeFindings, resourceKey } from "../../../src/judge/index.ts";
import type { Finding, JudgedFinding, ResourceId } from "../../../src/model/index.ts";

const judge = (apps: readonly AppComparison[]): readonly JudgedFinding[] => judgeFindings(apps, () => "manifests");

function resource(name: string, kind = "Deployment", version = "v1"): ResourceId {
  return { group: "apps", version, kind, namespace: "", name };
}

function found(part: Partial<Finding> & { line?: number; file?: string } = {}, field = "[]"): AppFinding {
  const { line, file = "a.yaml", ...rest } = part;
  const location = { file, line, endLine: undefined, column: undefined };
  return {
    field,
    finding: {
      rule: "schema",
      level: "error",
      message: "wrong",
      resource: resource("web"),
      path: [],
      location,
      isRendered: false,
      help: undefined,
      ...rest,
    },
  };
}

function app(
  id: string,
  base: readonly AppFinding[] | undefined,
  head: readonly AppFinding[] | undefined,
  pairing: readonly (readonly [ResourceId, ResourceId | undefined])[] = [],
  headId = id,
): AppComparison {
  const side = (name: string, findings: readonly AppFinding[] | undefined) =>
    findings === undefined ? undefined : { app: { id: name, path: name }, findings };
  return {
    base: side(id, base),
    head: side(headId, head),
    pairing: new Map(pairing.map(([from, to]) => [resourceKey(from), to])),
  };
}

/** `new error web a.yaml:1 [dev prod]` for each. */
function tell(findings: readonly JudgedFinding[]): readonly string[] {
  return findings.map(({ isNew, level, resource, location, apps }) =>
    [
      isNew ? "new" : "known",
      level,
      resource?.name ?? "-",
      `${location?.file ?? ""}:${location?.line ?? "?"}`,
      `[${apps.join(" ")}]`,
    ].join(" "),
  );
}

describe("judgeFindings: the same on both sides", () => {
  const cases: [name: string, comparisons: readonly AppComparison[], expected: readonly string[]][] = [
    ["same rule, resource and field is known", [app("dev", [found()], [found()])], ["known error web a.yaml:? [dev]"]],
    ["what only the base has is not listed", [app("dev", [found()], [])], []],
    ["what only the head has is new", [app("dev", [], [found()])], ["new error web a.yaml:? [dev]"]],
    [
      "another rule is new",
      [app("dev", [found()], [found({ rule: "invalid-name" })])],
      ["new error web a.yaml:? [dev]"],
    ],
    [
      "another resource is new",
      [app("dev", [found()], [found({ resource: resource("api") })])],
      ["new error api a.yaml:? [dev]"],
    ],
    [
      "another field is new",
      [app("dev", [found({}, '["a"]')], [found({}, '["b"]')])],
      ["new error web a.yaml:? [dev]"],
    ],
    [
      "line, file and message do not count",
      [
        app(
          "dev",
          [found({ line: 1, file: "a.yaml", message: "x" })],
          [found({ line: 9, file: "b.yaml", message: "y" })],
        ),
      ],
      ["known error web b.yaml:9 [dev]"],
    ],
    [
      "another version of the API does not count",
      [app("dev", [found({ resource: resource("web", "Deployment", "v1beta1") })], [found()])],
      ["known error web a.yaml:? [dev]"],
    ],
    [
      "a renamed resource is the same one",
      [
        app(
          "dev",
          [found({ resource: resource("web-1") })],
          [found({ resource: resource("web-2") })],
          [[resource("web-1"), resource("web-2")]],
        ),
      ],
      ["known error web-2 a.yaml:? [dev]"],
    ],
    [
      "a moved app is the same one when it is paired",
      [app("plain:old/", [found()], [found()], [], "plain:new/")],
      ["known error web a.yaml:? [plain:new/]"],
    ],
    [
      "an app that is gone and one that is new count as moved",
      [app("plain:new/", undefined, [found()]), app("plain:old/", [found()], undefined)],
      ["known error web a.yaml:? [plain:new/]"],
    ],
    [
      "a resource that left one app for another moved",
      [app("a", [found()], [], [[resource("web"), undefined]]), app("b", [], [found()])],
      ["known error web a.yaml:? [b]"],
    ],
    [
      "a finding that is mended in one app excuses none in another",
      [app("dev", [found()], []), app("prod", [], [found()])],
      ["new error web a.yaml:? [prod]"],
    ],
    [
      "a finding that stands in one app excuses none in another",
      [app("dev", [found()], [found()]), app("prod", [], [found()])],
      ["new error web a.yaml:? [prod]", "known error web a.yaml:? [dev]"],
    ],
    [
      "an app whose base could not be rendered has no known findings",
      [app("dev", undefined, [found()])],
      ["new error web a.yaml:? [dev]"],
    ],
  ];
  for (const [name, comparisons, expected] of cases) {
    it(name, () => {
      assert.deepEqual(tell(judge(comparisons)), expected);
    });
  }
});

describe("judgeFindings: worse", () => {
  const warning = found({ level: "warning" });
  const cases: [name: string, base: readonly AppFinding[], head: readonly AppFinding[], expected: readonly string[]][] =
    [
      ["a higher level is new", [warning], [found()], ["new error"]],
      ["a lower level is known", [found()], [warning], ["known warning"]],
      ["a higher count has new ones", [found()], [found(), found()], ["new error", "known error"]],
      ["a lower count is known", [found(), found()], [found()], ["known error"]],
      ["an error beside a known warning is new", [warning], [found(), warning], ["new error", "known warning"]],
      ["one error of two for a warning is new", [found(), warning], [found(), found()], ["new error", "known error"]],
      [
        "more warnings in place of an error have new ones",
        [found()],
        [warning, warning],
        ["new warning", "known warning"],
      ],
    ];
  for (const [name, base, head, expected] of cases) {
    it(name, () => {
      const told = judge([app("dev", base, head)]).map(({ isNew, level }) => `${isNew ? "new" : "known"} ${level}`);
      assert.deepEqual(told, expected);
    });
  }
});

describe("judgeFindings: findings about files", () => {
  const syntax = (file: string) => found({ rule: "yaml-syntax", resource: undefined, file, line: 3 });
  it("are told apart by file", () => {
    const told = tell(judge([app("plain", [syntax("plain/a.yaml")], [syntax("plain/b.yaml")])]));
    assert.deepEqual(told, ["new error - plain/b.yaml:3 [plain]"]);
  });
  it("move with their app", () => {
    const told = tell(judge([app("old", [syntax("old/a.yaml")], [syntax("new/a.yaml")], [], "new")]));
    assert.deepEqual(told, ["known error - new/a.yaml:3 [new]"]);
  });
});

describe("judgeFindings: through several apps", () => {
  it("one source line is one finding with all its apps", () => {
    const apps = Array.from({ length: 40 }, (_, index) =>
      app(
        `app-${String(index).padStart(2, "0")}`,
        [],
        [
          found({
            line: 7,
            file: "base/web.yaml",
            resource: resource(`web-${index}`),
            message: `web-${index} is wrong`,
          }),
        ],
      ),
    );
    const judged = judge(apps);
    assert.equal(judged.length, 1);
    assert.equal(judged[0]?.apps.length, 40);
    assert.equal(judged[0].message, "web-0 is wrong");
  });
  it("two source lines are two findings", () => {
    const judged = judge([
      app("dev", [], [found({ line: 1, file: "dev/patch.yaml" })]),
      app("prod", [], [found({ line: 1, file: "prod/patch.yaml" })]),
    ]);
    assert.deepEqual(tell(judged), ["new error web dev/patch.yaml:1 [dev]", "new error web prod/patch.yaml:1 [prod]"]);
  });
  it("without a line, resource and message decide", () => {
    const judged = judge([
      app("dev", [], [found({ file: "dev/kustomization.yaml" })]),
      app("prod", [], [found({ file: "prod/kustomization.yaml" }), found({ message: "other" }, "[1]")]),
    ]);
    assert.deepEqual(tell(judged), [
      "new error web a.yaml:? [prod]",
      "new error web dev/kustomization.yaml:? [dev prod]",
    ]);
  });
  it("two resources of one template line in one app stay two", () => {
    const two = [found({ line: 4, resource: resource("a") }), found({ line: 4, resource: resource("b") })];
    assert.deepEqual(tell(judge([app("x", [], two), app("y", [], two)])), [
      "new error a a.yaml:4 [x y]",
      "new error b a.yaml:4 [x y]",
    ]);
  });
  it("new and known ones are kept apart", () => {
    const line = found({ line: 7, file: "base/web.yaml" });
    assert.deepEqual(tell(judge([app("dev", [line], [line]), app("prod", [], [line])])), [
      "new error web base/web.yaml:7 [prod]",
      "known error web base/web.yaml:7 [dev]",
    ]);
  });
  it("the order does not depend on the order of apps", () => {
    const apps = [
      app("b", [], [found({ line: 2 }), found({ level: "notice", rule: "x" })]),
      app(
        "a",
        [found({ line: 9 }, "[1]")],
        [found({ line: 1 }), found({ level: "warning" }, "[2]"), found({ line: 9 }, "[1]")],
      ),
    ];
    const judged = judge(apps);
    assert.deepEqual(judge(apps.toReversed()), judged);
    assert.deepEqual(
      judged.map(({ isNew, level }) => `${isNew ? "new" : "known"} ${level}`),
      ["new error", "new error", "new warning", "new notice", "known error"],
    );
  });
});
