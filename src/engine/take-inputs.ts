import type { PolicyInput } from "../model/index.ts";

/** The inputs from `start` on that keep both bounds; one that is larger than all of the bytes is taken alone. */
export function takeInputs<T extends PolicyInput>(
  inputs: readonly T[],
  start: number,
  most: { readonly bytes: number; readonly inputs: number },
): readonly T[] {
  let bytes = 0;
  let end = start;
  for (const { object, before } of inputs.slice(start, start + most.inputs)) {
    bytes += object.json.length + (before?.json.length ?? 0);
    if (bytes > most.bytes && end > start) break;
    end++;
  }
  return inputs.slice(start, end);
}
