import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRepositoryConfig, type PolicyException } from "../../../src/config/index.ts";
import {
  findEnd,
  findException,
  printException,
  readAnnotation,
  type ExceptionFacts,
} from "../../../src/policy/index.ts";
import type { FindingException, Manifest } from "../../../src/model/index.ts";

function exceptionsOf(...lines: readonly string[]): readonly PolicyException[] {
  const text = `version: 1\npolicy:\n  exceptions:\n${lines.map((line) => `    - ${line}`).join("\n")}\n`;
  const reading = readRepositoryConfig(text, ".github/drydock.yaml");
  assert.ok(reading.kind === "loaded", JSON.stringify(reading));
  return reading.config.policy.exceptions;
}

const WEB = { group: "apps", version: "v1", kind: "Deployment", namespace: "shop", name: "web" };
const FOUND = { rule: "image-tag", resource: WEB, apps: ["kustomize:apps/web/overlays/prod"] };

function facts(parts: Partial<ExceptionFacts>): ExceptionFacts {
  return {
    standing: [],
    added: [],
    file: ".github/drydock.yaml",
    today: "2026-06-15",
    isApproved: () => false,
    approversOf: () => undefined,
    holdOf: () => undefined,
    ...parts,
  };
}

describe("a rule that the organisation's floor holds", () => {
  const own = exceptionsOf('{ rule: image-tag, resource: "*", reason: r, approvers: ours }');
  const annotated = { state: "used", reason: "a", expires: undefined, approvers: undefined, place: undefined } as const;
  const held = { holdOf: () => ({ approvers: "security" }), approversOf: () => "security" };

  it("lets an exception pass that stands in the repository once the floor's team approves each use", () => {
    const waiting = findException(FOUND, facts({ standing: own, ...held }), undefined);
    assert.deepEqual([waiting?.state, waiting?.approvers], ["waiting", "security"]);
    const isApproved: ExceptionFacts["isApproved"] = (rule, resource, team) =>
      rule === "image-tag" && resource === "Deployment/shop/web" && team === "security";
    assert.equal(findException(FOUND, facts({ standing: own, ...held, isApproved }), undefined)?.state, "used");
  });

  it("lets an annotation pass likewise, bound to what it says", () => {
    const waiting = findException(FOUND, facts(held), annotated);
    assert.deepEqual([waiting?.state, waiting?.approvers], ["waiting", "security"]);
    const texts: string[] = [];
    const isApproved: ExceptionFacts["isApproved"] = (_rule, _resource, _team, text) => texts.push(text) > 0;
    assert.equal(findException(FOUND, facts({ ...held, isApproved }), annotated)?.state, "used");
    findException(FOUND, facts({ ...held, isApproved }), { ...annotated, reason: "b" });
    assert.equal(new Set(texts).size, 2);
    const expired = { ...annotated, state: "expired" } as const;
    assert.equal(findException(FOUND, facts({ ...held, isApproved }), expired)?.state, "expired");
  });

  it("has no exception but the floor's where that names no team", () => {
    const nobody = { holdOf: () => ({ approvers: undefined }), isApproved: () => true };
    assert.equal(findException(FOUND, facts({ standing: own, added: own, ...nobody }), annotated), undefined);
    const ofFloor = own.map((one) => ({ ...one, file: "octo/.github: .github/drydock.yaml" }));
    const found = findException(FOUND, facts({ standing: ofFloor, ...nobody }), undefined);
    assert.deepEqual([found?.state, found?.place?.file], ["used", "octo/.github: .github/drydock.yaml"]);
  });
});

