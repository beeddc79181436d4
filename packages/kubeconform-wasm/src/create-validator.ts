import { compileKubeconform } from "./compile-kubeconform.ts";
import { instantiateReactor } from "./reactor.ts";
import type { Reactor } from "./reactor.ts";
import type {
  DocumentInput,
  SchemaRequest,
  SchemaSource,
  ValidationResult,
  Validator,
  ValidatorOptions,
} from "./validator.ts";

/**
 * Makes a validator, compiling the WASM module first, once a process. Fails with a TypeError when a schema location
 * is no valid template.
 */
export async function createValidator(options: ValidatorOptions): Promise<Validator> {
  return createValidatorSync({ ...options, module: await compileKubeconform() });
}

/** The same at once, from a module that `compileKubeconform` gave, here or in another thread. */
export function createValidatorSync(options: ValidatorOptions & { readonly module: WebAssembly.Module }): Validator {
  return createProgram(options.module).createValidator(options);
}

interface Program {
  createValidator(options: ValidatorOptions): Validator;
}

/** One instance of the module, and all validators in it. */
function createProgram(module: WebAssembly.Module): Program {
  const configured = new Map<number, ValidatorOptions>();
  let lastId = 0;
  let documents: Uint8Array = new Uint8Array();
  const reactor = instantiateReactor(module, {
    seed: "kubeconform",
    lookup: (path) => (path === "documents" ? prefixed("f", documents) : findSchema(path, configured)),
  });

  const createValidator = (options: ValidatorOptions): Validator => {
    const id = ++lastId;
    configured.set(id, options);
    callProgram(reactor, { op: "configure", id, ...toProgramOptions(options) });
    return {
      validate: (input) => {
        if (!configured.has(id)) throw new TypeError("the validator is closed");
        const isStream = input instanceof Uint8Array;
        documents = isStream ? input : joinDocuments(input);
        try {
          const results = callProgram(reactor, { op: "validate", id, isStream }) as ValidationResult[];
          return results.map((result) => ({
            ...result,
            errors: (result.errors as typeof result.errors | undefined) ?? [],
          }));
        } finally {
          documents = new Uint8Array();
        }
      },
      withOptions: createValidator,
      memoryBytes: () => reactor.memoryBytes(),
      close: () => {
        if (configured.delete(id) && !reactor.isDead()) callProgram(reactor, { op: "forget", id });
      },
    };
  };
  return { createValidator };
}

interface ProgramResponse {
  readonly ok?: unknown;
  readonly error?: { readonly kind: string; readonly message: string };
}

function callProgram(reactor: Reactor, request: object): unknown {
  const response = reactor.call(request) as ProgramResponse;
  if (response.error !== undefined) throw new TypeError(response.error.message);
  return response.ok;
}

function toProgramOptions(options: ValidatorOptions): object {
  return {
    kubernetesVersion: options.kubernetesVersion ?? "",
    strict: options.strict ?? false,
    ignoreMissingSchemas: options.ignoreMissingSchemas ?? false,
    skip: options.skip ?? [],
    reject: options.reject ?? [],
    sources: options.schemas.map((source) => (typeof source === "function" ? "" : source.template)),
  };
}

/** JSON values one after the other: a list around them would have to be read as a whole before its first item. */
function joinDocuments(documents: readonly DocumentInput[]): Uint8Array {
  const texts = documents.map((document) => (typeof document === "string" ? document : JSON.stringify(document)));
  return Buffer.from(texts.join("\n"), "utf8");
}

/** What the program asks for: a schema of a kind, or one at a path. */
interface Place {
  readonly id: number;
  readonly source: number;
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly path?: string;
}

const ABSENT = Buffer.from("a");

function findSchema(path: string, configured: ReadonlyMap<number, ValidatorOptions>): Uint8Array {
  const place = JSON.parse(Buffer.from(path.slice("schema/".length), "base64url").toString("utf8")) as Place;
  const options = configured.get(place.id);
  const source = options?.schemas[place.source];
  if (options === undefined || source === undefined) return ABSENT;
  try {
    const text = readFrom(source, place, options);
    return text === undefined ? ABSENT : prefixed("fs", Buffer.from(text));
  } catch (error) {
    return prefixed("fe", Buffer.from(error instanceof Error ? error.message : String(error)));
  }
}

function readFrom(source: SchemaSource, place: Place, options: ValidatorOptions): Uint8Array | string | undefined {
  if (typeof source !== "function") return source.readSchema(place.path ?? "");
  if (place.path !== undefined) return undefined;
  const request: SchemaRequest = {
    group: place.group ?? "",
    version: place.version ?? "",
    kind: place.kind ?? "",
    kubernetesVersion: options.kubernetesVersion ?? "master",
    strict: options.strict ?? false,
  };
  return source(request);
}

function prefixed(prefix: string, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(prefix), bytes]);
}
