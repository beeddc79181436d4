import type { PolicyInput } from "../model/index.ts";

/** Inputs that follow each other; `start` is the place of the first. */
export interface InputBatch {
  readonly start: number;
  readonly inputs: readonly PolicyInput[];
}

/** Divides inputs into batches that keep both bounds; one that is larger than all of a batch's bytes is alone. */
export function divideInputs(
  inputs: readonly PolicyInput[],
  most: { readonly bytes: number; readonly inputs: number },
): readonly InputBatch[] {
  const batches: { start: number; inputs: PolicyInput[] }[] = [];
  let bytes = 0;
  inputs.forEach((input, index) => {
    const size = input.object.json.length + (input.before?.json.length ?? 0);
    const last = batches.at(-1);
    if (last === undefined || last.inputs.length >= most.inputs || bytes + size > most.bytes) {
      batches.push({ start: index, inputs: [input] });
      bytes = size;
      return;
    }
    last.inputs.push(input);
    bytes += size;
  });
  return batches;
}
