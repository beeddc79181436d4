import type { KustomizationFacts } from "./file-facts.ts";
import { field, isMapping, list, parseYaml } from "./parse-value.ts";
import { isTemplateText } from "./template-placeholders.ts";

// Fields that list paths, as strings.
const PATH_LISTS = [
  "resources",
  "bases",
  "components",
  "crds",
  "configurations",
  "generators",
  "transformers",
  "validators",
];
// Fields that list patches: mappings with a `path`, or paths.
const PATCH_MAPPINGS = ["patches", "patchesJson6902"];
const PATCH_LISTS = ["patchesStrategicMerge"];
const GENERATORS = ["configMapGenerator", "secretGenerator"];
const MAX_REFERENCES = 20_000;

/** What a kustomization file says, as far as discovery is concerned. Never throws. */
export function readKustomization(text: string): KustomizationFacts {
  const value = parseYaml(text);
  const isTemplate = isTemplateText(text);
  if (isTemplate || !isMapping(value)) {
    return { kind: "kustomization", isComponent: false, isTemplate, references: [], patches: [] };
  }
  const isComponent = field(value, "kind") === "Component";
  const used = collectPaths(usedPaths(value));
  const named = collectPaths([...used, ...patchPaths(value)]);
  const patches = [...named].filter((path) => !used.has(path));
  return { kind: "kustomization", isComponent, isTemplate, references: [...named], patches };
}

function collectPaths(values: readonly unknown[]): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const path of values) {
    // Longer ones, and those of several lines, are inline patches and generators.
    if (typeof path !== "string" || path === "" || path.length > 1024 || path.includes("\n")) continue;
    if (paths.size < MAX_REFERENCES) paths.add(path);
  }
  return paths;
}

/** What it builds from, patches aside. */
function usedPaths(kustomization: unknown): readonly unknown[] {
  return [
    ...PATH_LISTS.flatMap((name) => list(field(kustomization, name))),
    ...list(field(kustomization, "replacements")).map((item) => field(item, "path")),
    ...GENERATORS.flatMap((name) => list(field(kustomization, name))).flatMap(generatorFiles),
    field(kustomization, "openapi", "path"),
    ...chartReferences(kustomization),
  ];
}

function patchPaths(kustomization: unknown): readonly unknown[] {
  return [
    ...PATCH_MAPPINGS.flatMap((name) => list(field(kustomization, name))).map((item) => field(item, "path")),
    ...PATCH_LISTS.flatMap((name) => list(field(kustomization, name))),
  ];
}

function generatorFiles(generator: unknown): readonly unknown[] {
  const files = list(field(generator, "files")).map((file) =>
    typeof file === "string" ? file.slice(file.indexOf("=") + 1) : file,
  );
  return [...files, ...list(field(generator, "envs")), field(generator, "env")];
}

/** Charts in the repository that the kustomization inflates, and the values files it inflates them with. */
function chartReferences(kustomization: unknown): readonly unknown[] {
  const home = field(kustomization, "helmGlobals", "chartHome") ?? "charts";
  const references: unknown[] = [];
  for (const chart of list(field(kustomization, "helmCharts"))) {
    const name = field(chart, "name");
    if (typeof home === "string" && typeof name === "string") references.push(`${home}/${name}`);
    references.push(field(chart, "valuesFile"), ...list(field(chart, "additionalValuesFiles")));
  }
  for (const chart of list(field(kustomization, "helmChartInflationGenerator"))) {
    const chartHome = field(chart, "chartHome") ?? "charts";
    const name = field(chart, "chartName");
    if (typeof chartHome === "string" && typeof name === "string") references.push(`${chartHome}/${name}`);
    references.push(field(chart, "values"));
  }
  return references;
}
