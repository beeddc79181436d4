import type { ValidationError } from "../../packages/kubeconform-wasm/src/index.ts";
import type { Failure, FieldPath, RawFinding, ResourceId } from "../model/index.ts";
import { findReferences, listCrdSchemas, readDefinedKind } from "./crd-schemas.ts";
import type { DeclaredSchema } from "./crd-schemas.ts";
import type { DecodedDocument } from "./decoded-document.ts";
import type { Step } from "./render-app.ts";

/** What keeps a schema from compiling, by its place in the schema; nothing for one that does. */
export type CompileSchema = (declared: DeclaredSchema) => Step<readonly SchemaFault[]>;

export type SchemaFault = Pick<ValidationError, "path" | "message">;

/** Findings of the schemas that CustomResourceDefinitions declare, whether or not an object uses them. */
export function checkDeclaredSchemas(
  documents: readonly DecodedDocument[],
  compile: CompileSchema,
): Step<readonly RawFinding[]> {
  const findings: RawFinding[] = [];
  for (const document of documents) {
    for (const declared of listCrdSchemas(document)) {
      const compiled = compile(declared);
      if (compiled.kind === "failed") return compiled;
      const references = findReferences(declared.schema).map((path) => ({ path, message: REFERENCE }));
      for (const { path, message } of [...compiled.result, ...references]) {
        findings.push(describeFault(document.resource, [...declared.path, ...path], message));
      }
    }
  }
  return { kind: "ok", result: findings };
}

const REFERENCE = "$ref is refused in a CustomResourceDefinition. Write out what it stands for.";

function describeFault(resource: ResourceId, path: FieldPath, message: string): RawFinding {
  const found = { rule: "crd-schema", resource, path, file: undefined, line: undefined, column: undefined };
  return { ...found, level: "error", message };
}

/** Without those at places of which `told` speaks: what the schema of definitions itself says is not told twice. */
export function withoutTold(findings: readonly RawFinding[], told: readonly RawFinding[]): readonly RawFinding[] {
  const placeOf = ({ resource, path }: RawFinding): string => JSON.stringify([resource, path]);
  const places = new Set(findings.length === 0 ? [] : told.map(placeOf));
  return findings.filter((finding) => !places.has(placeOf(finding)));
}

/**
 * A failure on account of the schema of `objects`, with the file of their definition where that is one of `documents`:
 * the failure is all that is told of the app then.
 */
export function nameDefinition(
  failure: Failure,
  objects: readonly DecodedDocument[],
  documents: readonly DecodedDocument[],
  compile: CompileSchema,
): { readonly kind: "failed"; readonly failure: Failure } {
  const [object] = objects;
  if (failure.kind !== "schema-compile" || failure.location !== undefined || object === undefined)
    return { kind: "failed", failure };
  const { group, kind } = object.resource;
  const broken = documents.filter((document) => {
    if (readDefinedKind(document) !== `${group}/${kind}`) return false;
    return listCrdSchemas(document).some((declared) => {
      const compiled = compile(declared);
      return compiled.kind === "ok" && compiled.result.length > 0;
    });
  });
  const [only, other] = broken;
  if (only === undefined || other !== undefined) return { kind: "failed", failure };
  const location = { file: only.origin.file, line: undefined, endLine: undefined, column: undefined };
  return { kind: "failed", failure: { ...failure, location } };
}
