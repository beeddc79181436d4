import { crdSchema, createValidatorSync } from "../../packages/kubeconform-wasm/src/index.ts";
import type { ValidationResult, Validator } from "../../packages/kubeconform-wasm/src/index.ts";
import type { CrdSet, Failure, RawFinding, RenderRequest, ResourceId } from "../model/index.ts";
import type { AppFiles } from "./app-files.ts";
import { checkDeclaredSchemas, nameDefinition, withoutTold } from "./check-declared-schemas.ts";
import type { CompileSchema, SchemaFault } from "./check-declared-schemas.ts";
import type { DecodedDocument } from "./decoded-document.ts";
import { describeEngineDeath } from "./engine-death.ts";
import type { Step } from "./render-app.ts";
import type { ChooseSchema, MissingReason, SchemaChoice } from "./schema-sources.ts";
import { describeSchemaErrors } from "./schema-findings.ts";

/** Judges the documents of one app against their schemas. A schema that does not compile is the app's Failure. */
export type DocumentCheck = (
  documents: readonly DecodedDocument[],
  request: RenderRequest,
  crdSet: CrdSet,
  files: AppFiles,
) => Step<readonly RawFinding[]>;

/** Validators beside those of whole Kubernetes versions that are kept, each with one compiled schema. */
const VALIDATORS = 256;
/** Schemas of definitions of which is remembered whether they compile: many apps may bring the same. */
const COMPILED = 4096;
/** The memory at which the instance is replaced: it never shrinks. */
const INSTANCE_BYTES = 128 * 1024 * 1024;

interface Group {
  readonly choice: SchemaChoice;
  readonly documents: DecodedDocument[];
}

export function createDocumentCheck(module: () => WebAssembly.Module, chooseSchema: ChooseSchema): DocumentCheck {
  const validators = createValidators(module);

  return (documents, request, crdSet, files) => {
    const known = new Set(request.knownValid);
    const unknown = documents.filter(({ digest }) => !known.has(digest));
    const groups = groupByKind(unknown, (resource) => chooseSchema(resource, request, crdSet, files));
    const findings: RawFinding[] = [];
    for (const { choice, documents: members } of groups) {
      if (choice.kind === "open") continue;
      if (choice.kind === "missing") {
        const unjudgeable = describeUnbundled(choice.why, request);
        if (unjudgeable !== undefined) return { kind: "failed", failure: unjudgeable };
        findings.push(...members.flatMap((document) => describeMissing(document.resource, choice.why, request)));
        continue;
      }
      const checked = validators.validate(choice, members);
      if (checked.kind === "failed") return nameDefinition(checked.failure, members, unknown, validators.compile);
      findings.push(...checked.result);
    }
    const declared = checkDeclaredSchemas(unknown, validators.compile);
    if (declared.kind === "failed") return declared;
    return { kind: "ok", result: [...findings, ...withoutTold(declared.result, findings)] };
  };
}

/** Documents without a kind are left out: the decoder has spoken about them. */
function groupByKind(
  documents: readonly DecodedDocument[],
  choose: (resource: ResourceId) => SchemaChoice,
): Iterable<Group> {
  const groups = new Map<string, Group>();
  for (const document of documents) {
    const { group, version, kind } = document.resource;
    if (version === "" || kind === "") continue;
    const key = `${group}/${version}/${kind}`;
    const known = groups.get(key) ?? { choice: choose(document.resource), documents: [] };
    groups.set(key, known);
    known.documents.push(document);
  }
  return groups.values();
}

interface Validators {
  validate(
    choice: SchemaChoice & { kind: "found" },
    documents: readonly DecodedDocument[],
  ): Step<readonly RawFinding[]>;
  readonly compile: CompileSchema;
}

/**
 * One WASM instance with a validator for each source of schemas. A validator remembers compiled schemas by kind alone,
 * so two sources that answer differently must not share one.
 */
function createValidators(module: () => WebAssembly.Module): Validators {
  let instance: Validator | undefined;
  let validators = new Map<string, Validator>();
  const compiled = new Map<string, readonly SchemaFault[]>();

  const renew = (): void => {
    instance = undefined;
    validators = new Map();
  };

  const make = ({ source }: Pick<SchemaChoice & { kind: "found" }, "source">): Validator => {
    instance ??= createValidatorSync({ module: module(), schemas: [], strict: true });
    return instance.withOptions({ schemas: [source], strict: true });
  };

  const obtain = (choice: SchemaChoice & { kind: "found" }, key: string): Validator => {
    const validator = validators.get(key) ?? make(choice);
    validators.delete(key);
    validators.set(key, validator);
    for (const [oldest, unused] of validators) {
      if (validators.size <= VALIDATORS) break;
      unused.close();
      validators.delete(oldest);
    }
    return validator;
  };

  const compileOnce = (schema: object): readonly SchemaFault[] => {
    const validator = make({ source: () => JSON.stringify(crdSchema(wrap(schema), { strict: true })) });
    const [result] = validator.validate([ANY_OBJECT]);
    validator.close();
    return result?.status === "error" ? listFaults(result) : [];
  };

  const guard = <T>(run: () => Step<T>): Step<T> => {
    try {
      const result = run();
      if ((instance?.memoryBytes() ?? 0) > INSTANCE_BYTES) renew();
      return result;
    } catch (error) {
      const bytes = instance?.memoryBytes() ?? 0;
      renew();
      return { kind: "failed", failure: describeEngineDeath("kubeconform", error, bytes) };
    }
  };

  return {
    validate: (choice, documents) =>
      guard(() => {
        const validator = choice.key === undefined ? make(choice) : obtain(choice, choice.key);
        const results = validator.validate(documents.map(({ raw }) => raw));
        if (choice.key === undefined) validator.close();
        return judgeAll(results, documents, choice);
      }),
    compile: ({ key, schema }) => {
      const known = compiled.get(key);
      if (known !== undefined) return { kind: "ok", result: known };
      const step = guard((): Step<readonly SchemaFault[]> => ({ kind: "ok", result: compileOnce(schema) }));
      if (compiled.size >= COMPILED) compiled.clear();
      if (step.kind === "ok") compiled.set(key, step.result);
      return step;
    },
  };
}

