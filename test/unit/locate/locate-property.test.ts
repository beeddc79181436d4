import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { dump } from "js-yaml";
import { locateFinding } from "../../../src/locate/index.ts";
import type { App, FieldPath, Manifest, RawFinding } from "../../../src/model/index.ts";
import { indexDocuments } from "../../../src/locate/source-file.ts";
import { findTemplateLine } from "../../../src/locate/template-lines.ts";

type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

const key = fc.oneof(
  fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,8}$/u),
  fc.constantFrom("__proto__", "constructor", "app.kubernetes.io/name", "a b", "yes", "1", "#", "🚢", "a: b", "'"),
);
const scalar = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constant("a\nb\n\n c: 1\n---x\n"),
);
const value = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4 }),
  ),
})).value;

/** All paths that end in a key, with the key. */
function listPaths(node: Value, path: FieldPath = []): FieldPath[] {
  if (Array.isArray(node)) return node.flatMap((item, index) => listPaths(item, [...path, index]));
  if (node === null || typeof node !== "object") return [];
  return Object.entries(node).flatMap(([name, item]) => [[...path, name], ...listPaths(item, [...path, name])]);
}

const app: App = {
  kind: "plain",
  id: "plain:a/",
  path: "a",
  declaredIn: "a.yaml",
  files: ["a.yaml"],
  environment: undefined,
  isEnvironmentDeclared: false,
  guessed: false,
  assumptions: [],
  isSubstituted: false,
};

function toManifest(name: string): Manifest {
  const resource = { group: "x.dev", version: "v1", kind: "Any", namespace: "", name };
  return {
    resource,
    digest: "",
    json: "{}",
    sealed: [],
    origin: { file: "a.yaml", document: undefined, shapedBy: [] },
    hooks: [],
  };
}

describe("locating in random YAML", () => {
  const documents = fc.array(fc.dictionary(key, value, { maxKeys: 4 }), { minLength: 1, maxLength: 4 });
  const style = fc.record({
    indent: fc.constantFrom(2, 4),
    flowLevel: fc.constantFrom(-1, 1, 3),
    noArrayIndent: fc.boolean(),
  });
  const frame = fc.record({
    mark: fc.boolean(),
    crlf: fc.boolean(),
    first: fc.constantFrom("", "---\n", "# c\n---\n", "---\n---\n"),
  });

  it("the line really holds the key, at its column", () => {
    const property = fc.property(documents, style, frame, fc.nat(), (specs, options, { mark, crlf, first }, seed) => {
      const objects = specs.map((spec, index) => ({
        apiVersion: "x.dev/v1",
        kind: "Any",
        metadata: { name: `n${index}` },
        spec,
      }));
      const yaml = first + objects.map((object) => dump(object, options)).join("---\n");
      const text = (mark ? "\uFEFF" : "") + (crlf ? yaml.replaceAll("\n", "\r\n") : yaml);
      const choices = specs.flatMap((spec, index) => listPaths(spec).map((path) => ({ index, path })));
      const chosen = choices[seed % Math.max(1, choices.length)];
      fc.pre(chosen !== undefined);
      const { resource } = toManifest(`n${chosen.index}`);
      const raw: RawFinding = {
        rule: "r",
        level: "error",
        message: "",
        resource,
        path: ["spec", ...chosen.path],
        file: undefined,
        line: undefined,
        column: undefined,
      };
      const { location } = locateFinding(raw, [toManifest(`n${chosen.index}`)], app, () => text);
      assert.ok(location?.line !== undefined && location.column !== undefined, "no line");
      const line = (text.replace("\uFEFF", "").split("\n")[location.line - 1] ?? "").slice(location.column - 1);
      const name = String(chosen.path.at(-1));
      const isThere = line.startsWith(name) || /^["']/u.test(line) || line.startsWith("? ");
      assert.ok(
        isThere,
        `${JSON.stringify(line)} does not start with ${name} of ${JSON.stringify(chosen.path)} in\n${text}`,
      );
      if (/^[a-zA-Z]+$/u.test(name) && !/^["']/u.test(line)) assert.match(line, new RegExp(`^${name}:( |\r?$)`, "u"));
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it("never throws, whatever the file and the path are", () => {
    const step = fc.oneof(fc.string(), fc.nat(9));
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "---",
        "a: &a",
        "  <<: *a",
        "- *a",
        "kind: Any",
        "metadata: {name: n}",
        "\t",
        "{{ x }}",
        "? - a",
        "|",
        ">-",
        "...",
      ),
    );
    const property = fc.property(fc.array(line), fc.array(step), (lines, path) => {
      const text = lines.join("\n");
      const { resource } = toManifest("n");
      const raw: RawFinding = {
        rule: "r",
        level: "error",
        message: "",
        resource,
        path,
        file: undefined,
        line: undefined,
        column: undefined,
      };
      const { location } = locateFinding(raw, [toManifest("n")], app, () => text);
      assert.ok((location?.line ?? 1) <= lines.length + 1);
      findTemplateLine(text, "Any", path);
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

describe("indexDocuments", () => {
  const cases: [string, number][] = [
    ["", 0],
    ["# only\n\n", 0],
    ["%YAML 1.2\n---\na: 1\n", 1],
    ["a: 1\n", 1],
    ["---\na: 1\n", 1],
    ["a: 1\n---\n", 2],
    ["---\n---\na: 1\n", 2],
    ["a: 1\n---\tb: 1\n--- # c\nb: 1\n", 3],
    ["a: 1\n----\n", 1],
    ["a: |\n ---\n", 1],
    ["\uFEFF---\na: 1\n", 1],
    ["a: 1\r\n---\r\nb: 1\r\n", 2],
  ];
  for (const [text, count] of cases) {
    it(`${JSON.stringify(text)} has ${count}`, () => {
      assert.equal(indexDocuments(text).length, count);
    });
  }
  it("a file of 5,000 documents is indexed at once and parsed document by document", () => {
    const text = Array.from(
      { length: 5000 },
      (_, index) => `apiVersion: v1\nkind: Any\nmetadata: {name: n${index}}\n`,
    ).join("---\n");
    const documents = indexDocuments(text);
    assert.equal(documents.length, 5000);
    assert.equal(documents[4999]?.positionAt(0).line, 4999 * 4);
  });
});
