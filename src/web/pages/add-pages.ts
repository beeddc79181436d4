import type { WebApp } from "../web-app.ts";

/** Every page of the server, for a visitor who may read it. */
export function addPages(app: WebApp): void {
  app.notFound((context) => context.text("There is no such page.\n", 404));
}
