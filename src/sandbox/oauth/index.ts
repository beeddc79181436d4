export { createOAuth, serveOAuth, type OAuth } from "./serve-oauth.ts";
