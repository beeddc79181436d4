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
  "patchesStrategicMerge",
];
// Fields that list mappings with a `path`.
const PATH_MAPPINGS = ["patches", "patchesJson6902", "replacements"];
const GENERATORS = ["configMapGenerator", "secretGenerator"];
const MAX_REFERENCES = 20_000;

/** What a kustomization file says, as far as discovery is concerned. Never throws. */
export function readKustomization(text: string): KustomizationFacts {
  const value = parseYaml(text);
  const isTemplate = isTemplateText(text);
  if (isTemplate || !isMapping(value)) return { kind: "kustomization", isComponent: false, isTemplate, references: [] };
  const references = new Set<string>();
  const add = (path: unknown): void => {
    // Longer ones, and those of several lines, are inline patches and generators.
    if (typeof path !== "string" || path === "" || path.length > 1024 || path.includes("\n")) return;
    if (references.size < MAX_REFERENCES) references.add(path);
  };
  for (const name of PATH_LISTS) list(field(value, name)).forEach(add);
  for (const name of PATH_MAPPINGS) for (const item of list(field(value, name))) add(field(item, "path"));
  for (const name of GENERATORS) list(field(value, name)).forEach((item) => generatorFiles(item).forEach(add));
  add(field(value, "openapi", "path"));
  chartReferences(value).forEach(add);
  const isComponent = field(value, "kind") === "Component";
  return { kind: "kustomization", isComponent, isTemplate, references: [...references] };
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