const ANY_OBJECT = { apiVersion: "example.com/v1", kind: "Any", metadata: { name: "any" } };

/** Of whole objects the conversion leaves out what a schema says of `metadata` and `status`; of a field it does not. */
function wrap(schema: object): object {
  return { type: "object", properties: { [WRAPPED[1]]: schema } };
}

const WRAPPED = ["properties", "wrapped"] as const;

function listFaults({ errors, message }: ValidationResult & { status: "error" }): readonly SchemaFault[] {
  if (errors.length === 0) return [{ path: [], message: `The schema cannot be used: ${message}.` }];
  return errors.map(({ path, message }) => ({
    path: path.slice(WRAPPED.length),
    message: `The schema does not compile: ${String(path.at(-1))} ${message}.`,
  }));
}

function judgeAll(
  results: readonly ValidationResult[],
  documents: readonly DecodedDocument[],
  choice: SchemaChoice & { kind: "found" },
): Step<readonly RawFinding[]> {
  const findings: RawFinding[] = [];
  for (const [index, document] of documents.entries()) {
    const result = results[index];
    if (result === undefined)
      return { kind: "failed", failure: failure("engine", "The schema check left an object out.") };
    if (result.status === "error")
      return { kind: "failed", failure: describeBrokenSchema(document.resource, result, choice) };
    findings.push(...describeSchemaErrors(document, result.errors));
  }
  return { kind: "ok", result: findings };
}

function describeBrokenSchema(
  { kind }: ResourceId,
  result: ValidationResult & { status: "error" },
  { place, file }: SchemaChoice & { kind: "found" },
): Failure {
  if (result.reason !== "schema-invalid" && result.reason !== "schema-unreadable") {
    return failure("engine", `The schema check could not judge a ${kind} (${result.reason}).`);
  }
  const location = file === undefined ? undefined : { file, line: undefined, endLine: undefined, column: undefined };
  const message = `The schema for ${kind} from ${place} cannot be used: ${result.message}`;
  return { kind: "schema-compile", message, location };
}

/** Without any schema for its Kubernetes an app is not valid object by object: it could not be checked. */
function describeUnbundled(why: MissingReason, { kubernetes, schemaLocations }: RenderRequest): Failure | undefined {
  if (why.kind !== "not-bundled" || schemaLocations.length > 0) return undefined;
  const message = `No schemas for Kubernetes ${kubernetes} are bundled, so this app cannot be validated. Bundled are ${why.bundled.join(", ")}; set one of them as its version, or add a schema location that has it.`;
  return failure("remote-input", message);
}

function describeMissing(
  resource: ResourceId,
  why: MissingReason,
  { kubernetes, missingSchema }: RenderRequest,
): RawFinding[] {
  const { group, version, kind } = resource;
  const apiVersion = group === "" ? version : `${group}/${version}`;
  const found = { rule: "schema-missing", resource, path: [], file: undefined, line: undefined, column: undefined };
  switch (why.kind) {
    case "built-in": {
      const message = `Kubernetes ${kubernetes} has no ${kind} in ${apiVersion}. Check apiVersion and kind.`;
      return [{ ...found, level: "error", message }];
    }
    case "not-bundled": {
      const message = `No schemas for Kubernetes ${kubernetes} are bundled, and no schema location has ${kind} in ${apiVersion}. Bundled are ${why.bundled.join(", ")}.`;
      return [{ ...found, level: "error", message }];
    }
    case "crd-version": {
      const message = `The CustomResourceDefinition of ${kind} has no version ${version}. Use one that it serves.`;
      return [{ ...found, level: "error", message }];
    }
    case "unknown": {
      if (missingSchema === "off") return [];
      const message = `No schema is known for ${kind} in ${apiVersion}, so it is not validated. Add its CustomResourceDefinition or a schema location.`;
      return [{ ...found, level: missingSchema, message }];
    }
  }
}

function failure(kind: Failure["kind"], message: string): Failure {
  return { kind, message, location: undefined };
}
