import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";

// Beside this file in the published package, in the build output of the engines in the repository.
const PLACES = ["./kubeconform.wasm", "../../../engines/dist/kubeconform.wasm"];

let compiled: Promise<WebAssembly.Module> | undefined;

/**
 * Compiles the WASM module, once a process (about 100 ms). A module can be sent to worker threads, which then make
 * their validators with `createValidatorSync` and do not compile again. Fails when the module's file is missing.
 */
export function compileKubeconform(): Promise<WebAssembly.Module> {
  compiled ??= readModule();
  return compiled;
}

async function readModule(): Promise<WebAssembly.Module> {
  const urls = PLACES.map((place) => new URL(place, import.meta.url));
  const url = urls.find((candidate) => existsSync(candidate));
  if (url === undefined) throw new Error("kubeconform.wasm is missing: the engines have not been built");
  return WebAssembly.compile(await readFile(url));
}
