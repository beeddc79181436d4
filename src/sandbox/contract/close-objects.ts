type Schema = Readonly<Record<string, unknown>> | boolean;

/**
 * Makes a schema refuse properties that it does not name, at every level: GitHub ignores what it does not know, so a
 * misspelt field would go unnoticed.
 */
export function closeObjects(schema: Schema, isBranch = false): Schema {
  if (typeof schema === "boolean") return schema;
  const { additionalProperties, ...rest } = schema;
  const closed: Record<string, unknown> = { ...rest };
  for (const key of ["anyOf", "allOf"]) {
    const branches = rest[key];
    if (Array.isArray(branches)) closed[key] = (branches as Schema[]).map((branch) => closeObjects(branch, true));
  }
  if (isSchema(rest["items"])) closed["items"] = closeObjects(rest["items"]);
  const properties = rest["properties"];
  if (isSchema(properties)) {
    closed["properties"] = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, closeObjects(property as Schema)]),
    );
  }
  const isMap = isSchema(additionalProperties);
  if (isMap) return { ...closed, additionalProperties };
  // A free-form object names no property at all.
  const names = properties !== undefined || closed["anyOf"] !== undefined || closed["allOf"] !== undefined;
  return names && !isBranch ? { ...closed, unevaluatedProperties: false } : closed;
}

function isSchema(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
