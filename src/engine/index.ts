export { createEnginePool, createRenderEngine } from "./render-engine.ts";
export type { EnginePool, EnginePoolOptions, RenderEngineOptions } from "./render-engine.ts";
export { ENGINE_NAMES, POLICY_ENGINE_NAMES } from "./engine-modules.ts";
export { createPolicyEngine } from "./policy-engine.ts";
