import type { ListKeys } from "../../src/model/index.ts";

const KEYS: ReadonlyMap<string | number | undefined, readonly string[]> = new Map([
  ["containers", ["name"]],
  ["initContainers", ["name"]],
  ["env", ["name"]],
  ["volumes", ["name"]],
  ["ports", ["containerPort", "protocol"]],
  ["finalizers", []],
]);

/** The list-map keys of the lists that tests use, by the list's own name. */
export const usualListKeys: ListKeys = (_resource, path) => KEYS.get(path.at(-1));
