import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { renderMarkdown } from "../../../src/report/markdown/render-markdown.ts";
import { renderText } from "../../../src/report/text/render-text.ts";
import { makeApp, makeChange, makeFailure, makeLocation, makeReport, makeResource } from "../../fakes/reports.ts";

const failure = makeFailure({
  message: "gone.yaml is not there.",
  location: makeLocation("base/kustomization.yaml", 6),
});
const overlays = Array.from({ length: 40 }, (_, index) => makeApp(`overlays/${index}`, { failure }));

describe("apps that one cause breaks", () => {
  test("are told once, with the cause once and the rest counted", () => {
    const text = renderText(makeReport({ apps: overlays }), { width: 200 });
    assert.equal(text.split("gone.yaml is not there.").length, 2);
    assert.match(text, /overlays\/0, .*overlays\/4, and 35 more apps \(render\)/u);
    const markdown = renderMarkdown(makeReport({ apps: overlays }));
    assert.match(markdown, /^- \*\*Do not render\*\*: .* and 37 more apps: /mu);
  });

  test("stand apart where their causes differ", () => {
    const other = makeApp("overlays/other", { failure: { ...failure, message: "Something else." } });
    const text = renderText(makeReport({ apps: [...overlays.slice(0, 1), other] }), { width: 200 });
    assert.equal(text.split("✗").length, 3);
  });
});

test("a risk names every resource it is about", () => {
  const risks = [{ id: "prune-data", level: "high", message: "Is deleted." }] as const;
  const changes = ["dev", "test"].map((name) =>
    makeChange(makeResource("Namespace", name, ""), { action: "removed", risks, likeness: "same" }),
  );
  const report = makeReport({ apps: [makeApp("namespaces", { changes })] });
  assert.match(renderText(report, { width: 200 }), /!! Namespace dev and Namespace test: Is deleted\./u);
  assert.match(renderMarkdown(report), /`Namespace dev` and `Namespace test`: Is deleted\./u);
});
