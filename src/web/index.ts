export { createWebServer, type WebServer, type WebServerParts } from "./create-web-server.ts";
export type { Readiness, ReadinessPart } from "./health.ts";
export type { DoctorSource } from "./add-doctor.ts";
export { createMetrics, type Metrics, type QueueFacts } from "./metrics.ts";
export {
  createSetupServer,
  SETUP_CALLBACK_PATH,
  type MadeApp,
  type SetupServerParts,
} from "./setup/create-setup-server.ts";
