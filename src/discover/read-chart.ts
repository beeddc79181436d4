import type { ChartFacts, RequirementsFacts } from "./file-facts.ts";
import { field, list, parseYaml, text as textOf } from "./parse-value.ts";
import { isTemplateText } from "./template-placeholders.ts";

/** What a `Chart.yaml` says. One that cannot be read is a chart all the same. Never throws. */
export function readChart(text: string): ChartFacts {
  const value = parseYaml(text);
  return {
    kind: "chart",
    name: textOf(field(value, "name")),
    isLibrary: field(value, "type") === "library",
    isTemplate: isTemplateText(text),
    fileDependencies: fileDependencies(value),
  };
}

/** What a `requirements.yaml` says: the dependencies of a chart with `apiVersion: v1`. Never throws. */
export function readRequirements(text: string): RequirementsFacts {
  return { kind: "requirements", fileDependencies: fileDependencies(parseYaml(text)) };
}

/** Name → version of a chart and of the charts that it says it is made of, as `Chart.yaml` has them. Never throws. */
export function readChartVersions(text: string): readonly (readonly [name: string, version: string])[] {
  const value = parseYaml(text);
  return [value, ...list(field(value, "dependencies")).slice(0, 1000)].flatMap((chart) => {
    const [name, version] = [textOf(field(chart, "name")), textOf(field(chart, "version"))];
    return name === "" || version === "" ? [] : [[name, version] as const];
  });
}

function fileDependencies(value: unknown): readonly string[] {
  return list(field(value, "dependencies"))
    .map((dependency) => textOf(field(dependency, "repository")))
    .filter((repository) => repository.startsWith("file://"))
    .map((repository) => repository.slice("file://".length))
    .slice(0, 1000);
}
