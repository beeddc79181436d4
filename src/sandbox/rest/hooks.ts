import { notFound, Refusal, type Answer } from "../http/answer.ts";
import { appOf, textOf, type Call, type Handlers } from "../http/call.ts";
import { describeWholeAttempt, listAttempts, pageAttempts, redeliver, type Webhooks } from "../webhooks/index.ts";
import type { App } from "../world/entities.ts";
import { read, setWebhookUrl } from "../world/index.ts";

/** An App's webhook and what was delivered to it. */
export function hookHandlers(webhooks: Webhooks): Handlers {
  return {
    "apps/list-webhook-deliveries": (call) => listDeliveries(webhooks, call),
    "apps/get-webhook-delivery": (call) => {
      const id = Number(call.parameters["delivery_id"]);
      const attempt = listAttempts(webhooks, appOf(call)).find((one) => one.id === id);
      if (attempt === undefined) throw notFound();
      return { status: 200, body: describeWholeAttempt(attempt) };
    },
    "apps/redeliver-webhook-delivery": (call) => {
      if (!redeliver(webhooks, appOf(call), Number(call.parameters["delivery_id"]))) throw notFound();
      return { status: 202, body: {} };
    },
    "apps/get-webhook-config-for-app": (call) => ({ status: 200, body: shapeConfig(appOf(call)) }),
    "apps/update-webhook-config-for-app": (call) => {
      const app = appOf(call);
      setWebhookUrl(call.world, app, textOf(call.body, "url") ?? app.webhookUrl);
      return { status: 200, body: shapeConfig(read(call.world, "apps", app)) };
    },
  };
}

function listDeliveries(webhooks: Webhooks, call: Call): Answer {
  const { query } = call;
  const status = query.get("status");
  const page: Parameters<typeof pageAttempts>[1] = {
    cursor: query.get("cursor") ?? undefined,
    perPage: Number(query.get("per_page") ?? 30),
    status: status === "success" || status === "failure" ? status : undefined,
  };
  const attempts = listAttempts(webhooks, appOf(call));
  try {
    const { items, next } = pageAttempts(attempts, page);
    if (next === undefined) return { status: 200, body: items };
    const following = new URLSearchParams(query);
    following.set("cursor", next);
    const link = `<${call.world.addresses.api}/app/hook/deliveries?${following.toString()}>; rel="next"`;
    return { status: 200, body: items, headers: { link } };
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal(422, error.message);
    throw error;
  }
}

/** GitHub never shows the secret again. */
function shapeConfig({ webhookUrl }: App): unknown {
  return {
    content_type: "json",
    insecure_ssl: "0",
    secret: "********",
    ...(webhookUrl === undefined ? {} : { url: webhookUrl }),
  };
}