describe("an exception of the config", () => {
  it("takes findings of its rule on its resources, and is shown with its line", () => {
    const standing = exceptionsOf('{ rule: image-tag, resource: "Deployment/shop/*", reason: "pinned there" }');
    assert.deepEqual(findException(FOUND, facts({ standing }), undefined), {
      state: "used",
      reason: "pinned there",
      expires: undefined,
      approvers: undefined,
      place: { file: ".github/drydock.yaml", line: 4 },
    });
  });

  const others: readonly [title: string, line: string][] = [
    ["another rule", '{ rule: image-digest, resource: "Deployment/shop/web", reason: r }'],
    ["another resource", '{ rule: image-tag, resource: "Deployment/shop/api", reason: r }'],
    ["another namespace", '{ rule: image-tag, resource: "Deployment/web", reason: r }'],
    ["another app", '{ rule: image-tag, resource: "Deployment/shop/web", apps: "helm:*", reason: r }'],
  ];
  for (const [title, line] of others) {
    it(`does not take findings of ${title}`, () => {
      assert.equal(findException(FOUND, facts({ standing: exceptionsOf(line) }), undefined), undefined);
    });
  }

  it("takes a finding reached through several apps only where it covers all of them", () => {
    const standing = exceptionsOf('{ rule: image-tag, resource: "*", apps: "*/prod", reason: r }');
    const both = { ...FOUND, apps: ["kustomize:a/prod", "kustomize:a/dev"] };
    assert.equal(findException(both, facts({ standing }), undefined), undefined);
    assert.equal(findException(FOUND, facts({ standing }), undefined)?.state, "used");
  });

  it("that names a file takes what is in no resource there, and nothing that is in one", () => {
    const standing = exceptionsOf('{ rule: credential, file: "charts/*/values.yaml", reason: "a test account" }');
    const at = (file: string) => ({ file, line: 3, endLine: undefined, column: undefined });
    const found = { rule: "credential", resource: undefined, apps: ["helm:charts/web"] };
    const stateOf = (file: string, parts: object = {}) =>
      findException({ ...found, location: at(file), ...parts }, facts({ standing }), undefined)?.state;
    assert.equal(stateOf("charts/web/values.yaml"), "used");
    assert.equal(stateOf("charts/web/values-prod.yaml"), undefined);
    assert.equal(stateOf("charts/web/values.yaml", { resource: WEB }), undefined);
    assert.equal(stateOf("charts/web/values.yaml", { rule: "high-entropy" }), undefined);
    assert.equal(findException(found, facts({ standing }), undefined), undefined, "it stands nowhere");
    const resources = exceptionsOf('{ rule: credential, resource: "**", reason: r }');
    const named = findException(
      { ...found, location: at("charts/web/values.yaml") },
      facts({ standing: resources }),
      undefined,
    );
    assert.equal(named, undefined);
  });

  it("that a change adds for a file is asked for by that file", () => {
    const added = exceptionsOf('{ rule: credential, file: "**/values.yaml", reason: r, approvers: security }');
    const asked: string[] = [];
    const location = { file: "charts/web/values.yaml", line: 3, endLine: undefined, column: undefined };
    const isApproved = (_rule: string, subject: string): boolean => {
      asked.push(subject);
      return false;
    };
    const found = findException(
      { rule: "credential", resource: undefined, apps: [], location },
      facts({ added, isApproved }),
      undefined,
    );
    assert.equal(found?.state, "waiting");
    assert.deepEqual(asked, ["file charts/web/values.yaml"]);
  });

  it("names a resource or a file, and not both", () => {
    for (const subject of ["", "resource: '*', file: 'a.yaml', "]) {
      const text = `version: 1\npolicy:\n  exceptions:\n    - { rule: image-tag, ${subject}reason: r }\n`;
      const reading = readRepositoryConfig(text, ".github/drydock.yaml");
      assert.match(JSON.stringify(reading), /an exception names either a resource or a file/u);
    }
  });

  it("counts on its last day and not on the next", () => {
    const standing = exceptionsOf("{ rule: image-tag, resource: '*', reason: r, expires: 2026-06-15 }");
    assert.equal(findException(FOUND, facts({ standing }), undefined)?.state, "used");
    assert.equal(findException(FOUND, facts({ standing, today: "2026-06-16" }), undefined)?.state, "expired");
  });

  it("in force wins over one that has expired", () => {
    const standing = exceptionsOf(
      "{ rule: image-tag, resource: '*', reason: old, expires: 2026-01-01 }",
      "{ rule: image-tag, resource: '*', reason: new, expires: 2027-01-01 }",
    );
    assert.equal(findException(FOUND, facts({ standing }), undefined)?.reason, "new");
  });
});

