import { quoteText } from "./quote-text.ts";
import type { AppsOutput } from "./doors.ts";
import { wrapLine } from "./wrap-line.ts";

/** The apps of a commit as JSON, or as a list that fits a narrow terminal: id first, details indented below it. */
export function printApps({ apps, agents, notes }: AppsOutput, format: "text" | "json", width: number): string {
  if (format === "json") {
    const list = apps.map(({ id, kind, path, environment, guessed, declaredIn, assumptions }) => ({
      id,
      kind,
      path,
      environment: environment ?? null,
      guessed,
      declaredIn,
      assumptions,
    }));
    return `${JSON.stringify({ version: 1, apps: list, agents, notes }, undefined, 2)}\n`;
  }
  if (apps.length === 0) return "No apps found. Name them in .github/drydock.yaml (see docs/configuration.md).\n";
  const lines = apps.flatMap((app) => [
    quoteText(app.id),
    ...[
      [
        app.environment === undefined ? "" : `environment ${app.environment}`,
        `declared in ${app.declaredIn}`,
        app.guessed ? "guessed" : "",
      ]
        .filter((part) => part !== "")
        .join(", "),
      ...app.assumptions,
    ].map((line) => `    ${quoteText(line)}`),
  ]);
  const tail = [
    ...agents.map(
      (agent) => `${agent.kind} ${agent.namespace}/${agent.name} in ${agent.file} (shown, not rendered yet)`,
    ),
    ...notes,
  ].map(quoteText);
  const count = `${apps.length} ${apps.length === 1 ? "app" : "apps"}`;
  return `${[count, ...lines, ...tail].map((line) => wrapLine(line, width)).join("\n")}\n`;
}
