export { createRenderEngine } from "./render-engine.ts";
export type { RenderEngineOptions } from "./render-engine.ts";
