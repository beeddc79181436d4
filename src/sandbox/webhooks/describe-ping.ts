import type { App } from "../world/entities.ts";
import type { World } from "../world/store.ts";
import type { Json } from "./shapes/json.ts";

/** What GitHub sends when an App's webhook is set up. */
export function describePing(world: World, app: App): Json {
  return {
    zen: "Responsive is better than fast.",
    hook_id: app.id,
    hook: {
      type: "App",
      id: app.id,
      name: "web",
      active: true,
      events: app.events,
      config: { content_type: "json", insecure_ssl: "0", secret: "********", url: app.webhookUrl ?? "" },
      updated_at: app.createdAt,
      created_at: app.createdAt,
      app_id: app.id,
      deliveries_url: `${world.addresses.api}/app/hook/deliveries`,
    },
  };
}
