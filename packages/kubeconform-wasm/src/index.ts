export { compileKubeconform } from "./compile-kubeconform.ts";
export { createValidator, createValidatorSync } from "./create-validator.ts";
export { crdSchema } from "./crd-schema.ts";
export type { CrdSchemaOptions, JsonSchema } from "./crd-schema.ts";
export { ReactorError } from "./reactor.ts";
export type {
  DocumentInput,
  ErrorReason,
  SchemaByKind,
  SchemaByPath,
  SchemaRequest,
  SchemaSource,
  SkipReason,
  ValidatedResource,
  ValidationError,
  ValidationResult,
  Validator,
  ValidatorOptions,
} from "./validator.ts";
