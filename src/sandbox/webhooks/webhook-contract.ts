import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { closeObjects } from "../contract/close-objects.ts";

interface Descriptions {
  /** `event.action`, or the event alone → name of its schema. */
  readonly events: Readonly<Record<string, string>>;
  readonly $defs: Readonly<Record<string, unknown>>;
}

/** Tells how a payload differs from what GitHub says that it sends; empty when it does not. */
export type WebhookContract = (event: string, payload: unknown) => readonly string[];

/**
 * Reads GitHub's own descriptions of webhooks (schemas/github/webhooks.json). Schemas are compiled on first use.
 * `isStrict` refuses properties that GitHub does not describe: for what this stand-in makes itself.
 */
export function createWebhookContract({ isStrict = false } = {}): WebhookContract {
  const known = opened.get(isStrict) ?? openContract(isStrict);
  opened.set(isStrict, known);
  return known;
}

/** Compiling takes seconds in all, and the descriptions never change: each is compiled once in a process. */
const opened = new Map<boolean, WebhookContract>();

function openContract(isStrict: boolean): WebhookContract {
  const file = new URL("../../../schemas/github/webhooks.json", import.meta.url);
  const descriptions = JSON.parse(readFileSync(file, "utf8")) as Descriptions;
  const ajv = new Ajv2020({ allErrors: true, strict: false, formats: FORMATS });
  const close = (schema: unknown): unknown =>
    isStrict ? closeObjects(schema as Parameters<typeof closeObjects>[0]) : schema;
  const schemas = Object.entries(descriptions.$defs).map(([name, schema]) => [name, close(schema)]);
  ajv.addSchema({ $id: "webhooks", $defs: Object.fromEntries(schemas) as unknown });
  const compiled = new Map<string, ValidateFunction>();
  return (event, payload) => {
    const key = keyOf(event, payload);
    const schema = descriptions.events[key];
    if (schema === undefined) return [`${key}: GitHub's descriptions of webhooks do not have it`];
    const validate = compiled.get(key) ?? ajv.compile({ $ref: `webhooks#/$defs/${schema}` });
    compiled.set(key, validate);
    if (validate(payload)) return [];
    return (validate.errors ?? [])
      .map(({ instancePath, message, params }) => `${key}${instancePath}: ${message ?? ""} ${JSON.stringify(params)}`)
      .filter((violation) => !GAPS.some((gap) => gap.test(violation)));
  };
}

function keyOf(event: string, payload: unknown): string {
  const action = typeof payload === "object" && payload !== null && "action" in payload ? payload.action : undefined;
  return typeof action === "string" ? `${event}.${action}` : event;
}

/** Where GitHub's descriptions contradict each other: some copies of an App know fewer events and permissions. */
const GAPS = [
  /\/app\/permissions: must NOT have unevaluated properties/u,
  /\/app\/events\/\d+: must be equal to one of the allowed values/u,
] as const;

const FORMATS = {
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/u,
  uri: /^[a-z][a-z0-9+.-]*:\S+$/iu,
  "uri-template": true,
  email: true,
  int64: true,
} as const;
