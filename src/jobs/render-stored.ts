import type { Report } from "../model/index.ts";
import { limitFindings, renderJson, renderPageBody } from "../report/index.ts";
import type { StoredReport } from "./ports.ts";

/** Rendered once, when the report is made, by the version that made it. */
export function renderStored(whole: Report): StoredReport {
  const report = limitFindings(whole);
  return { body: renderPageBody(report), json: renderJson(report) };
}
