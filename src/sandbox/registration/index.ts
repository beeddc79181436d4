export { serveRegistration } from "./serve-registration.ts";
