export { nodeId, type Shape as Json } from "../../shapes/node-id.ts";
