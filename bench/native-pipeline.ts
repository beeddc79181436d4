import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadKubernetesSchemas, readBundledVersions } from "../src/schemas/index.ts";

/** Where the native engines are: built from the same module versions by `scripts/build-engines.ts --native`. */
const NATIVE = join(import.meta.dirname, "..", "engines", "dist", "native");
const SCHEMAS = join(import.meta.dirname, "..", "schemas", "kubernetes");
const PROCESSES = 2;

/** One app of a checked-out repository, as a person would render it by hand. */
export type NativeApp =
  | { readonly kind: "kustomize"; readonly path: string }
  | { readonly kind: "helm"; readonly path: string; readonly values: string; readonly release: string }
  | { readonly kind: "plain"; readonly path: string };

/**
 * Renders every app with the native engines, two processes at a time, then validates all of it with kubeconform.
 * `workTree` holds the files; rendered manifests go to `output`. Rejects when anything fails.
 */
export async function runNativePipeline(workTree: string, apps: readonly NativeApp[], output: string): Promise<void> {
  mkdirSync(output, { recursive: true });
  const queue = apps.entries();
  const work = async (): Promise<void> => {
    for (const [index, app] of queue) {
      const text = await renderNatively(workTree, app);
      if (text !== undefined) writeFileSync(join(output, `${index}.yaml`), text);
    }
  };
  await Promise.all(Array.from({ length: PROCESSES }, work));
  const plain = apps.filter(({ kind }) => kind === "plain").map(({ path }) => join(workTree, path));
  const location = join(
    writeSchemas(join(output, "..", "kubeconform-schemas")),
    "{{ .ResourceKind }}{{ .KindSuffix }}.json",
  );
  await run("kubeconform", ["-strict", "-n", String(PROCESSES), "-schema-location", location, output, ...plain]);
}

async function renderNatively(workTree: string, app: NativeApp): Promise<string | undefined> {
  switch (app.kind) {
    case "plain":
      return undefined;
    case "kustomize":
      return run("kustomize", ["build", join(workTree, app.path)]);
    case "helm": {
      const chart = join(workTree, app.path);
      return run("helm", ["template", app.release, chart, "-f", join(chart, app.values), "--kube-version", "1.36.3"]);
    }
  }
}

/** The bundled schemas in the file layout that kubeconform reads; made once. */
function writeSchemas(directory: string): string {
  mkdirSync(directory, { recursive: true });
  const version = readBundledVersions(SCHEMAS).at(-1) ?? "";
  const file = join(SCHEMAS, `${version.split(".").slice(0, 2).join(".")}.json`);
  const { kinds } = JSON.parse(readFileSync(file, "utf8")) as { kinds: Record<string, string> };
  const schemas = loadKubernetesSchemas(SCHEMAS, version);
  for (const id of Object.keys(kinds)) {
    const [group = "", apiVersion = "", kind = ""] = id.split("/");
    const prefix = group === "" ? "" : `${group.split(".")[0] ?? ""}-`;
    const text = schemas.standalone(group, apiVersion, kind);
    if (text !== undefined) writeFileSync(join(directory, `${kind}-${prefix}${apiVersion}.json`.toLowerCase()), text);
  }
  return directory;
}

function run(engine: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(NATIVE, engine), args, { stdio: ["ignore", "pipe", "pipe"] });
    const output: Buffer[] = [];
    const problems: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => problems.push(chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      const text = Buffer.concat(output).toString("utf8");
      if (code === 0) resolve(text);
      else
        reject(
          new Error(
            `${engine} ${args.join(" ")}: status ${code}\n${Buffer.concat(problems).toString("utf8")}${text}`.slice(
              0,
              2000,
            ),
          ),
        );
    });
  });
}
