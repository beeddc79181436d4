import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decideEnvironments, findCounterpart, findStanding } from "../../../src/environments/index.ts";
import type { EnvironmentFacts, PromotedItem, RuleResult, TrackedApp } from "../../../src/model/index.ts";
import { change, changedApp, makeFacts, NOW, readRules } from "../../fakes/environment-facts.ts";

const HOUR = 3_600_000;
const RULES = readRules(`environments:
  dev: {}
  staging-eu: { from: [dev] }
  staging-us: { from: [dev] }
  prod: { from: [staging-eu, staging-us], promotion: { soak: 24h } }
`);
const ONE = readRules("environments: { staging: {}, prod: { from: [staging], promotion: { soak: 24h } } }");

/** An image that has stood in staging for two days. */
function item(parts: Partial<PromotedItem> = {}): PromotedItem {
  return {
    ...{ app: "kustomize:prod", what: "image web of Deployment/web", value: "web:2", counterpart: "kustomize:staging" },
    ...{ stands: "web:2", since: NOW - 48 * HOUR, arrives: false, ...parts },
  };
}

function promoted(items: readonly PromotedItem[], parts: Partial<EnvironmentFacts> = {}): EnvironmentFacts {
  const promotions = [{ environment: "prod", from: "staging", items, problem: undefined }];
  return makeFacts({ changes: [change("prod")], promotions, ...parts });
}

function judge(facts: EnvironmentFacts, rules = ONE): RuleResult {
  const found = decideEnvironments(facts, rules).results.find(({ rule }) => rule === "promotion-order");
  assert.ok(found);
  return found;
}

describe("promotion order", () => {
  it("lets in what has stood in the environment before for long enough", () => {
    assert.equal(judge(promoted([item()])).state, "passed");
    assert.equal(judge(promoted([item({ since: NOW - 24 * HOUR })])).state, "passed");
  });

  it("lists what lies outside of the tracked fields, which passes", () => {
    const named = ["ConfigMap/web (added)", "Deployment/web spec.replicas"];
    const app = changedApp("kustomize:prod", { untracked: { named, total: 4 } });
    const files = [{ path: "prod/run.sh", blob: "1" }];
    const facts = promoted([], { changes: [{ environment: "prod", apps: [app], files }] });
    const { state, notes } = judge(facts);
    assert.equal(state, "passed");
    assert.deepEqual(notes, [
      "Not tracked in kustomize:prod, and passes: ConfigMap/web (added), Deployment/web spec.replicas, 2 more.",
      "prod/run.sh is not tracked, and passes.",
    ]);
    const whole = "environments: { staging: { branch: a }, prod: { branch: b, from: [staging] } }";
    assert.deepEqual(judge(facts, readRules(whole)).notes, []);
  });

  it("waits for the soak to the millisecond, and says when it is over", () => {
    const since = NOW - 24 * HOUR + 1;
    const soaking = judge(promoted([item({ since }), item({ what: "image api of Deployment/api" })]));
    assert.deepEqual([soaking.state, soaking.changesAt], ["waiting", since + 24 * HOUR]);
    assert.equal(judge(promoted([item({ since })], { now: since + 24 * HOUR })).state, "passed");
  });

  it("T25: keeps out what differs from what stands there, however it came to", () => {
    assert.equal(judge(promoted([item({ stands: "web:1", since: undefined })])).state, "waiting");
    const both = judge(promoted([item(), item({ what: "image api of Deployment/api", stands: "api:1" })]));
    assert.match(both.says, /does not stand in staging/u);
  });

  it("T25: an equal value that nobody has seen there yet has not soaked", () => {
    assert.equal(judge(promoted([item({ since: undefined })])).state, "waiting");
  });

  it("T25: an empty difference proves nothing: it passes, and says that nothing was promoted", () => {
    const { state, says } = judge(promoted([]));
    assert.equal(state, "passed");
    assert.match(says, /^Nothing that is tracked enters/u);
  });

  it("T26: asks a rollback what it asks of all: what was in prod before is not known to be good now", () => {
    const { pullRequest } = makeFacts();
    const rollback = { ...pullRequest, kind: "rollback", headRef: "revert-7" } as const;
    const facts = promoted([item({ value: "web:1", stands: "web:2", since: undefined })], { pullRequest: rollback });
    assert.equal(judge(facts).state, "waiting");
  });

  it("lists what has no counterpart, and lets it pass", () => {
    const { state, notes } = judge(promoted([item({ counterpart: undefined, stands: undefined, since: undefined })]));
    assert.equal(state, "passed");
    assert.match(notes.join(), /has no counterpart in staging, and passes/u);
  });

  it("is unknown where nobody looked, or what stands there could not be read", () => {
    assert.equal(judge(promoted([item()], { promotions: [] })).state, "unknown");
    const problem = { environment: "prod", from: "staging", items: [], problem: "it does not render" };
    assert.equal(judge(promoted([], { promotions: [problem] })).state, "unknown");
  });

  it("asks each of several environments side by side", () => {
    const from = (name: string, parts: Partial<PromotedItem>) => {
      return { environment: "prod", from: name, items: [item(parts)], problem: undefined };
    };
    const states = (us: Partial<PromotedItem>): readonly string[] =>
      decideEnvironments(
        makeFacts({ promotions: [from("staging-eu", {}), from("staging-us", us)] }),
        RULES,
      ).results.map(({ state }) => state);
    assert.deepEqual(states({}), ["passed", "passed"]);
    assert.deepEqual(states({ stands: "web:1", since: undefined }), ["waiting", "passed"]);
  });

  it("lets one file bring the same to both, and only that", () => {
    const shared = ["base/web.yaml"];
    const facts = (causes: readonly string[], before: readonly string[], arrives: boolean): EnvironmentFacts =>
      promoted([item({ stands: "web:1", since: undefined, arrives })], {
        changes: [
          change("staging", changedApp("kustomize:staging", { causes: before })),
          change("prod", changedApp("kustomize:prod", { causes })),
        ],
      });
    assert.equal(judge(facts(shared, shared, true)).state, "passed");
    assert.equal(judge(facts(shared, shared, false)).state, "waiting");
    assert.equal(judge(facts([...shared, "overlays/prod/k.yaml"], shared, true)).state, "waiting");
    assert.equal(judge(facts([], [], true)).state, "waiting");
  });

  it("keeps titles short, whatever is promoted", () => {
    const long = item({ value: `registry.example/${"x".repeat(200)}:1`, stands: "y:1" });
    assert.ok(judge(promoted([long])).title.length <= 45);
  });
});

