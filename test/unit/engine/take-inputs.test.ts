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
