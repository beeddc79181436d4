import assert from "node:assert/strict";
import { test } from "node:test";
import { divideInputs } from "../../../src/engine/divide-inputs.ts";
import type { PolicyInput } from "../../../src/model/index.ts";

function inputOf(bytes: number, before?: number): PolicyInput {
  const subject = (size: number): PolicyInput["object"] => ({ json: "x".repeat(size), sealed: [] });
  return { object: subject(bytes), before: before === undefined ? undefined : subject(before) };
}

function sizesOf(inputs: readonly PolicyInput[], most: { bytes: number; inputs: number }): string[] {
  return divideInputs(inputs, most).map(
    ({ start, inputs: batch }) => `${start}: ${batch.map(({ object }) => object.json.length).join(" ")}`,
  );
}

test("batches keep both bounds and the order, and a larger input is alone", () => {
  const inputs = [3, 3, 3, 20, 1, 1, 1, 1].map((size) => inputOf(size));
  assert.deepEqual(sizesOf(inputs, { bytes: 8, inputs: 3 }), ["0: 3 3", "2: 3", "3: 20", "4: 1 1 1", "7: 1"]);
});

test("what a resource was before counts too", () => {
  assert.deepEqual(sizesOf([inputOf(2, 5), inputOf(2)], { bytes: 8, inputs: 9 }), ["0: 2", "1: 2"]);
});

test("no input makes no batch", () => {
  assert.deepEqual(sizesOf([], { bytes: 8, inputs: 3 }), []);
});