describe("T34: an exception that the change itself adds", () => {
  const added = exceptionsOf("{ rule: image-tag, resource: '*', reason: r, approvers: security }");

  it("waits for its approvers and takes nothing until then", () => {
    const found = findException(FOUND, facts({ added }), undefined);
    assert.deepEqual([found?.state, found?.approvers], ["waiting", "security"]);
  });

  it("counts once they have approved it for this resource", () => {
    const asked: unknown[] = [];
    const isApproved: ExceptionFacts["isApproved"] = (...question) => {
      asked.push(question);
      return true;
    };
    assert.equal(findException(FOUND, facts({ added, isApproved }), undefined)?.state, "used");
    const text = '["image-tag","*",null,"r",null,"security"]';
    assert.deepEqual(asked, [["image-tag", "Deployment/shop/web", "security", text]]);
  });

  it("is for the team that the base names, whatever it says itself", () => {
    const found = findException(FOUND, facts({ added, approversOf: () => "platform" }), undefined);
    assert.equal(found?.approvers, "platform");
    assert.equal(
      findException(FOUND, facts({ standing: added, approversOf: () => "platform" }), undefined)?.approvers,
      "security",
    );
  });

  it("names the rule's own team where it names none", () => {
    const own = exceptionsOf("{ rule: image-tag, resource: '*', reason: r }");
    const found = findException(FOUND, facts({ added: own, approversOf: () => "platform" }), undefined);
    assert.equal(found?.approvers, "platform");
  });

  it("is the same exception wherever it stands in the file", () => {
    const [first, second] = exceptionsOf(
      "{ rule: a, resource: '*', reason: r }",
      "{ reason: r, resource: '*', rule: a }",
    );
    assert.ok(first && second);
    assert.equal(printException(first), printException(second));
  });
});

describe("an annotation of the resource", () => {
  const manifest = (annotations: Readonly<Record<string, unknown>>): Manifest => ({
    resource: WEB,
    digest: "d",
    json: JSON.stringify({ metadata: { annotations } }),
    sealed: [],
    origin: { file: "web.yaml", document: 0, shapedBy: [] },
    hooks: [],
  });

  it("excepts it with a reason, until a day if it says one", () => {
    const said = manifest({ "except.drydock.dev/image-tag": "until 2026-12-31: moves with the node" });
    const found = readAnnotation("image-tag", said, "2026-06-15");
    assert.deepEqual(found, {
      state: "used",
      reason: "moves with the node",
      expires: "2026-12-31",
      approvers: undefined,
      place: undefined,
    });
    assert.equal(readAnnotation("image-tag", said, "2027-01-01")?.state, "expired");
  });

  it("has expired where it names a day that there is not", () => {
    for (const day of ["2026-13-45", "2027-02-29"]) {
      const said = manifest({ "except.drydock.dev/image-tag": `until ${day}: moves` });
      assert.equal(readAnnotation("image-tag", said, "2026-06-15")?.state, "expired", day);
    }
  });

  it("says nothing of other rules, without a reason, or where it is no text", () => {
    assert.equal(readAnnotation("image-tag", manifest({}), "2026-06-15"), undefined);
    assert.equal(
      readAnnotation("image-tag", manifest({ "except.drydock.dev/image-tag": " " }), "2026-06-15"),
      undefined,
    );
    assert.equal(readAnnotation("image-tag", manifest({ "except.drydock.dev/image-tag": 1 }), "2026-06-15"), undefined);
    const other = manifest({ "except.drydock.dev/image-digest": "because" });
    assert.equal(readAnnotation("image-tag", other, "2026-06-15"), undefined);
  });
});

describe("the end of exceptions", () => {
  const found = (state: FindingException["state"], expires: string | undefined) => {
    return { exception: { state, expires, reason: "r", approvers: undefined, place: undefined } };
  };

  it("is that of the first that takes something or waits, once its last day is over", () => {
    const findings = [found("used", "2026-12-01"), found("waiting", "2026-08-31"), found("used", undefined), {}];
    assert.equal(findEnd(findings), Date.parse("2026-09-01T00:00:00Z"));
  });

  it("is none where nothing ends any more", () => {
    assert.equal(
      findEnd([found("used", undefined), found("expired", "2026-01-01"), { exception: undefined }]),
      undefined,
    );
  });

  it("comes after every moment that the exception counted at", () => {
    const standing = exceptionsOf('{ rule: image-tag, resource: "*", reason: r, expires: "2028-02-29" }');
    const exception = findException(FOUND, facts({ standing, today: "2028-02-29" }), undefined);
    const end = findEnd([{ exception }]) ?? 0;
    assert.equal(new Date(end - 1).toISOString(), "2028-02-29T23:59:59.999Z");
    const then = new Date(end).toISOString().slice(0, 10);
    assert.equal(findException(FOUND, facts({ standing, today: then }), undefined)?.state, "expired");
  });
});
