export { createEnginePool, createRenderEngine } from "./render-engine.ts";
export type { EnginePool, EnginePoolOptions, RenderEngineOptions } from "./render-engine.ts";
export { ENGINE_NAMES } from "./engine-modules.ts";