const app = (id: string, parts: Partial<TrackedApp> = {}): TrackedApp => {
  return { id, environment: undefined, places: [id.slice(id.indexOf(":") + 1)], values: [], ...parts };
};

describe("the counterpart of an app", () => {
  const environment = (name: string, ...patterns: readonly string[]) => {
    const paths = patterns.map((pattern) => ({ pattern, matches: () => false }));
    return { name, paths };
  };
  const find = (id: string, others: readonly string[], pairing?: string): string | undefined =>
    findCounterpart(
      app(id),
      environment("prod", "clusters/production/**"),
      environment("staging", "clusters/stage/**"),
      pairing,
      others.map((other) => app(other)),
    )?.id;

  it("has its id with the other environment's name as a word", () => {
    assert.equal(find("kustomize:web/prod", ["kustomize:web/staging"]), "kustomize:web/staging");
    assert.equal(find("helm:web#values-prod.yaml", ["helm:web#values-staging.yaml"]), "helm:web#values-staging.yaml");
    assert.equal(find("kustomize:web/production", ["kustomize:web/staginguction"]), undefined);
    assert.equal(find("kustomize:prod-tools/prod", ["kustomize:prod-tools/staging"]), "kustomize:prod-tools/staging");
  });

  it("lies in the other environment's folder, or has the same id on another branch", () => {
    assert.equal(
      find("kustomize:clusters/production/web", ["kustomize:clusters/stage/web"]),
      "kustomize:clusters/stage/web",
    );
    assert.equal(find("plain:web", ["plain:web"]), "plain:web");
  });

  describe("where the paths of environments hold stars", () => {
    const findStarred = (id: string, others: readonly string[], to = "clusters/p-*", from = "clusters/s-*") =>
      findCounterpart(
        app(id),
        environment("production", to),
        environment("staging", from),
        undefined,
        others.map((other) => app(other)),
      )?.id;

    it("has what stands for the stars", () => {
      const web = "kustomize:clusters/s-eu/web";
      const others = [web, "kustomize:clusters/s-us/web", "kustomize:clusters/s-eu/api"];
      assert.equal(findStarred("kustomize:clusters/p-eu/web", others), web);
      assert.equal(findStarred("kustomize:clusters/p-eu/web", others, "clusters/p-*/**", "clusters/s-*/**"), web);
      const regions = ["kustomize:regions/eu/stage/web", "kustomize:regions/us/stage/web"];
      const found = findStarred("kustomize:regions/us/prod/web", regions, "regions/*/prod/**", "regions/*/stage/**");
      assert.equal(found, regions[1]);
    });

    it("is the only one in its place where the stars stand for something else", () => {
      const others = ["kustomize:clusters/s-1/web", "kustomize:clusters/s-1/api"];
      assert.equal(findStarred("kustomize:clusters/p-eu/web", others), others[0]);
      assert.equal(findStarred("kustomize:clusters/p-eu/web", [...others, "kustomize:clusters/s-2/web"]), undefined);
      assert.equal(findStarred("helm:clusters/p-eu/web", others), undefined);
    });

    it("is none where the stars may name apps", () => {
      const api = ["kustomize:apps/api/overlays/staging"];
      const overlays = ["apps/*/overlays/prod", "apps/*/overlays/staging"] as const;
      assert.equal(findStarred("kustomize:apps/web/overlays/prod", api, ...overlays), undefined);
      assert.equal(findStarred("kustomize:p/web", ["kustomize:s/api"], "p/*", "s/*"), undefined);
      assert.equal(findStarred("kustomize:p/web/eu", ["kustomize:s/api/eu"], "p/*", "s/*"), undefined);
      assert.equal(findStarred("kustomize:apps/p-web", ["kustomize:apps/s-api"], "apps/p-*", "apps/s-*"), undefined);
      const teams = ["teams/t-*/p", "teams/t-*/s"] as const;
      assert.equal(findStarred("kustomize:teams/t-1/p/web", ["kustomize:teams/t-2/s/web"], ...teams), undefined);
    });

    it("is none where one name holds several stars, and that is seen at once", () => {
      const [to, from] = [`${"*a".repeat(200)}*`, `${"*a".repeat(200)}b`];
      const begun = performance.now();
      assert.equal(findStarred(`kustomize:${"a".repeat(255)}`, [`kustomize:${"a".repeat(254)}b`], to, from), undefined);
      assert.ok(performance.now() - begun < 1000, `${performance.now() - begun} ms`);
    });

    it("has a name that no pattern takes for more than a name", () => {
      assert.equal(
        findStarred("kustomize:a.b/p-1/web", ["kustomize:a.b/s-1/web"], "a.b/p-*", "a.b/s-*"),
        "kustomize:a.b/s-1/web",
      );
      assert.equal(findStarred("kustomize:aXb/p-1/web", ["kustomize:aXb/s-1/web"], "a.b/p-*", "a.b/s-*"), undefined);
      assert.equal(
        findStarred("kustomize:c/p-1/web", ["kustomize:c/s-1/web"], "c/{p-1,p-2}", "c/{s-1,s-2}"),
        undefined,
      );
    });
  });

  it("is told by the config's pattern alone, where there is one", () => {
    const pairing = "apps/{app}/overlays/{env}";
    const web = "kustomize:apps/web/overlays/staging";
    assert.equal(find("kustomize:apps/web/overlays/prod", [web], pairing), web);
    assert.equal(find("kustomize:apps/api/overlays/prod", [web], pairing), undefined);
    assert.equal(find("kustomize:prod/web", ["kustomize:staging/web"], pairing), undefined);
  });
});

describe("what stands in place of a value", () => {
  const image = (what: string, value: string, kin = "web") => ({ sort: "image", what, value, kin }) as const;
  const find = (what: string, others: readonly ReturnType<typeof image>[]): readonly string[] =>
    findStanding(image(what, "web:2"), "prod", "staging", others).map(({ value }) => value);

  it("has its name, or one that differs by the environment's", () => {
    const others = [
      image("image web of Deployment/staging-web", "web:1"),
      image("image web of Deployment/web", "web:3"),
    ];
    assert.deepEqual(find("image web of Deployment/prod-web", others), ["web:1"]);
    assert.deepEqual(find("image web of Deployment/web", others), ["web:3"]);
  });

  it("is the same image under any other name: renaming a container hides nothing", () => {
    assert.deepEqual(find("image new of Deployment/other", [image("image web of Deployment/web", "web:1")]), ["web:1"]);
    assert.deepEqual(find("image new of Deployment/other", [image("image db of Deployment/db", "db:1", "db")]), []);
  });
});
