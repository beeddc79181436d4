import assert from "node:assert/strict";

/** Lines of the output in their order; `…` stands for any number of lines, and the end may be left out by it. */
export function assertShows(shown: readonly string[], actual: string): void {
  const lines = actual.split("\n");
  let at = 0;
  let maySkip = false;
  for (const line of shown) {
    if (line === "…") {
      maySkip = true;
      continue;
    }
    const next = maySkip ? lines.indexOf(line, at) : at;
    assert.ok(next >= 0 && lines[next] === line, `the output has no line ${JSON.stringify(line)}:\n${actual}`);
    at = next + 1;
    maySkip = false;
  }
}
