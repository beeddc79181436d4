export { createRenderEngine } from "./render-engine.ts";
export type { RenderEngineOptions } from "./render-engine.ts";
export { ENGINE_NAMES } from "./engine-modules.ts";
