import { measureWidth } from "../report/index.ts";
import { quoteText } from "./quote-text.ts";
import type { AppsOutput } from "./doors.ts";

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
  return `${[count, ...lines, ...tail].map((line) => wrap(line, width)).join("\n")}\n`;
}

/** Breaks at spaces only: a path that is too long stays whole, so that it can be copied. */
function wrap(line: string, width: number): string {
  const indent = /^ */.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = indent;
  for (const word of line.trim().split(" ")) {
    if (measureWidth(current) + measureWidth(word) + 1 > width && current.trim() !== "") {
      lines.push(current);
      current = `${indent}  `;
    }
    current += current.trim() === "" ? word : ` ${word}`;
  }
  return [...lines, current].join("\n");
}
