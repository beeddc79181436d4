import type { HttpBindings } from "@hono/node-server";
import type { Context, Hono } from "hono";

export interface WebEnvironment {
  Bindings: HttpBindings;
}

export type WebApp = Hono<WebEnvironment>;
export type WebContext = Context<WebEnvironment>;
