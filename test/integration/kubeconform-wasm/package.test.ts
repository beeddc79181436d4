import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "../../..");
const PACKAGE = "packages/kubeconform-wasm";
const run = promisify(execFile);

/** What `npm pack` makes, installed into a directory that knows nothing of this repository. */
describe("the published package", () => {
  let directory = "";
  let project = "";
  let installed = "";

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "kubeconform-wasm-"));
    const workspace = join(directory, "repository", PACKAGE);
    // Packed from a copy: packing makes files in the workspace and removes them, under the feet of other tests.
    await mkdir(dirname(workspace), { recursive: true });
    await cp(join(ROOT, PACKAGE), workspace, { recursive: true });
    for (const name of ["tsconfig.json", "node_modules", "engines", "LICENSE"]) {
      await symlink(join(ROOT, name), join(directory, "repository", name));
    }
    const { stdout } = await npm(workspace, ["pack", "--json", "--pack-destination", directory]);
    const [packed] = JSON.parse(stdout.slice(stdout.indexOf("["))) as { filename: string }[];
    assert.deepEqual((await readdir(workspace)).sort(), (await readdir(join(ROOT, PACKAGE))).sort());
    project = join(directory, "project");
    installed = join(project, "node_modules/kubeconform-wasm");
    await mkdir(project);
    const tarball = join(directory, packed?.filename ?? "");
    await npm(project, ["install", "--offline", "--no-audit", "--no-fund", tarball]);
  });
  after(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }));

  const npm = (cwd: string, options: readonly string[]): Promise<{ stdout: string }> => {
    const own = Object.entries(process.env).filter(([name]) => !/^npm_/iu.test(name));
    const env = { ...Object.fromEntries(own), npm_config_cache: join(directory, "cache") };
    return run("npm", [...options], { cwd, env });
  };

  /** Runs a program beside the installed package, as plain JavaScript and without any flag. */
  const runProgram = async (code: string): Promise<string> => {
    await writeFile(join(project, "example.mjs"), code);
    const { stdout } = await run(process.execPath, ["example.mjs"], { cwd: project, env: { NO_COLOR: "1" } });
    return stdout;
  };

  const readExamples = async (): Promise<string[]> => {
    const readme = await readFile(join(installed, "README.md"), "utf8");
    return [...readme.matchAll(/```js\n([\s\S]*?)```/gu)].map(([, code = ""]) => code);
  };

  it("holds JavaScript, types, the program and the licenses, and nothing else", async () => {
    const files = await readdir(installed, { recursive: true, withFileTypes: true });
    const names = files.filter((file) => file.isFile()).map((file) => file.name);
    const others = names.filter((name) => !/\.(js|d\.ts)$/u.test(name)).sort();
    assert.deepEqual(others, ["LICENSE", "README.md", "THIRD_PARTY_LICENSES", "kubeconform.wasm", "package.json"]);
    assert.ok(names.includes("index.js") && names.includes("index.d.ts"));
    const licenses = await readFile(join(installed, "dist/THIRD_PARTY_LICENSES"), "utf8");
    assert.match(licenses, /==== github\.com\/yannh\/kubeconform v\d[\s\S]*Apache License/u);
    assert.match(licenses, /==== Go\n[\s\S]*The Go Authors/u);
  });

  it("runs the README's first example", async () => {
    const readme = await readFile(join(installed, "README.md"), "utf8");
    const expected = /prints\n\n```\n([\s\S]*?)```/u.exec(readme)?.[1];
    const [code = ""] = await readExamples();
    assert.equal(await runProgram(code), expected);
  });

  it("runs the README's example of schemas in directories", async () => {
    const strict = { type: "object", properties: { data: { additionalProperties: { type: "string" } } } };
    const schemas = join(project, "kubernetes-json-schema/v1.33.4-standalone-strict");
    await mkdir(schemas, { recursive: true });
    await writeFile(join(schemas, "configmap-v1.json"), JSON.stringify(strict));
    await mkdir(join(project, "CRDs-catalog/example.com"), { recursive: true });
    await writeFile(join(project, "CRDs-catalog/example.com/widget_v1.json"), "{}");
    const map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {port: 80}\n";
    const widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: cog}\n";
    await writeFile(join(project, "manifests.yaml"), `${map}---\n${widget}`);
    const code = (await readExamples()).find((example) => example.includes("CRDs-catalog")) ?? "";
    const output = await runProgram(code);
    assert.match(output, /ConfigMap settings: invalid \[[\s\S]*'data', 'port'/u);
    assert.match(output, /Widget cog: valid \[\]/u);
  });

  it("runs the README's example of a module that is shared", async () => {
    const code = (await readExamples()).find((example) => example.includes("compileKubeconform")) ?? "";
    const output = await runProgram(
      `${code}\nconsole.log(validator.validate([{ kind: "A", apiVersion: "v1" }]).length);`,
    );
    assert.equal(output, "1\n");
  });

  it("has types that a strict TypeScript program is checked by", async () => {
    const program = `import { createValidator, crdSchema, ReactorError, type ValidationResult } from "kubeconform-wasm";
const validator = await createValidator({ schemas: [({ kind }) => (kind === "A" ? "{}" : undefined)], strict: true });
const results: readonly ValidationResult[] = validator.validate([{ kind: "A" }]);
console.log(results, crdSchema, ReactorError);
// @ts-expect-error: there is no such option
await createValidator({ schemas: [], loose: true });
`;
    await writeFile(join(project, "program.mts"), program);
    const options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2024"];
    await run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), ...options, "program.mts"], {
      cwd: project,
    });
  });
});
