export { openDatabase } from "./open-database.ts";
export type { Database, DatabaseOptions } from "./open-database.ts";
export type { PullRequestStory, QueueFigures } from "./figures.ts";
