import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, it } from "node:test";
import ts from "typescript";

const ROOT = join(import.meta.dirname, "..");
const SOURCES = globSync("{src,packages/*/src}/**/*.ts", { cwd: ROOT }).sort();

/** Lines. A file beyond it holds two things; a function beyond it is read twice. */
const LONGEST_FILE = 450;
const LONGEST_FUNCTION = 70;
/** One closure over one WebAssembly memory: the functions in it are short, and share it. */
const LONG_FUNCTIONS = new Map([["packages/kubeconform-wasm/src/wasi.ts createWasi", 115]]);

/** Modules of Node that neither wait on the outside nor keep anything. */
const PURE_MODULES: ReadonlySet<string> = new Set(["node:crypto", "node:buffer", "node:path"]);
const PURE_FOLDERS = [
  "model",
  "config",
  "discover",
  "validate",
  "locate",
  "judge",
  "diff",
  "report",
  "pipeline",
  "commands",
  "environments",
  "events",
  "publish",
];
/** Reads the HTML page's own styles and scripts from the disk. */
const IMPURE_FILES: ReadonlySet<string> = new Set(["src/report/assets.ts"]);

/** Where the environment is read, and where a thread or the process may end. */
const ENVIRONMENT_READERS: ReadonlySet<string> = new Set(["src/main.ts", "src/git/run-git.ts"]);
const EXITS: ReadonlySet<string> = new Set(["src/main.ts", "src/engine/object-thread.ts"]);

interface Import {
  readonly file: string;
  /** A module's name, or a path from the repository's root. */
  readonly target: string;
}

function parseFile(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(ROOT, file), "utf8"), ts.ScriptTarget.Latest, true);
}

function visitAll(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => visitAll(child, visit));
}

function listImports(file: string): Import[] {
  const imports: Import[] = [];
  visitAll(parseFile(file), (node) => {
    const specifier =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : undefined;
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const { text } = specifier;
    imports.push({ file, target: text.startsWith(".") ? normalize(join(dirname(file), text)) : text });
  });
  return imports;
}

const IMPORTS = SOURCES.flatMap(listImports);

/** `src/git`, `packages/kubeconform-wasm`, or `src/*.ts` for what wires them. */
function folderOf(path: string): string {
  const [top = "", second = "", ...rest] = path.split("/");
  return rest.length === 0 && top === "src" ? "src/*.ts" : `${top}/${second}`;
}

type MayImport = (target: string) => boolean;

/** The table of ARCHITECTURE.md: folder → what its third column allows. */
function readTable(): ReadonlyMap<string, MayImport> {
  const rows = [
    ...readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8").matchAll(/^\| `(src\/[^`]+)` \|.*\| (.+) \|$/gmu),
  ];
  const table = new Map<string, MayImport>();
  for (const [, folder = "", cell = ""] of rows) {
    const above = new Set(table.keys());
    table.set(folder, cell === "all of the above" ? (target) => above.has(folderOf(target)) : readCell(cell));
  }
  return table;
}

function readCell(cell: string): MayImport {
  if (cell === "everything") return () => true;
  if (cell === "nothing") return () => false;
  const names = cell.split(", ").map((name) => name.replaceAll("`", ""));
  return (target) =>
    names.some((name) => target === `src/${name}` || folderOf(target) === `src/${name}` || folderOf(target) === name);
}

describe("architecture", () => {
  it("knows every folder of src", () => {
    const folders = new Set(SOURCES.filter((file) => file.startsWith("src/")).map(folderOf));
    assert.deepEqual([...readTable().keys()].toSorted(), [...folders].toSorted());
  });

  it("lets each folder import what the table of ARCHITECTURE.md says, and no more", () => {
    const table = readTable();
    const wrong = IMPORTS.filter(({ file, target }) => {
      const isInside = !target.startsWith("src/") && !target.startsWith("packages/");
      if (isInside || folderOf(file) === folderOf(target)) return false;
      return table.get(folderOf(file))?.(target) !== true;
    });
    assert.deepEqual(wrong, []);
  });

  it("keeps the folders without edges pure", () => {
    const wrong = IMPORTS.filter(
      ({ file, target }) =>
        target.startsWith("node:") &&
        PURE_FOLDERS.some((folder) => folderOf(file) === `src/${folder}`) &&
        !PURE_MODULES.has(target) &&
        !IMPURE_FILES.has(file),
    );
    assert.deepEqual(wrong, []);
  });

  it("reads the environment and ends the process in the named places only", () => {
    const found = { environment: new Set<string>(), exits: new Set<string>() };
    for (const file of SOURCES) {
      visitAll(parseFile(file), (node) => {
        if (!ts.isPropertyAccessExpression(node) || node.expression.getText() !== "process") return;
        if (node.name.text === "env") found.environment.add(file);
        if (["exit", "exitCode", "abort", "kill"].includes(node.name.text)) found.exits.add(file);
      });
    }
    assert.deepEqual(
      [...found.environment].filter((file) => !ENVIRONMENT_READERS.has(file)),
      [],
    );
    assert.deepEqual(
      [...found.exits].filter((file) => !EXITS.has(file)),
      [],
    );
  });

  it("has no clock and no chance in what is pure", () => {
    const wrong = SOURCES.filter((file) => PURE_FOLDERS.some((folder) => folderOf(file) === `src/${folder}`)).filter(
      (file) =>
        /\bDate\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|randomUUID|randomBytes/u.test(
          readFileSync(join(ROOT, file), "utf8"),
        ),
    );
    assert.deepEqual(wrong, []);
  });

  it("has no `any`", () => {
    const wrong: string[] = [];
    for (const file of SOURCES) {
      visitAll(parseFile(file), (node) => {
        if (node.kind === ts.SyntaxKind.AnyKeyword) wrong.push(`${file}: ${node.parent.getText()}`);
      });
    }
    assert.deepEqual(wrong, []);
  });

  it("has no default export and no export by the name of `utils`", () => {
    const wrong = SOURCES.filter(
      (file) =>
        /^export default/mu.test(readFileSync(join(ROOT, file), "utf8")) || /util|helper|manager|common/iu.test(file),
    );
    assert.deepEqual(wrong, []);
  });

  it("keeps files short", () => {
    const lengths = SOURCES.map((file) => [file, readFileSync(join(ROOT, file), "utf8").split("\n").length] as const);
    assert.deepEqual(
      lengths.filter(([, lines]) => lines > LONGEST_FILE),
      [],
    );
  });

  it("keeps functions short", () => {
    const wrong: string[] = [];
    for (const file of SOURCES) {
      const source = parseFile(file);
      visitAll(source, (node) => {
        if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return;
        const [start, end] = [node.getStart(), node.end].map((at) => source.getLineAndCharacterOfPosition(at).line);
        const lines = (end ?? 0) - (start ?? 0) + 1;
        const name = `${file} ${node.name?.getText() ?? "(arrow)"}`;
        if (lines > (LONG_FUNCTIONS.get(name) ?? LONGEST_FUNCTION)) wrong.push(`${name}: ${lines} lines`);
      });
    }
    assert.deepEqual(wrong, []);
  });

  it("names no other file of the machine it was made on", () => {
    const wrong = SOURCES.filter((file) =>
      /["'`]\/(work|home|Users|root)\//u.test(readFileSync(join(ROOT, file), "utf8")),
    );
    assert.deepEqual(wrong, []);
  });
});
