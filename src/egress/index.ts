export type { ProxySettings } from "./choose-route.ts";
export { createEgress, type EgressOptions } from "./create-egress.ts";
