import type { Report } from "../model/index.ts";
import type { HtmlAssets } from "./html/render-html.ts";
import { renderHtml } from "./html/render-html.ts";
import { renderJson } from "./json/render-json.ts";
import type { MarkdownReportOptions } from "./markdown/render-markdown.ts";
import { limitFindings } from "./limit-findings.ts";
import { renderMarkdown } from "./markdown/render-markdown.ts";
import { renderSarif } from "./sarif/render-sarif.ts";
import type { TextReportOptions } from "./text/render-text.ts";
import { renderText } from "./text/render-text.ts";

export const REPORT_FORMATS = ["text", "markdown", "json", "sarif", "html"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export interface ReportOptions {
  readonly text?: TextReportOptions;
  readonly markdown?: MarkdownReportOptions;
  /** Needed for `html` alone; `loadReportAssets` reads them. */
  readonly assets?: HtmlAssets;
}

/** Writes a report in one format, with as many findings as there is room for. Pure: the same report and options give the same bytes. Throws for HTML without assets. */
export function renderReport(whole: Report, format: ReportFormat, options: ReportOptions = {}): string {
  // Markdown and SARIF have less room, and say themselves what they leave out.
  const report = limitFindings(whole);
  switch (format) {
    case "text":
      return renderText(report, options.text);
    case "markdown":
      return renderMarkdown(whole, options.markdown);
    case "json":
      return renderJson(report);
    case "sarif":
      return renderSarif(whole);
    case "html":
      if (options.assets === undefined) throw new TypeError("An HTML report needs its assets");
      return renderHtml(report, options.assets);
    default:
      return format satisfies never;
  }
}
