import assert from "node:assert/strict";
import { test } from "node:test";
import { takeInputs } from "../../../src/engine/take-inputs.ts";
import type { PolicyInput } from "../../../src/model/index.ts";

function inputOf(bytes: number, before?: number): PolicyInput {
  const subject = (size: number): PolicyInput["object"] => ({ json: "x".repeat(size), sealed: [] });
  return { object: subject(bytes), before: before === undefined ? undefined : subject(before) };
}

function sizesOf(inputs: readonly PolicyInput[], start: number, most: { bytes: number; inputs: number }): string {
  return takeInputs(inputs, start, most)
    .map(({ object }) => object.json.length)
    .join(" ");
}

test("what is taken keeps both bounds and the order, and a larger input is alone", () => {
  const inputs = [3, 4, 3, 20, 1, 1, 1, 1].map((size) => inputOf(size));
  const most = { bytes: 8, inputs: 3 };
  assert.deepEqual(
    [0, 2, 3, 4, 7, 8].map((start) => sizesOf(inputs, start, most)),
    ["3 4", "3", "20", "1 1 1", "1", ""],
  );
});

test("what a resource was before counts too", () => {
  assert.equal(sizesOf([inputOf(2, 5), inputOf(2)], 0, { bytes: 8, inputs: 9 }), "2");
});

/** One batch after another, as they are judged. */
function divide(inputs: readonly PolicyInput[], most: { bytes: number; inputs: number }): string[] {
  const batches: string[] = [];
  for (let start = 0; start < inputs.length; start += takeInputs(inputs, start, most).length) {
    batches.push(`${start}: ${sizesOf(inputs, start, most)}`);
  }
  return batches;
}

test("batch after batch takes every input once", () => {
  const inputs = [3, 3, 3, 20, 1, 1, 1, 1].map((size) => inputOf(size));
  assert.deepEqual(divide(inputs, { bytes: 8, inputs: 3 }), ["0: 3 3", "2: 3", "3: 20", "4: 1 1 1", "7: 1"]);
  assert.deepEqual(divide([inputOf(2, 5), inputOf(2)], { bytes: 8, inputs: 9 }), ["0: 2", "1: 2"]);
  assert.deepEqual(divide([], { bytes: 8, inputs: 3 }), []);
});
