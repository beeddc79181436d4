import type { ValidationError } from "../../packages/kubeconform-wasm/src/index.ts";
import type { RawFinding } from "../model/index.ts";
import { toPointer } from "../model/index.ts";
import type { DecodedDocument } from "./decoded-document.ts";

/**
 * Schema errors as findings. What is said about a sealed value, or about something that holds one, names the field and
 * nothing of what stands there. A string that Flux fills in later has no type yet, so nothing is said about it.
 */
export function describeSchemaErrors(document: DecodedDocument, errors: readonly ValidationError[]): RawFinding[] {
  const substituted = new Set(document.substituted);
  const sealed = document.sealed.map(([pointer]) => pointer);
  return errors.flatMap(({ path, message, keyword }) => {
    const pointer = toPointer(path);
    if (substituted.has(pointer)) return [];
    const isSecret = sealed.some((at) => pointer === at || pointer.startsWith(`${at}/`));
    return [
      {
        rule: "schema",
        level: "error",
        message: isSecret ? `The value does not fit the schema (${keyword}); it is secret and not shown.` : message,
        resource: document.resource,
        path,
        file: undefined,
        line: undefined,
        column: undefined,
      },
    ];
  });
}
