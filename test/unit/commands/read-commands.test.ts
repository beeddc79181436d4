import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { describeCommands, mayHoldCommand, readCommands } from "../../../src/commands/index.ts";

function names(comment: string): string[] | string {
  const reading = readCommands(comment);
  if (reading.kind === "commands") return reading.commands.map(({ name }) => name);
  return reading.kind === "unknown" ? `unknown: ${reading.problem}` : "none";
}

describe("readCommands", () => {
  it("reads a command on a line of its own, with words before and after", () => {
    assert.deepEqual(names("/drydock check"), ["check"]);
    assert.deepEqual(names("Please look again.\n/drydock check\nThank you"), ["check"]);
    assert.deepEqual(names("Please look again.\n\n/drydock\tcheck  \n"), ["check"]);
    assert.deepEqual(names("/drydock check\r\nthanks\r\n"), ["check"]);
  });

  it("T11: reads several in their order, and none when one of them is not understood", () => {
    assert.deepEqual(names("/drydock help\n/drydock check"), ["help", "check"]);
    assert.equal(names("/drydock check\n/drydock deploy"), "unknown: there is no such command");
    assert.equal(names("/drydock check\n".repeat(11)), "unknown: at most 10 in a comment");
  });

  const quoted: readonly (readonly [string, string])[] = [
    ["a code fence", "```\n/drydock check\n```"],
    ["a fence that is never closed", "```\n/drydock check"],
    ["a fence of tildes", "~~~sh\n/drydock check\n~~~"],
    ["indented code", "    /drydock check"],
    ["inline code", "`/drydock check`"],
    ["inline code over two lines", "`a\n/drydock check`"],
    ["a quote", "> /drydock check"],
    ["a lazy quote", "> said\n/drydock check"],
    ["a list", "- /drydock check"],
    ["an HTML comment", "<!--\n/drydock check\n-->"],
    ["a fold", "<details><summary>log</summary>\n\n/drydock check\n\n</details>"],
    ["a fold inside a paragraph", "log <details>\n/drydock check\n"],
    ["a fold that is never closed", "<details>\n\n/drydock check"],
    ["a heading", "# /drydock check"],
    ["a link", "[a\n/drydock check](https://example.com)"],
    ["the middle of a line", "try /drydock check"],
    ["a no-break space", "/drydock\u00a0check"],
    ["a zero-width space", "/dry\u200bdock check"],
    ["a look-alike letter", "/drуdock check"],
    ["capitals", "/Drydock check"],
    ["another command's name", "/drydocks check"],
    ["another bot's", "/lgtm\n/approve"],
  ];
  for (const [what, comment] of quoted) {
    it(`T10: takes ${what} for no command`, () => {
      assert.equal(names(comment), "none");
    });
  }

  it("reads what stands after a fold that was closed", () => {
    assert.deepEqual(names("<details>\n\nlog\n\n</details>\n\n/drydock check"), ["check"]);
  });

  it("T17: refuses arguments that a command does not take, whatever they are", () => {
    for (const argument of ["../..", "; rm -rf .", "$(id)", "--force", "__proto__", "x".repeat(3_000)]) {
      assert.equal(names(`/drydock check ${argument}`), "unknown: it takes no arguments");
    }
    assert.equal(names("/drydock __proto__"), "unknown: there is no such command");
    assert.equal(names("/drydock"), "unknown: it names no command");
  });

  it("T17: takes no time for text that makes Markdown explode, and says where a command has to stand", () => {
    // Each took a reader of Markdown between 5 and 60 s when it was as long as GitHub lets a comment be.
    for (const text of ["*a_ ", "1. ", "a\n=\n", "> ", "/drydock check\n"]) {
      for (const [length, isRead] of [
        [65_536, false],
        [3_900, true],
      ] as const) {
        const comment = `/drydock check\n\n${text.repeat(length / text.length)}`;
        const startedAt = performance.now();
        const reading = names(comment);
        assert.ok(performance.now() - startedAt < 3000, `${length} characters of ${JSON.stringify(text)}`);
        if (!isRead) assert.match(String(reading), /^unknown: its comment has more than 4000 characters/u);
      }
    }
    assert.equal(names("/drydock check" + " and more".repeat(10_000)).slice(0, 7), "unknown");
    assert.equal(names("a ".repeat(30_000) + "/drydock check"), "none");
  });

  it("T12: does not obey its own help", () => {
    assert.equal(names(describeCommands(["hold"], ["`/drydock check` needs a permission."])), "none");
  });

  it("never fails, and finds nothing where the prefix is missing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const reading = readCommands(text);
        assert.ok(mayHoldCommand(text) || reading.kind === "none");
      }),
    );
  });
});
